import { pageOf, pageSize, type Va } from '@poolscope/engine/base';
import type { SpecialAlignment } from './special-page.ts';
import type { SpecialKind, SpecialPages, SpecialPair } from './special-pages.ts';

/** What the special heaps of a segment heap give: one for each kind of pool. */
export interface SpecialRanges {
  /** Two pages in a row of the heap for a POOL_TYPE, of which one has memory; undefined: there is no room. */
  allocatePair(type: number, withMemory: 'first' | 'second'): Va | undefined;
  /** Both pages go back to their heap; an address in any of them. */
  freePair(page: Va): void;
  /** Is an address one of a special heap? */
  holds(va: Va): boolean;
}

const page = BigInt(pageSize);

interface HeapPair extends SpecialPair {
  /** The page without memory, behind that of the block or in front of it. */
  readonly guard: Va;
}

/**
 * Special pool of kernels whose pool is a segment heap: a page for a block, and the page that guards it, are a range of a heap
 * of their own. What is freed is unmapped, and no record of it stays. That the guard is a part of the range is a guess.
 */
export class HeapSpecialPages implements SpecialPages {
  readonly isHeap = true;
  readonly #ranges: SpecialRanges;
  /** By both of their pages. */
  readonly #pairs = new Map<Va, HeapPair>();
  #inUse = 0;

  constructor(ranges: SpecialRanges) {
    this.#ranges = ranges;
  }

  get pagesInUse(): number {
    return this.#inUse;
  }

  holds(va: Va): boolean {
    return this.#ranges.holds(va);
  }

  find(va: Va): SpecialPair | undefined {
    return this.#pairs.get(pageOf(va));
  }

  take(_kind: SpecialKind, type: number, alignment: SpecialAlignment): Va | undefined {
    const isEnd = alignment === 'end';
    const start = this.#ranges.allocatePair(type, isEnd ? 'first' : 'second');
    if (start === undefined) return undefined;
    const [va, guard] = isEnd ? [start, start + page] : [start + page, start];
    this.#keep({ va, guard, state: 'live' });
    this.#inUse++;
    return va;
  }

  giveBack(_kind: SpecialKind, block: Va): void {
    const pair = this.#pairs.get(block);
    if (pair === undefined) return;
    this.#ranges.freePair(block);
    this.#keep({ ...pair, state: 'freed' });
    this.#inUse--;
  }

  #keep(pair: HeapPair): void {
    for (const each of [pair.va, pair.guard]) this.#pairs.set(each, pair);
  }
}
