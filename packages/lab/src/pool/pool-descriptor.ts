import type { FreeLists } from './free-lists.ts';
import type { KernelAddress } from './kernel-address.ts';
import type { PageRegion } from './page-region.ts';
import type { PoolLayout, UpDown } from './pool-layout.ts';
import { readMember } from './pool-layout.ts';
import type { PoolMemory } from './pool-memory.ts';

/** The pools of a machine. */
export type PoolKind = 'nonpaged' | 'nonpaged-nx' | 'paged' | 'session';

/** Figures of a descriptor, as its memory has them. */
export interface DescriptorCounters {
  readonly allocs: number;
  readonly frees: number;
  readonly pages: number;
  readonly bigPages: number;
  readonly bytes: number;
}

/** A POOL_DESCRIPTOR in memory: a pool of its own with lists of free blocks. */
export class PoolDescriptor {
  readonly va: KernelAddress;
  readonly kind: PoolKind;
  /** What headers of its blocks name it by. */
  readonly index: number;
  readonly region: PageRegion;
  /** POOL_TYPE. */
  readonly type: number;
  readonly #memory: PoolMemory;
  readonly #layout: PoolLayout['descriptor'];
  readonly #headSize: number;

  constructor(
    memory: PoolMemory,
    layout: PoolLayout['descriptor'],
    facts: Pick<PoolDescriptor, 'va' | 'kind' | 'index' | 'region' | 'type'>,
  ) {
    this.va = facts.va;
    this.kind = facts.kind;
    this.index = facts.index;
    this.region = facts.region;
    this.type = facts.type;
    this.#memory = memory;
    this.#layout = layout;
    this.#headSize = 2 * memory.pointerSize;
  }

  get isPaged(): boolean {
    return (this.type & 1) !== 0;
  }

  /** An empty pool in zeroed memory. */
  initialize(lists: FreeLists, count: number): void {
    const { type, index } = this.#layout;
    this.#memory.writeU32(this.va + type.offset, this.type);
    this.#memory.writeU32(this.va + index.offset, this.index);
    for (let units = 1; units <= count; units++) lists.initialize(this.head(units));
  }

  /**
   * List of the free blocks of a size: number BlockSize - 1. Source: public research on Windows 7; the article's registers
   * (18 units asked for, search from list 17; a free block of 0x7f units on list 0x7e).
   */
  head(units: number): KernelAddress {
    return this.va + this.#layout.listHeads + (units - 1) * this.#headSize;
  }

  get pendingFrees(): KernelAddress {
    return this.va + this.#layout.pendingFrees;
  }

  get pendingDepth(): KernelAddress {
    return this.va + this.#layout.pendingDepth;
  }

  countAllocation(bytes: number): void {
    this.#add(this.#layout.allocs, 1);
    this.#add(this.#layout.bytes.up, bytes);
  }

  countFree(bytes: number): void {
    this.#add(this.#layout.frees, 1);
    this.#change(this.#layout.bytes, -bytes);
  }

  countPages(delta: number): void {
    this.#change(this.#layout.pages, delta);
  }

  countBigPages(delta: number): void {
    this.#change(this.#layout.bigPages, delta);
  }

  counters(): DescriptorCounters {
    const now = ({ up, down }: UpDown): number =>
      up === down ? this.#read(up) : this.#read(up) - this.#read(down);
    const { allocs, frees, pages, bigPages, bytes } = this.#layout;
    return {
      allocs: this.#read(allocs),
      frees: this.#read(frees),
      pages: now(pages),
      bigPages: now(bigPages),
      bytes: now(bytes),
    };
  }

  #change({ up, down }: UpDown, delta: number): void {
    if (delta >= 0 || up === down) this.#add(up, delta);
    else this.#add(down, -delta);
  }

  #add({ offset, size }: { offset: number; size: number }, delta: number): void {
    this.#memory.add(this.va + offset, size, delta);
  }

  #read(place: { offset: number; size: number }): number {
    return readMember(this.#memory, this.va, place);
  }
}
