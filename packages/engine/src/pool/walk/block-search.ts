import type { Va } from '../../base/index.ts';
import type { BigAllocation } from '../big-page-entry.ts';
import type { HeapBlock, PoolHeap } from '../heap/index.ts';
import type { BigPageList } from '../list-big-pages.ts';
import type { PoolBlock } from '../page.ts';
import type { PoolName } from '../pool-ranges.ts';
import type { PoolRange, PoolRegionName } from '../told-ranges.ts';
import type { FoundSpecial } from './find-special.ts';
import type { PageCounts } from './pool-pages.ts';
import type { TagPattern } from './tag-pattern.ts';

/** What blocks are looked for. */
export interface BlockSearch {
  readonly tag: TagPattern;
  readonly pools: readonly PoolName[];
  /** Bytes of a block without its header, and of a large allocation. */
  readonly least?: bigint;
  readonly most?: bigint;
  /** Leave out large allocations, or small blocks. */
  readonly onlySmall?: boolean;
  readonly onlyLarge?: boolean;
  /** The search ends when it has found so many; 65,536 when not given. */
  readonly limit?: number;
}

/** A small block that was found; which process pays for it is not looked at. */
export interface FoundBlock {
  readonly block: PoolBlock;
  readonly pool: PoolRegionName;
}

/** A small block of a heap that was found. */
export interface FoundHeapBlock {
  readonly block: HeapBlock;
  /** Undefined: it is not in the dump, and the heap key alone tells the block. */
  readonly heap: PoolHeap | undefined;
  readonly pool: PoolRegionName;
}

/** A large allocation that was found. */
export interface FoundBig {
  readonly allocation: BigAllocation;
  readonly pool: PoolRegionName;
}

/** What a search tells on its way: it comes to the table of large allocations, to a range or heap, or it is in one. */
export type FindStep =
  | { readonly what: 'table'; readonly list: BigPageList; readonly large: readonly FoundBig[] }
  | { readonly what: 'range'; readonly range: PoolRange }
  | { readonly what: 'heap'; readonly heap: PoolHeap | undefined; readonly pool: PoolRegionName }
  | { readonly what: 'blocks'; readonly found: FoundParts; readonly bytes: number }
  | { readonly what: 'entries'; readonly done: number };

/** Small blocks of the classic pool or of heaps, and blocks of special pool; by address, range after range. */
export interface FoundParts {
  readonly blocks: readonly FoundBlock[];
  readonly heap: readonly FoundHeapBlock[];
  readonly special: readonly FoundSpecial[];
}

export interface FoundBlocks extends FoundParts {
  readonly large: readonly FoundBig[];
  readonly ranges: readonly PoolRange[];
  /** Bytes that were looked at, and what the pages are. */
  readonly bytes: number;
  readonly pages: Readonly<PageCounts>;
  /** Why large allocations may be lacking, as half a sentence. */
  readonly bigUnknown: string | undefined;
  /** Why blocks of heaps may be lacking, as half sentences; none in the classic pool. */
  readonly heapsUnknown: readonly string[];
  /** The last address that was looked at, if the limit ended the search. */
  readonly stoppedAt: Va | undefined;
  /** Why not all memory was looked at, as half a sentence; undefined: it was. */
  readonly cut: string | undefined;
}
