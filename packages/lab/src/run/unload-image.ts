import { assert, readU64 } from '@poolscope/engine/base';
import type { BootedKernel } from '../machine/kernel-boot.ts';
import { crashTimes } from '../machine/story.ts';
import { writeUnloadedDriver } from '../machine/unloaded-drivers.ts';
import type { Cpu } from './cpu.ts';
import type { Driver } from './driver.ts';

/** How long before the crash, in 100 ns. */
const halfMinute = 300_000_000n;

/** Takes the image of a driver out of memory, and puts it on the list of those that were there. */
export function unloadImage(kernel: BootedKernel, cpu: Cpu, { name }: Driver): void {
  const { world, loaded, unloadedDrivers } = kernel;
  const gone = loaded.list.find(({ image }) => image.spec.module === name);
  assert(gone !== undefined, `driver ${name} is in memory`);
  const { image } = gone;
  const start = image.spec.base;
  const end = start + BigInt(image.size);
  loaded.unload(world, gone);
  cpu.forget(image);
  const array = readU64(world.space.read(loaded.address('nt!MmUnloadedDrivers'), 8), 0);
  const facts = { name: image.spec.name, start, end, time: crashTimes.systemTime - halfMinute };
  writeUnloadedDriver(world, loaded, { array, index: unloadedDrivers.length }, facts);
  unloadedDrivers.push(facts);
}
