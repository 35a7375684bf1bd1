import type { KernelAddress } from '../pool/kernel-address.ts';
import type { HeapParts } from './heap-parts.ts';

/** Blocks of more than 512 bytes, up to 3968, can be kept for the next request of their size. */
const [leastBlock, mostBlock] = [0x200, 0xf80];
const buckets = 64;
const firstDepth = 4;
const mostDepth = 256;
/** So many sizes, those that are asked for most, have a list: an assumption. */
const mostActive = 16;
/** Fewer requests since the last look than these are hardly any. */
const busyRequests = 25;
/** How depths change: by so much for a size that is hardly asked for, for one that hardly misses, and for any other. */
const [idleStep, calmStep, missStep] = [10, 1, 5];
const calmMisses = 0.005;

/** Steps of sizes: 16 bytes up to 1 KB, 64 up to 2 KB, then 128. Source: Bayet and Fariello, SSTIC 2020. */
export function lookasideBucket(bytes: number): number | undefined {
  if (bytes <= leastBlock || bytes > mostBlock) return undefined;
  if (bytes <= 0x400) return Math.ceil((bytes - 0x210) / 0x10);
  if (bytes <= 0x800) return 32 + Math.ceil((bytes - 0x440) / 0x40);
  return 48 + Math.ceil((bytes - 0x880) / 0x80);
}

/** The largest block of a list: all of them have to do for each request. */
export function lookasideBytes(bytes: number): number {
  if (bytes <= 0x400) return bytes;
  const step = bytes <= 0x800 ? 0x40 : 0x80;
  return Math.ceil(bytes / step) * step;
}

/** _RTL_DYNAMIC_LOOKASIDE: lists of blocks that were freed, for the sizes that are asked for most. */
export class DynamicLookasides {
  readonly #parts: HeapParts;

  constructor(parts: HeapParts) {
    this.#parts = parts;
  }

  initialize(at: KernelAddress): void {
    const { memory, layout } = this.#parts;
    memory.writeU32(at + layout.lookasides.count, buckets);
    for (let index = 0; index < buckets; index++) {
      const list = this.#list(at, index);
      memory.writeU16(list + layout.lookaside.depth, firstDepth);
      memory.writeU16(list + layout.lookaside.maximum, mostDepth);
    }
  }

  /** The data of a block that was kept. */
  pop(at: KernelAddress, bytes: number): KernelAddress | undefined {
    const { memory, layout } = this.#parts;
    const index = lookasideBucket(bytes);
    if (index === undefined) return undefined;
    const list = this.#list(at, index);
    memory.add(list + layout.lookaside.allocates, 4, 1);
    if (!this.#isEnabled(at, index)) return undefined;
    const data = this.#first(list);
    if (data !== 0) return data;
    memory.add(list + layout.lookaside.allocateMisses, 4, 1);
    return undefined;
  }

  /** False: the size has no list, or as many blocks are in it as may be. */
  push(at: KernelAddress, bytes: number, data: KernelAddress): boolean {
    const { memory, layout, trace } = this.#parts;
    const index = lookasideBucket(bytes);
    if (index === undefined || !this.#isEnabled(at, index)) return false;
    const list = this.#list(at, index);
    memory.add(list + layout.lookaside.frees, 4, 1);
    if (memory.readU16(list) >= memory.readU16(list + layout.lookaside.depth)) {
      memory.add(list + layout.lookaside.freeMisses, 4, 1);
      return false;
    }
    trace.list = list;
    trace.at('heap-lookaside', data);
    memory.writePointer(data, memory.readPointer(list + 8));
    memory.writePointer(list + 8, data);
    memory.add(list, 8, 0x1_0001);
    return true;
  }

  /** Does the size have a list that is used? */
  isEnabled(at: KernelAddress, bytes: number): boolean {
    const index = lookasideBucket(bytes);
    return index !== undefined && this.#isEnabled(at, index);
  }

  /**
   * What the balance set manager does from time to time: depths follow the use that was made of the lists, and the sizes that
   * are asked for most have one. Source of the depths: Bayet and Fariello, SSTIC 2020.
   * @param release takes the data of blocks whose list is given up
   */
  rebalance(at: KernelAddress, release: (data: KernelAddress) => void): void {
    const { memory, layout } = this.#parts;
    const uses = Array.from({ length: buckets }, (_, index) => ({ index, since: this.#adjust(at, index) }));
    const active = uses
      .filter(({ since }) => since >= busyRequests)
      .sort((a, b) => b.since - a.since || a.index - b.index)
      .slice(0, mostActive);
    const enabled = active.reduce((bits, { index }) => bits | (1n << BigInt(index)), 0n);
    const before = memory.readU64(at + layout.lookasides.enabled);
    memory.writeU64(at + layout.lookasides.enabled, enabled);
    memory.writeU32(at + layout.lookasides.active, active.length);
    for (let index = 0; index < buckets; index++)
      if (((before & ~enabled) >> BigInt(index)) % 2n !== 0n) this.#drain(this.#list(at, index), release);
  }

  /** The depth of a list by its misses since the last look; requests since then. */
  #adjust(at: KernelAddress, index: number): number {
    const { memory, layout } = this.#parts;
    const { allocates, allocateMisses, frees, lastAllocates, lastMisses, lastFrees, depth, maximum } =
      layout.lookaside;
    const list = this.#list(at, index);
    const since = (counter: number, last: number): number => {
      const now = memory.readU32(list + counter);
      const count = (now - memory.readU32(list + last)) >>> 0;
      memory.writeU32(list + last, now);
      return count;
    };
    const requests = since(allocates, lastAllocates);
    const misses = since(allocateMisses, lastMisses);
    since(frees, lastFrees);
    if (this.#isEnabled(at, index)) {
      const [now, most] = [memory.readU16(list + depth), memory.readU16(list + maximum)];
      const next = nextDepth(now, most, requests, misses);
      memory.writeU16(list + depth, Math.min(most, Math.max(firstDepth, next)));
    }
    return requests;
  }

  #drain(list: KernelAddress, release: (data: KernelAddress) => void): void {
    for (let left = this.#parts.memory.readU16(list); left > 0; left--) {
      const data = this.#first(list);
      if (data === 0) return;
      release(data);
    }
  }

  /** Takes the block that came last off a list. */
  #first(list: KernelAddress): KernelAddress {
    const { memory, trace } = this.#parts;
    const data = memory.readPointer(list + 8);
    if (data === 0) return 0;
    trace.list = list;
    trace.entry = data;
    trace.at('heap-lookaside', data);
    memory.writePointer(list + 8, memory.readPointer(data));
    memory.add(list, 8, -1);
    return data;
  }

  /** Data of all blocks that are kept, by the links in memory. */
  *kept(at: KernelAddress): Generator<KernelAddress> {
    const { memory } = this.#parts;
    for (let index = 0; index < buckets; index++) {
      const list = this.#list(at, index);
      let data = memory.readPointer(list + 8);
      for (let left = memory.readU16(list); data !== 0 && left > 0; left--) {
        yield data;
        data = memory.readPointer(data);
      }
    }
  }

  #isEnabled(at: KernelAddress, index: number): boolean {
    const { memory, layout } = this.#parts;
    return ((memory.readU8(at + layout.lookasides.enabled + (index >>> 3)) >>> (index & 7)) & 1) !== 0;
  }

  #list(at: KernelAddress, index: number): KernelAddress {
    const { lookasides } = this.#parts.layout;
    return at + lookasides.buckets + index * lookasides.each;
  }
}

function nextDepth(depth: number, most: number, requests: number, misses: number): number {
  if (requests < busyRequests) return depth - idleStep;
  const ratio = misses / requests;
  if (ratio < calmMisses) return depth - calmStep;
  return depth + Math.floor((ratio * (most - depth)) / 2) + missStep;
}
