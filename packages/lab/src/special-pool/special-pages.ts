import type { Va } from '@poolscope/engine/base';
import type { SpecialAlignment } from './special-page.ts';

export type SpecialKind = 'paged' | 'nonpaged';

/** A page for a block with the page behind it, which guards it. */
export interface SpecialPair {
  /** The page of the block. */
  readonly va: Va;
  readonly state: 'never' | 'live' | 'freed';
}

/** Where the pages of special pool come from. */
export interface SpecialPages {
  readonly pagesInUse: number;
  /**
   * The pages are those of a segment heap: nothing is written on the page of a freed block, and the size in its header has to
   * be that of the address.
   */
  readonly isHeap: boolean;
  /** Is an address in special pool? */
  holds(va: Va): boolean;
  /** The pair that an address belongs to; undefined: nothing is known of it. */
  find(va: Va): SpecialPair | undefined;
  /** A page of memory for a block, `type` its POOL_TYPE, guarded at the end where the block is; undefined: there is none left. */
  take(kind: SpecialKind, type: number, alignment: SpecialAlignment): Va | undefined;
  giveBack(kind: SpecialKind, page: Va): void;
}
