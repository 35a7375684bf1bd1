import { type BuildFacts, profileFromTables } from './from-tables.ts';
import type { KernelProfile } from './profile.ts';

/**
 * Kernels that keep classic pool: Windows 7 to Windows 10 1809. Structures come from the tables that the engine shares;
 * what they lack was seen in the builds before and after. Up to Windows 8.1 kernel memory has fixed places: the regions
 * begin where those systems put them, and entry 0x1ed of the root table points to the root.
 */

/** KAPC_STATE.Process and CLIENT_ID, the same in all builds, and KPRCB.CpuType, the same before and after. */
const offsetsOf9200 = {
  '_KTHREAD.ApcState.Process': 0xb8,
  '_ETHREAD.Cid.UniqueProcess': 0x398,
  '_ETHREAD.Cid.UniqueThread': 0x3a0,
  '_KPRCB.CpuType': 0x5f0,
};

const offsetsOf7601X86 = {
  '_KTHREAD.ApcState.Process': 0x50,
  '_ETHREAD.Cid.UniqueProcess': 0x22c,
  '_ETHREAD.Cid.UniqueThread': 0x230,
  '_KPRCB.CpuType': 0x14,
};

const fixedSelfMap = 0x1ed;

/** Windows 7 and 8 on x64. */
const regionsOf7 = {
  driverImages: 0xffff_f880_0160_0000n,
  nonPagedPool: 0xffff_fa80_00c0_0000n,
  pagedPool: 0xffff_f8a0_0000_0000n,
  stacks: 0xffff_f880_0310_0000n,
  processors: 0xffff_f880_009b_0000n,
  specialPool: 0xffff_f980_0010_0000n,
  pfnDatabase: 0xffff_fa80_0000_0000n,
  sharedData: 0xffff_f780_0000_0000n,
  sessionSpace: 0xffff_f900_c000_0000n,
  selfMapSlot: fixedSelfMap,
} as const;

const builds: readonly BuildFacts[] = [
  {
    architecture: 'x64',
    build: 7601,
    version: [6, 1],
    buildLab: '7601.18741.amd64fre.win7sp1_gdr.150202-1526',
    debuggerDataSize: 0x340,
    addresses: {
      ...regionsOf7,
      kernelImage: 0xffff_f800_02a4_b000n,
      halImage: 0xffff_f800_02a0_2000n,
      userImage: 0x0000_0000_77a4_0000n,
      userStack: 0x0000_0000_0023_0000n,
    },
  },
  {
    architecture: 'x64',
    build: 9200,
    version: [6, 2],
    buildLab: '9200.16384.amd64fre.win8_rtm.120725-1247',
    debuggerDataSize: 0x360,
    offsets: offsetsOf9200,
    addresses: {
      ...regionsOf7,
      kernelImage: 0xffff_f803_7200_a000n,
      halImage: 0xffff_f803_71f9_e000n,
      userImage: 0x0000_07fc_4fe2_0000n,
      userStack: 0x0000_0000_004d_0000n,
    },
  },
  {
    architecture: 'x64',
    build: 9600,
    version: [6, 3],
    buildLab: '9600.17415.amd64fre.winblue_r4.141028-1500',
    debuggerDataSize: 0x360,
    addresses: {
      kernelImage: 0xffff_f802_d4a0_c000n,
      halImage: 0xffff_f802_d49a_0000n,
      driverImages: 0xffff_f800_00a0_0000n,
      nonPagedPool: 0xffff_e000_00c0_0000n,
      pagedPool: 0xffff_c000_0000_0000n,
      stacks: 0xffff_d000_2110_0000n,
      processors: 0xffff_d001_c8f0_0000n,
      specialPool: 0xffff_cf80_0010_0000n,
      pfnDatabase: 0xffff_fa80_0000_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_f900_c000_0000n,
      userImage: 0x0000_7ff9_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: fixedSelfMap,
    },
  },
  {
    architecture: 'x64',
    build: 14_393,
    version: [10, 0],
    buildLab: '14393.693.amd64fre.rs1_release.161220-1747',
    debuggerDataSize: 0x368,
    addresses: {
      kernelImage: 0xffff_f800_4d60_8000n,
      halImage: 0xffff_f800_4d59_c000n,
      driverImages: 0xffff_f80d_2160_0000n,
      nonPagedPool: 0xffff_8a0c_4d60_0000n,
      pagedPool: 0xffff_cd06_1a40_0000n,
      stacks: 0xffff_a501_3f20_0000n,
      processors: 0xffff_b780_9d40_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_9e5c_4000_0000n,
      userImage: 0x0000_7ffb_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: 0x1c5,
    },
  },
  {
    architecture: 'x64',
    build: 17_763,
    version: [10, 0],
    buildLab: '17763.1.amd64fre.rs5_release.180914-1434',
    debuggerDataSize: 0x380,
    addresses: {
      kernelImage: 0xffff_f801_0f60_5000n,
      halImage: 0xffff_f801_0f59_9000n,
      driverImages: 0xffff_f80a_2160_0000n,
      nonPagedPool: 0xffff_c68f_4d60_0000n,
      pagedPool: 0xffff_9381_1a40_0000n,
      stacks: 0xffff_fd0a_3f20_0000n,
      processors: 0xffff_e500_9d40_0000n,
      sharedData: 0xffff_f780_0000_0000n,
      sessionSpace: 0xffff_a35c_4000_0000n,
      userImage: 0x0000_7ffa_1c2d_0000n,
      userStack: 0x0000_0049_e0cf_0000n,
      selfMapSlot: 0x19d,
    },
  },
  {
    architecture: 'x86',
    build: 7601,
    version: [6, 1],
    buildLab: '7601.17514.x86fre.win7sp1_rtm.101119-1850',
    debuggerDataSize: 0x340,
    offsets: offsetsOf7601X86,
    addresses: {
      kernelImage: 0xffff_ffff_82a4_4000n,
      halImage: 0xffff_ffff_82a0_d000n,
      driverImages: 0xffff_ffff_8be0_0000n,
      nonPagedPool: 0xffff_ffff_8540_0000n,
      pagedPool: 0xffff_ffff_9140_0000n,
      stacks: 0xffff_ffff_8d60_0000n,
      processors: 0xffff_ffff_807c_0000n,
      sharedData: 0xffff_ffff_ffdf_0000n,
      userImage: 0x77a4_0000n,
      userStack: 0x00c7_e000n,
      selfMapSlot: 0,
    },
  },
];

const made = new Map<BuildFacts, KernelProfile>();

/** The profile of a build that keeps classic pool; undefined when the lab has none. */
export function classicProfile(architecture: string, build: number): KernelProfile | undefined {
  const facts = builds.find((each) => each.architecture === architecture && each.build === build);
  if (facts === undefined) return undefined;
  const profile = made.get(facts) ?? profileFromTables(facts);
  made.set(facts, profile);
  return profile;
}

/** Builds of a processor that keep classic pool, oldest first. */
export const classicBuilds = (architecture: string): number[] =>
  builds.filter((each) => each.architecture === architecture).map(({ build }) => build);
