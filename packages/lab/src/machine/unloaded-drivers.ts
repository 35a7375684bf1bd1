import type { Va } from '@poolscope/engine/base';
import { u32Bytes } from '../bytes/integers.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';

export interface UnloadedDriverFacts {
  readonly name: string;
  readonly start: Va;
  readonly end: Va;
  /** FILETIME. */
  readonly time: bigint;
}

/** Entries of the array that nt!MmUnloadedDrivers points to. */
const slots = 50;

/** The kernel's list of unloaded drivers: oldest first, and the index of the next entry to be written. */
export function writeUnloadedDrivers(
  world: KernelWorld,
  loaded: LoadedImages,
  oldestFirst: readonly UnloadedDriverFacts[],
): void {
  const structure = world.profile.unloadedDriver;
  const array = world.nonPagedPool.allocate(slots * structure.size, 0x40);
  for (const [index, { name, start, end, time }] of oldestFirst.entries()) {
    const entry = world.view(structure, array + BigInt(index * structure.size));
    entry.setAll({ StartAddress: start, EndAddress: end, CurrentTime: time });
    world.writeUnicodeString(entry.at('Name'), name);
  }
  world.writePointer(loaded.address('nt!MmUnloadedDrivers'), array);
  world.space.write(loaded.address('nt!MmLastUnloadedDriver'), u32Bytes(oldestFirst.length % slots));
}
