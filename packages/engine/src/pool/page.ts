import type { Va } from '../base/index.ts';
import type { BlockState } from './block-type.ts';
import type { PoolHeader } from './header.ts';

/** A block of small pool. */
export interface PoolBlock {
  /** Of its header. */
  readonly address: Va;
  /** Bytes, header included: what its header says. */
  readonly size: number;
  readonly previousSize: number;
  readonly index: number;
  /** POOL_HEADER.PoolType as stored. */
  readonly type: number;
  readonly state: BlockState;
  /** Undefined: the header of a free block does not tell. */
  readonly paged: boolean | undefined;
  readonly session: boolean;
  /** Is a process charged for it? */
  readonly quota: boolean;
  /** That process, where it can be told. */
  readonly billed: BilledProcess | undefined;
  /** Four characters, as stored but without the protection bit. */
  readonly tag: string;
  /** As stored. */
  readonly tagValue: number;
  /** Must it be freed with its tag? */
  readonly isProtected: boolean;
  /** The part of a segment heap that it is from, where it is seen like a block of the classic pool; absent: it is one. */
  readonly heapPart?: 'vs' | 'lfh' | 'segment' | 'large';
}

/** The process that pays for a block. */
export interface BilledProcess {
  /** Of its EPROCESS. */
  readonly process: Va;
  /** How that is known, as half a sentence. */
  readonly from: string;
}

/**
 * What is wrong.
 * - `first-previous-size`: the first header of a page names a block before it
 * - `previous-size`: a header does not name the size of the block before it
 * - `size-zero`, `size-past-page`: a size that no block has there
 * - `size`: what follows says that the block has another size
 * - `header`: there is no header where both neighbours say that one is
 * - `no-header`: there is none where the block before ends, and nothing behind it makes sense again
 * - `start`: there is none at the beginning of the page
 * - `type`: a type that the kernel does not write
 * - `index`, `pool`: another pool descriptor or kind of pool than the other blocks of the page have
 * - `free-link`: a link of a free block leads nowhere, or does not lead back
 */
export type PoolRule =
  | 'first-previous-size'
  | 'previous-size'
  | 'size-zero'
  | 'size-past-page'
  | 'size'
  | 'header'
  | 'no-header'
  | 'start'
  | 'type'
  | 'index'
  | 'pool'
  | 'free-link';

/** A rule of classic pool that does not hold. */
export interface PoolProblem {
  readonly rule: PoolRule;
  /** Address of the header or link that is wrong. */
  readonly at: Va;
  /** What is there and what should be, where both are single values: bytes of sizes, numbers as stored. */
  readonly found?: bigint;
  readonly expected?: bigint;
}

/** What a damaged header was, as far as its neighbours tell. */
export interface ExpectedHeader {
  readonly at: Va;
  /** Bytes. */
  readonly previousSize: number | undefined;
  readonly size: number | undefined;
  /** That of the page's other blocks. */
  readonly index: number | undefined;
  /** What is there; undefined where its bytes are missing. */
  readonly found: PoolHeader | undefined;
}

/** A part of a page that no header explains. */
export interface UnexplainedExtent {
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
  /** Overwritten, or only not in the dump. */
  readonly reason: 'damaged' | 'missing';
}

/** One bit that would make the page whole if it were the other way. */
export interface BitError {
  /** Of the header. */
  readonly at: Va;
  /** Bit of the header's first 32 bits. */
  readonly bit: number;
  readonly found: number;
  readonly expected: number;
}

/**
 * - `whole`: headers from the first byte to the last, and no rule broken
 * - `damaged`: a page of small blocks, with damage
 * - `incomplete`: what is there agrees, but bytes that matter are missing
 * - `unrecognized`: no headers of small blocks
 * - `missing`: nothing of it can be read
 */
export type PageVerdict = 'whole' | 'damaged' | 'incomplete' | 'unrecognized' | 'missing';

/** A page of small pool blocks. */
export interface PoolPage {
  readonly address: Va;
  readonly verdict: PageVerdict;
  /** Blocks whose headers agree with their neighbours', by address. */
  readonly blocks: readonly PoolBlock[];
  readonly problems: readonly PoolProblem[];
  readonly unexplained: readonly UnexplainedExtent[];
  readonly expected: readonly ExpectedHeader[];
  readonly bitErrors: readonly BitError[];
  /** Allocated blocks whose tags have characters that tags seldom have. Not damage by itself. */
  readonly oddTags: readonly Va[];
  /** Is every byte of it that is there zero? */
  readonly isZeroed: boolean;
  /** Small blocks begin here only: what is before is the end of a large allocation. */
  readonly tail?: Va;
}
