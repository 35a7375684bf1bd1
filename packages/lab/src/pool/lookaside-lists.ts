import { isCanonical, type KernelAddress } from './kernel-address.ts';
import type { PoolLayout } from './pool-layout.ts';
import type { PoolMemory } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';
import { wellKnownTags } from './pool-type.ts';

/** Sizes that have a lookaside: blocks of 1 to 32 units. */
export const lookasideSizes = 32;

/** ExMaximumLookasideDepth: what the adjustment by the balance set manager may reach. */
const maximumDepth = 256;

/** Figures of one lookaside, as its memory has them. */
export interface LookasideCounters {
  readonly depth: number;
  readonly totalAllocates: number;
  readonly allocateHits: number;
  readonly totalFrees: number;
  readonly freeHits: number;
}

/**
 * Arrays of GENERAL_LOOKASIDE_POOL, inline in the KPRCB from Vista on. A parked block is linked by the first pointer of its
 * body; the SLIST_HEADER in front counts depth and pushes. x64 since Windows 7: Depth 16 bits, Sequence 48, then the address
 * beside four low bits; x86: address, Depth and Sequence of 16 bits. The counters are of requests that the list served: in
 * real dumps of 9600 hits of frees less those of allocations are the depth.
 */
export class LookasideLists {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;
  readonly #layout: PoolLayout['lookaside'];
  readonly #isWide: boolean;

  constructor(memory: PoolMemory, trace: PoolTrace, layout: PoolLayout['lookaside']) {
    this.#memory = memory;
    this.#trace = trace;
    this.#layout = layout;
    this.#isWide = memory.pointerSize === 8;
  }

  /** Address of the list for blocks of so many units. */
  list(array: KernelAddress, units: number): KernelAddress {
    return array + (units - 1) * this.#layout.size;
  }

  /** The LIST_ENTRY by which all lookasides of the pool hang together. */
  listEntry(list: KernelAddress): KernelAddress {
    return list + this.#layout.listEntry;
  }

  /** Empty lists in zeroed memory. */
  initialize(
    array: KernelAddress,
    { type, unit, depth }: { type: number; unit: number; depth: number },
  ): void {
    const { layout, memory } = { layout: this.#layout, memory: this.#memory };
    for (let units = 1; units <= lookasideSizes; units++) {
      const list = this.list(array, units);
      if (this.#isWide) memory.writePointer(list + 8, layout.headerBits);
      memory.writeU16(list + layout.depth, depth);
      memory.writeU16(list + layout.maximumDepth, maximumDepth);
      memory.writeU32(list + layout.type, type);
      memory.writeU32(list + layout.tag, wellKnownTags.lookaside);
      memory.writeU32(list + layout.blockSize, units * unit);
    }
  }

  /** The body of a parked block; undefined when there is none. */
  pop(list: KernelAddress): KernelAddress | undefined {
    const memory = this.#memory;
    memory.add(list + this.#layout.totalAllocates, 4, 1);
    const body = this.#first(list);
    if (body === 0) return undefined;
    memory.add(list + this.#layout.allocateHits, 4, 1);
    this.#trace.list = list;
    this.#trace.entry = body;
    this.#trace.at('pop-lookaside', body);
    this.#setFirst(list, memory.readPointer(body));
    memory.add(this.#isWide ? list : list + 4, this.#isWide ? 8 : 4, -1);
    return body;
  }

  /** Parks a block unless as many are there as the list may have. */
  push(list: KernelAddress, body: KernelAddress): boolean {
    const memory = this.#memory;
    memory.add(list + this.#layout.totalFrees, 4, 1);
    if (this.depth(list) >= memory.readU16(list + this.#layout.depth)) return false;
    memory.add(list + this.#layout.freeHits, 4, 1);
    this.#trace.list = list;
    this.#trace.at('push-lookaside', body);
    memory.writePointer(body, this.#first(list));
    this.#setFirst(list, body);
    memory.add(this.#isWide ? list : list + 4, this.#isWide ? 8 : 4, 0x1_0001);
    return true;
  }

  /** Bodies that are parked: what the links say, no more than the header counts. */
  *walk(list: KernelAddress): Generator<KernelAddress> {
    let body = this.#first(list);
    for (let left = this.depth(list); left > 0 && body !== 0; left--) {
      yield body;
      body = this.#memory.readPointer(body);
    }
  }

  depth(list: KernelAddress): number {
    return this.#memory.readU16(this.#isWide ? list : list + 4);
  }

  counters(list: KernelAddress): LookasideCounters {
    const read = (offset: number): number => this.#memory.readU32(list + offset);
    const { totalAllocates, allocateHits, totalFrees, freeHits } = this.#layout;
    return {
      depth: this.depth(list),
      totalAllocates: read(totalAllocates),
      allocateHits: read(allocateHits),
      totalFrees: read(totalFrees),
      freeHits: read(freeHits),
    };
  }

  #first(list: KernelAddress): KernelAddress {
    if (!this.#isWide) return this.#memory.readPointer(list);
    return this.#memory.readPointer(list + 8) - this.#layout.headerBits;
  }

  #setFirst(list: KernelAddress, body: KernelAddress): void {
    if (!this.#isWide) this.#memory.writePointer(list, body);
    else if (isCanonical(body)) this.#memory.writePointer(list + 8, body + this.#layout.headerBits);
    else this.#memory.writeU64(list + 8, this.#memory.exact(body) | BigInt(this.#layout.headerBits));
  }
}
