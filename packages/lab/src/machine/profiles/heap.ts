import { type BuildFacts, profileFromTables } from './from-tables.ts';
import type { KernelProfile } from './profile.ts';
import { x64Windows19041 } from './x64-19041.ts';

/**
 * Kernels of x64 whose pool is a segment heap, beside 19041, which has a profile of its own. Structures come from the tables
 * that the engine shares; the regions begin where such systems could have put them.
 */
const builds: readonly BuildFacts[] = [
  {
    architecture: 'x64',
    build: 18_362,
    version: [10, 0],
    buildLab: '18362.1.amd64fre.19h1_release.190318-1202',
    debuggerDataSize: 0x380,
    addresses: {
      kernelImage: 0xffff_f807_4ca0_0000n,
      halImage: 0xffff_f807_4c95_6000n,
      driverImages: 0xffff_f807_5160_0000n,
      nonPagedPool: 0xffff_b58c_4d60_0000n,
      pagedPool: 0xffff_8306_1a40_0000n,
      stacks: 0xffff_f90f_3f20_0000n,
      processors: 0xffff_a200_9d40_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_d41c_4000_0000n,
      userImage: 0x0000_7ffc_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: 0x18e,
    },
  },
  {
    architecture: 'x64',
    build: 20_348,
    version: [10, 0],
    buildLab: '20348.1.amd64fre.fe_release.210507-1500',
    debuggerDataSize: 0x380,
    addresses: {
      kernelImage: 0xffff_f806_3240_0000n,
      halImage: 0xffff_f806_3239_6000n,
      driverImages: 0xffff_f806_4160_0000n,
      nonPagedPool: 0xffff_ac0f_4d60_0000n,
      pagedPool: 0xffff_bd8b_1a40_0000n,
      stacks: 0xffff_de86_3f20_0000n,
      processors: 0xffff_8f00_9d40_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_9d1c_4000_0000n,
      userImage: 0x0000_7ffe_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: 0x1d6,
    },
  },
  {
    architecture: 'x64',
    build: 22_000,
    version: [10, 0],
    buildLab: '22000.1.amd64fre.co_release.210604-1628',
    debuggerDataSize: 0x380,
    addresses: {
      kernelImage: 0xffff_f802_6e60_0000n,
      halImage: 0xffff_f802_6e59_6000n,
      driverImages: 0xffff_f802_7160_0000n,
      nonPagedPool: 0xffff_c88d_4d60_0000n,
      pagedPool: 0xffff_a60c_1a40_0000n,
      stacks: 0xffff_f48f_3f20_0000n,
      processors: 0xffff_d000_9d40_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_b91c_4000_0000n,
      userImage: 0x0000_7ff8_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: 0x1b2,
    },
  },
];

const made = new Map<BuildFacts, KernelProfile>();

/** The profile of a build whose pool is a segment heap; undefined when the lab has none. */
export function heapProfile(architecture: string, build: number): KernelProfile | undefined {
  const facts = builds.find((each) => each.architecture === architecture && each.build === build);
  if (facts === undefined) return undefined;
  const profile = made.get(facts) ?? profileFromTables(facts);
  made.set(facts, profile);
  return profile;
}

/** Builds of a processor whose pool is a segment heap, oldest first. */
export const heapBuilds = (architecture: string): number[] =>
  [...builds, ...(architecture === 'x64' ? [{ ...x64Windows19041, architecture }] : [])]
    .filter((each) => each.architecture === architecture)
    .map(({ build }) => build)
    .sort((a, b) => a - b);
