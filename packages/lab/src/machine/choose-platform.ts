import { checkOption } from '../check-option.ts';
import type { Architecture } from '../image/image-spec.ts';
import { la57Paging, type PagingFormat, x64Paging } from '../memory/paging-format.ts';
import type { MachineOptions } from './machine.ts';
import type { Platform } from './platform.ts';
import { classicBuilds, classicProfile } from './profiles/classic.ts';
import { heapBuilds, heapProfile } from './profiles/heap.ts';
import type { KernelProfile } from './profiles/profile.ts';
import { x64Platform, x64PlatformOf } from './x64/platform.ts';

/** A processor that Windows runs on. */
export interface ProcessorKind {
  /** Of the newest build. */
  readonly platform: Platform;
  /** The first is the usual one. */
  readonly pagings: readonly PagingFormat[];
  /** With the kernel of another build. */
  readonly of?: (profile: KernelProfile) => Platform;
}

export interface ChosenPlatform {
  readonly platform: Platform;
  readonly paging: PagingFormat;
}

const x64: ProcessorKind = {
  platform: x64Platform,
  pagings: [x64Paging, la57Paging],
  of: x64PlatformOf,
};

/** What the machine of the options is made like; the processor is x64 unless another is handed in. */
export function choosePlatform(
  { architecture = 'x64', paging, build }: MachineOptions,
  kind: ProcessorKind = x64,
): ChosenPlatform {
  const { pagings } = kind;
  const format = paging === undefined ? pagings[0] : pagings.find(({ name }) => name === paging);
  checkOption(format !== undefined, `${architecture} has no ${paging} page tables`);
  const platform = platformOf(architecture, kind, build);
  checkOption(
    format.name !== 'la57' || platform === x64Platform,
    `build ${build} has no ${format.name} page tables`,
  );
  return { platform, paging: format };
}

function platformOf(
  architecture: Architecture,
  { platform, of }: ProcessorKind,
  build: number | undefined,
): Platform {
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
