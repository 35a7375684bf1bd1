import type { KernelProfile } from './profiles/profile.ts';
import type { UnloadedDriverFacts } from './unloaded-drivers.ts';

/** When the machine crashed (FILETIME, 14 March 2023 09:26:53 UTC) and how long it had run (100 ns), a client edition. */
export const crashTimes = {
  systemTime: 0x01d9_5657_1cd4_ec80n,
  upTime: 0x2_1c8e_3fe1n,
  productType: 1,
  suiteMask: 0x110,
} as const;

/** Drivers that came and went, oldest first; one name is longer than small dumps keep. */
export function unloadedDriverFacts({ addresses }: KernelProfile): UnloadedDriverFacts[] {
  const names = ['dam.sys', 'WdBoot.sys', 'hwpolicy.sys', 'dump_storport.sys'];
  return names.map((name, index) => {
    const start = addresses.driverImages + 0x40_0000n + BigInt(index) * 0x2_0000n;
    return {
      name,
      start,
      end: start + 0x1_2000n,
      time: crashTimes.systemTime - BigInt(4 - index) * 600_000_000n,
    };
  });
}

/** Processes of the machine, and the thread of the one that crashed. */
export const processStory = {
  idle: { id: 0, parent: 0, imageName: 'Idle' },
  system: { id: 4, parent: 0, imageName: 'System', threadId: 0x0f4 },
  crashed: { id: 0x1a4c, parent: 0x0c98, imageName: 'recordsvc.exe', threadId: 0x1b20 },
} as const;
