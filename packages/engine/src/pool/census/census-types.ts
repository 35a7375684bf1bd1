import type { PoolRegionName } from '../told-ranges.ts';

/**
 * What a page of pool is, as a number that fits a byte.
 * - `whole`, `damaged`, `incomplete`: small blocks; the last one as far as they are in the dump
 * - `large`: in an allocation of whole pages
 * - `special`: one block of special pool; `guard`: the page that guards one; `noMemory`: special pool without memory, freed or
 *   not used yet; `freed`: the same, of which the bug check tells that its block was freed
 * - `unreadable`: known to be pool, and not in the dump
 * - `unrecognized`: in a range that holds pool, but no page of small blocks that can be told
 * - `free`: free pages of a segment; `manager`: what the heap keeps in front of a segment
 */
export const CensusPage = {
  whole: 0,
  damaged: 1,
  incomplete: 2,
  large: 3,
  special: 4,
  guard: 5,
  noMemory: 6,
  unreadable: 7,
  unrecognized: 8,
  free: 9,
  manager: 10,
  freed: 11,
} as const;
export type CensusPage = (typeof CensusPage)[keyof typeof CensusPage];

/**
 * What a part of a page is, as a number that fits four bits.
 * - `allocated`, `free`: a block
 * - `lookaside`: freed, and kept for the next request; `deferred`: waits to be freed; `aside`: one of both, not known which
 * - `unknown`: a block of which nothing tells whether it is in use
 * - `damage`: bytes that no header explains, overwritten; `missing`: the same, not in the dump
 * - `slop`: bytes of special pool that nobody may write; `changed`: such that somebody wrote
 * - `header`: the header of a block of special pool
 */
export const CensusPart = {
  allocated: 0,
  free: 1,
  lookaside: 2,
  deferred: 3,
  aside: 4,
  unknown: 5,
  damage: 6,
  missing: 7,
  slop: 8,
  changed: 9,
  header: 10,
} as const;
export type CensusPart = (typeof CensusPart)[keyof typeof CensusPart];

/** Bits that say more of a part. */
export const CensusFlag = {
  /** Its header breaks a rule. */
  damaged: 1,
  /** A process pays for it. */
  quota: 2,
  /** It must be freed with its tag. */
  protected: 4,
  /** It began before this page. */
  continued: 8,
} as const;

/** The tag of a part that has none. */
export const noTag = -1;

/** Who is told what a census finds. Numbers only: there are millions of parts. */
export interface CensusTaker {
  /** A page by its number (its address in pages); its parts follow, by offset. No page is told twice. */
  page(page: number, pool: PoolRegionName, what: CensusPage): void;
  /**
   * A part of that page. `size` may reach behind the page: what of it is there is told again on the next ones, as `continued`.
   * `tag` is as stored, without the bit that protects, or `noTag`.
   */
  part(offset: number, size: number, tag: number, what: CensusPart, flags: number): void;
  /** Has it enough? Then the census ends. */
  readonly isFull: boolean;
}

/** How far a census is. */
export interface CensusStep {
  /** What is read at this moment. */
  readonly what: 'tables' | 'pages' | 'special' | 'large';
  /** Pages told so far. */
  readonly pages: number;
}

/** How a census ended. */
export interface CensusEnd {
  readonly pages: number;
  /** Why something may be lacking, as half sentences. */
  readonly notes: readonly string[];
  /** Why it ended before all was looked at, as half a sentence; undefined: it did not. */
  readonly cut: string | undefined;
}
