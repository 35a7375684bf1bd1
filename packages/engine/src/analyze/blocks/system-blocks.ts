import type { CrashedSystem } from '../../system/index.ts';
import { productOf, windowsName } from '../../windows/index.ts';
import type { Report } from '../report.ts';
import { type Block, block, text } from './block.ts';
import { parseBuildText, windowsVersion } from './build-text.ts';

/** The bucket, which is our own signature, and what ran on the machine. */
export function systemBlocks(system: CrashedSystem, report: Report): Block[] {
  const { buildText, build, productType } = system.info;
  const name = windowsName(build, productOf(productType?.value));
  return [
    ...block('FAILURE_BUCKET_ID', text(report.signature)),
    ...block('OS_VERSION', text(versionOf(system))),
    ...block('BUILDLAB_STR', text(buildText && parseBuildText(buildText.value)?.branch)),
    ...block('OSPLATFORM_TYPE', text(system.machine)),
    ...block('OSNAME', name === 'Windows' ? undefined : text(name)),
  ];
}

/** With the revision where the kernel's own version resource is in the dump: what is installed later changes nothing else. */
function versionOf({ info, kernel, symbols }: CrashedSystem): string | undefined {
  const version = windowsVersion(info.build);
  const image = kernel === undefined ? undefined : symbols.describeImage(kernel.base)?.fileVersion;
  const revision = image === undefined ? undefined : /^\d+\.\d+\.\d+\.(\d+)/.exec(image)?.[1];
  const parts = [version, info.build, revision].filter((part) => part !== undefined);
  return version === undefined ? undefined : parts.join('.');
}
