import { sharedX86Structure, x86Profiles } from '@poolscope/engine/layouts';
import type { Architecture } from '../image/image-spec.ts';
import { arm64Paging, paePaging, x86Paging } from '../memory/paging-format.ts';
import { arm64Platform } from './arm64/platform.ts';
import { type ChosenPlatform, choosePlatform, type ProcessorKind } from './choose-platform.ts';
import type { MachineOptions } from './machine.ts';
import { type ProcessorTables, useTables } from './structure-table.ts';
import { x86Platform, x86PlatformOf } from './x86/platform.ts';

const others: Partial<Record<Architecture, ProcessorKind>> = {
  x86: { platform: x86Platform, pagings: [paePaging, x86Paging], of: x86PlatformOf },
  arm64: { platform: arm64Platform, pagings: [arm64Paging] },
};

const x86Tables: ProcessorTables = { profiles: x86Profiles, shared: sharedX86Structure };

/** The platform of a machine of any processor. */
export function platformFor(options: MachineOptions): ChosenPlatform {
  useTables('x86', x86Tables);
  return choosePlatform(options, others[options.architecture ?? 'x64']);
}
