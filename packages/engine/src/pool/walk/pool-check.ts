import type { BrokenLink, HeapPage, PoolHeap } from '../heap/index.ts';
import type { PoolKind } from '../kind.ts';
import type { BigPageList } from '../list-big-pages.ts';
import type { PoolPage } from '../page.ts';
import type { PoolRange, PoolRegionName } from '../told-ranges.ts';
import type { PageCounts } from './pool-pages.ts';

/** A page of pool with damage. */
export interface DamagedPage {
  readonly page: PoolPage | HeapPage;
  readonly pool: PoolRegionName;
}

/** What was found in one range. */
export interface CheckedRange {
  readonly range: PoolRange;
  /** The heap whose ranges these are; undefined in the classic pool. */
  readonly heap?: PoolHeap;
  /** Bytes of it that are in the dump. */
  readonly bytes: number;
  readonly pages: Readonly<PageCounts>;
}

/** What a check of much pool found. */
export interface PoolCheck {
  readonly pool: PoolKind;
  readonly ranges: readonly CheckedRange[];
  /** Range after range, by address in each; at most `mostDamaged`. */
  readonly damaged: readonly DamagedPage[];
  /** All pages together. */
  readonly pages: Readonly<PageCounts>;
  readonly bytes: number;
  /** Why pages of large allocations may be among those looked at, as half a sentence; undefined: none are. */
  readonly bigUnknown: string | undefined;
  /** Why heaps or parts of them were not looked at, as half sentences; none in the classic pool. */
  readonly heapsUnknown: readonly string[];
  /** Links of trees and lists of the heaps that are broken; none in the classic pool, whose lists `!pool` reads apart. */
  readonly brokenLinks: readonly BrokenLink[];
  /** Why not all memory was looked at, as half a sentence; undefined: it was. */
  readonly cut: string | undefined;
}

/** What a check tells on its way. */
export interface CheckStep {
  readonly what: 'large' | 'pages';
  /** Entries of the table of large allocations, or bytes of pool. */
  readonly done: number;
  readonly damaged: readonly DamagedPage[];
}

/** The reading of the table of large allocations as part of a check. */
export function* asSteps(run: Generator<number, BigPageList>): Generator<CheckStep, BigPageList> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    yield { what: 'large', done: step.value, damaged: [] };
  }
}
