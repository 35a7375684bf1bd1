import type { KernelAddress } from '../../pool/kernel-address.ts';
import type { PoolMemory } from '../../pool/pool-memory.ts';

const randomBytes = 0x100;

/**
 * nt!RtlpLowFragHeapRandomData: bytes below 0x80 that are read one after the other. Windows keeps the place of each thread;
 * here the machine has one.
 */
export class LfhRandom {
  readonly #memory: PoolMemory;
  readonly #data: KernelAddress;
  #place = 0;

  constructor(memory: PoolMemory, data: KernelAddress) {
    this.#memory = memory;
    this.#data = data;
  }

  next(): number {
    const value = this.#memory.readU8(this.#data + this.#place);
    this.#place = (this.#place + 1) % randomBytes;
    return value;
  }
}

/** Fills the data. @param random a number below the limit it is given */
export function fillRandomData(
  memory: PoolMemory,
  data: KernelAddress,
  random: (limit: number) => number,
): void {
  for (let at = 0; at < randomBytes; at++) memory.writeU8(data + at, random(0x80));
}

/** Every block of a window of 32 may be chosen: the widths of real builds are not known. */
const wholeWindow = 64;

export function fillSearchWidths(memory: PoolMemory, widths: KernelAddress, buckets: number): void {
  for (let bucket = 0; bucket < buckets; bucket++) memory.writeU8(widths + bucket, wholeWindow);
}
