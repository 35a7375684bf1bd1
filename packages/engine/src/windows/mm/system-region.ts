import type { Va } from '../../base/index.ts';

/** A range of kernel addresses with one use. */
export interface SystemRegion {
  /** `PagedPool`, `SystemPtes`, ...: Microsoft's name of the use. */
  readonly usage: string;
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  /** How that is known, as half a sentence. */
  readonly from: string;
}

/** The first address behind a region: variables name either that, a page's start, or the last byte. */
export const regionEnd = (named: Va): Va => ((named & 0xfffn) === 0n ? named : named + 1n);
