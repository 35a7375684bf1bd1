import { pageSize } from '@poolscope/engine/base';
import type { BlockHeaders } from './block-header.ts';
import type { FreeLists } from './free-lists.ts';
import { type KernelAddress, offsetInPage } from './kernel-address.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import { PoolBugCheck } from './pool-fault.ts';
import type { PoolMemory } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';
import { wellKnownTags } from './pool-type.ts';

/**
 * Blocks of a page: taken from the lists of free blocks, split, and joined again with free neighbours. Addresses are those of
 * headers. Every header of a page is true whenever an operation has ended.
 */
export class SmallBlocks {
  readonly #memory: PoolMemory;
  readonly #headers: BlockHeaders;
  readonly #lists: FreeLists;
  readonly #trace: PoolTrace;
  readonly #unit: number;
  readonly #unitsPerPage: number;

  constructor(memory: PoolMemory, headers: BlockHeaders, lists: FreeLists, trace: PoolTrace) {
    this.#memory = memory;
    this.#headers = headers;
    this.#lists = lists;
    this.#trace = trace;
    this.#unit = headers.unit;
    this.#unitsPerPage = pageSize / headers.unit;
  }

  /** Lists of a descriptor: one for each size that a block can have. */
  get listCount(): number {
    return this.#unitsPerPage;
  }

  /** A block of so many units of a pool, with its sizes and the type given; undefined when there is no memory. */
  take(pool: PoolDescriptor, units: number, type: number): KernelAddress | undefined {
    this.#trace.descriptor = pool.va;
    for (let size = units; size <= this.#unitsPerPage; size++) {
      const head = pool.head(size);
      const entry = this.#lists.first(head);
      if (entry === head) continue;
      this.#lists.remove(entry);
      return this.#split(pool, entry - this.#unit, units, type);
    }
    return this.#takeFromNewPage(pool, units, type);
  }

  /**
   * The first block of a page gives its front away and any other its end, so that what is left keeps its neighbours.
   */
  #split(pool: PoolDescriptor, block: KernelAddress, units: number, type: number): KernelAddress {
    const headers = this.#headers;
    this.#trace.header = block;
    this.#trace.at('read-block', block);
    const rest = headers.size(block) - units;
    if (rest <= 0) {
      headers.setType(block, type);
      return block;
    }
    if (headers.previousSize(block) === 0) {
      const remainder = block + units * this.#unit;
      headers.setSize(block, units);
      headers.setType(block, type);
      this.#placeRemainder(pool, remainder, units, rest);
      this.#tellNext(remainder, rest);
      return block;
    }
    headers.setSize(block, rest);
    const taken = block + rest * this.#unit;
    this.#trace.at('write-block', taken);
    headers.write(taken, rest, pool.index, units, type);
    this.#tellNext(taken, units);
    if (rest > 1) this.#lists.insertBack(pool.head(rest), block + this.#unit);
    return taken;
  }

  #takeFromNewPage(pool: PoolDescriptor, units: number, type: number): KernelAddress | undefined {
    const page = pool.region.allocate(1, false);
    if (page === undefined) return undefined;
    pool.countPages(1);
    this.#headers.write(page, 0, pool.index, units, type);
    this.#placeRemainder(pool, page + units * this.#unit, units, this.#unitsPerPage - units);
    return page;
  }

  /** A free block behind one that was just made. One unit has no room for links. */
  #placeRemainder(pool: PoolDescriptor, at: KernelAddress, previous: number, units: number): void {
    if (units === 0) return;
    this.#headers.write(at, previous, pool.index, units, 0);
    this.#headers.setTag(at, wellKnownTags.free);
    if (units > 1) this.#lists.insertBack(pool.head(units), at + this.#unit);
  }

  /** The rest of a large allocation's last page: a block of one unit that stays, and a free one behind it. */
  placeTail(pool: PoolDescriptor, at: KernelAddress, type: number): void {
    const units = (pageSize - offsetInPage(at)) / this.#unit;
    this.#trace.descriptor = pool.va;
    this.#headers.write(at, 0, pool.index, 1, type);
    this.#headers.setTag(at, wellKnownTags.fragment);
    this.#placeRemainder(pool, at + this.#unit, 1, units - 1);
  }

  /** The block behind a page's first part that is free to the end of the page is taken off its list. */
  takeTail(at: KernelAddress): boolean {
    const headers = this.#headers;
    const rest = (pageSize - offsetInPage(at)) / this.#unit - 1;
    if (rest === 0) return true;
    const free = at + this.#unit;
    if (headers.type(free) !== 0 || headers.size(free) !== rest) return false;
    if (rest > 1) this.#lists.remove(free + this.#unit);
    return true;
  }

  /** Gives a block back: joined with free neighbours, onto its list, or as a whole page to the memory manager. */
  release(pool: PoolDescriptor, freed: KernelAddress): void {
    const { headers, trace } = this.#parts();
    let block = freed;
    let units = headers.size(block);
    trace.descriptor = pool.va;
    trace.header = block;
    this.#checkSizes(block, units);
    headers.setType(block, 0);
    const next = block + units * this.#unit;
    if (offsetInPage(next) !== 0) units += this.#joinNext(next);
    const previousSize = headers.previousSize(block);
    if (previousSize !== 0) {
      const previous = block - previousSize * this.#unit;
      trace.previous = previous;
      trace.at('check-previous', previous);
      if (headers.type(previous) === 0) {
        if (previousSize > 1) this.#lists.remove(previous + this.#unit);
        block = previous;
        units += previousSize;
      }
    }
    if (units === this.#unitsPerPage && offsetInPage(block) === 0) {
      pool.region.free(block, 1);
      pool.countPages(-1);
      return;
    }
    headers.setSize(block, units);
    this.#tellNext(block, units);
    if (units > 1) this.#lists.insertFront(pool.head(units), block + this.#unit);
  }

  /** Units of the block at `next` if it is free; it is on no list any more then. */
  #joinNext(next: KernelAddress): number {
    const { headers, trace } = this.#parts();
    trace.next = next;
    trace.at('check-next', next);
    if (headers.type(next) !== 0) return 0;
    const units = headers.size(next);
    if (units > 1) this.#lists.remove(next + this.#unit);
    return units;
  }

  /** The header behind a block learns its size. */
  #tellNext(block: KernelAddress, units: number): void {
    const next = block + units * this.#unit;
    if (offsetInPage(next) !== 0) this.#headers.setPreviousSize(next, units);
  }

  /**
   * A header and its neighbours have to agree before blocks are joined. Source of the sub-codes: the documentation of bug
   * check 0x19; which of them a neighbour that is free and damaged gets is not public, so they follow their meaning.
   */
  #checkSizes(block: KernelAddress, units: number): void {
    const { headers, trace } = this.#parts();
    const offset = offsetInPage(block);
    if (units === 0) throw badHeader(8, 0n, this.#memory.exact(block));
    const next = block + units * this.#unit;
    if (offset + units * this.#unit > pageSize) throw this.#bad(9, next, block);
    const previousSize = headers.previousSize(block);
    const previous = block - previousSize * this.#unit;
    if (previousSize * this.#unit > offset) throw this.#bad(6, previous, block);
    if (previousSize !== 0) {
      trace.previous = previous;
      trace.at('check-previous', previous);
      if (headers.size(previous) !== previousSize) throw this.#bad(5, previous, block);
    } else if (offset !== 0) throw badHeader(7, 0n, this.#memory.exact(block));
    if (offsetInPage(next) === 0) return;
    trace.next = next;
    trace.at('check-next', next);
    if (headers.previousSize(next) !== units) throw this.#bad(5, block, next);
    this.#checkFreeNext(next);
  }

  /** A free neighbour is about to be joined: its own size has to fit what follows it. */
  #checkFreeNext(next: KernelAddress): void {
    const headers = this.#headers;
    if (headers.type(next) !== 0) return;
    const units = headers.size(next);
    if (units === 0) throw badHeader(8, 0n, this.#memory.exact(next));
    const end = offsetInPage(next) + units * this.#unit;
    const after = next + units * this.#unit;
    if (end > pageSize) throw this.#bad(9, after, next);
    if (end < pageSize && headers.previousSize(after) !== units) throw this.#bad(5, next, after);
  }

  #bad(kind: number, first: KernelAddress, second: KernelAddress): PoolBugCheck {
    return badHeader(kind, this.#memory.exact(first), this.#memory.exact(second));
  }

  #parts(): { headers: BlockHeaders; trace: PoolTrace } {
    return { headers: this.#headers, trace: this.#trace };
  }
}

/** BAD_POOL_HEADER with two entries; the third parameter is reserved. */
const badHeader = (kind: number, first: bigint, second: bigint): PoolBugCheck =>
  new PoolBugCheck(0x19, [BigInt(kind), first, 0n, second]);
