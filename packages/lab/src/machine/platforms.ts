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
import { x64Platform } from './x64/platform.ts';
import { x86Platform } from './x86/platform.ts';

/** The processors that Windows runs on, and their paging formats; the first is the usual one. */
const platforms: Record<Architecture, { platform: Platform; pagings: readonly PagingFormat[] }> = {
  x64: { platform: x64Platform, pagings: [x64Paging, la57Paging] },
  x86: { platform: x86Platform, pagings: [paePaging, x86Paging] },
  arm64: { platform: arm64Platform, pagings: [arm64Paging] },
};

export function platformFor({ architecture = 'x64', paging }: MachineOptions): {
  platform: Platform;
  paging: PagingFormat;
} {
  const found = platforms[architecture];
  const format = paging === undefined ? found.pagings[0] : found.pagings.find(({ name }) => name === paging);
  checkOption(format !== undefined, `${architecture} has no ${paging} page tables`);
  return { platform: found.platform, paging: format };
}
