import { checkOption } from '../check-option.ts';
import type { Architecture } from '../image/image-spec.ts';
import {
  arm64Paging,
  la57Paging,
  type PagingFormat,
  paePaging,
  x64Paging,
  x86Paging,
} from '../memory/paging-format.ts';
import { arm64Platform } from './arm64/platform.ts';
import type { MachineOptions } from './machine.ts';
import type { Platform } from './platform.ts';
import { classicBuilds, classicProfile } from './profiles/classic.ts';
import { heapBuilds, heapProfile } from './profiles/heap.ts';
import type { KernelProfile } from './profiles/profile.ts';
import { x64Platform, x64PlatformOf } from './x64/platform.ts';
import { x86Platform, x86PlatformOf } from './x86/platform.ts';

interface Processor {
  /** Of the newest build. */
  readonly platform: Platform;
  readonly pagings: readonly PagingFormat[];
  /** With the kernel of another build. */
  readonly of?: (profile: KernelProfile) => Platform;
}

/** The processors that Windows runs on, and their paging formats; the first is the usual one. */
const processors: Record<Architecture, Processor> = {
  x64: { platform: x64Platform, pagings: [x64Paging, la57Paging], of: x64PlatformOf },
  x86: { platform: x86Platform, pagings: [paePaging, x86Paging], of: x86PlatformOf },
  arm64: { platform: arm64Platform, pagings: [arm64Paging] },
};

export function platformFor({ architecture = 'x64', paging, build }: MachineOptions): {
  platform: Platform;
  paging: PagingFormat;
} {
  const { pagings } = processors[architecture];
  const format = paging === undefined ? pagings[0] : pagings.find(({ name }) => name === paging);
  checkOption(format !== undefined, `${architecture} has no ${paging} page tables`);
  const platform = platformOf(architecture, build);
  checkOption(
    format.name !== 'la57' || platform === x64Platform,
    `build ${build} has no ${format.name} page tables`,
  );
  return { platform, paging: format };
}

function platformOf(architecture: Architecture, build: number | undefined): Platform {
  const { platform, of } = processors[architecture];
  if (build === undefined || build === platform.profile.build) return platform;
  const profile = of && (classicProfile(architecture, build) ?? heapProfile(architecture, build));
  const builds = new Set([
    ...classicBuilds(architecture),
    ...heapBuilds(architecture),
    platform.profile.build,
  ]);
  const known = [...builds].join(', ');
  checkOption(of !== undefined && profile !== undefined, `${architecture} has builds ${known}, not ${build}`);
  return of(profile);
}
