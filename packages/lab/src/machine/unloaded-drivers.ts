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
  const array = world.nonPagedPool.allocate(slots * world.profile.unloadedDriver.size, 0x40);
  world.writePointer(loaded.address('nt!MmUnloadedDrivers'), array);
  for (const [index, facts] of oldestFirst.entries())
    writeUnloadedDriver(world, loaded, { array, index }, facts);
}

/** Writes the newest entry of the list; `index`: how many there were before it. */
export function writeUnloadedDriver(
  world: KernelWorld,
  loaded: LoadedImages,
  { array, index }: { readonly array: Va; readonly index: number },
  { name, start, end, time }: UnloadedDriverFacts,
): void {
  const structure = world.profile.unloadedDriver;
  const entry = world.view(structure, array + BigInt((index % slots) * structure.size));
  entry.setAll({ StartAddress: start, EndAddress: end, CurrentTime: time });
  world.writeUnicodeString(entry.at('Name'), name);
  world.space.write(loaded.address('nt!MmLastUnloadedDriver'), u32Bytes((index + 1) % slots));
}
