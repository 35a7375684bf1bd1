import { pageSize } from '../../base/index.ts';
import type { HeapBlock, HeapPage, PoolHeap } from '../heap/index.ts';
import { toldSize, walkHeaps } from '../heap/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { readSpecialPool } from '../special-pool.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import type { BlockSearch, FindStep, FoundHeapBlock, FoundParts } from './block-search.ts';
import type { FoundSpecial } from './find-special.ts';
import { addPages, noPages, type PageCounts } from './pool-pages.ts';
import { fitsTag } from './tag-pattern.ts';
import type { WalkBudget } from './walk-budget.ts';

/** How a search of heaps ended. */
export interface FoundInHeaps extends FoundParts {
  readonly bytes: number;
  readonly pages: Readonly<PageCounts>;
  readonly stoppedAt: bigint | undefined;
  /** Why blocks may be lacking, one sentence each. */
  readonly missing: readonly string[];
}

/** Looks through the heaps of pools for small blocks by tag and size; such that are free have the tag they had. */
export function* findHeapBlocks(
  kernel: SearchedKernel,
  search: BlockSearch,
  limit: number,
  budget: WalkBudget,
): Generator<FindStep, FoundInHeaps> {
  const finder = new HeapFinder(kernel, search);
  const found: FoundHeapBlock[] = [];
  const special: FoundSpecial[] = [];
  const pages = noPages();
  const run = walkHeaps(kernel, { pools: search.pools }, budget, {
    tags: search.tag,
    page: (page, pool) => finder.page(page, pool),
    allocation: (block, { heap }) => finder.allocation(block, heap),
  });
  let heap: PoolHeap | undefined;
  let isFirst = true;
  for (let step = run.next(); ; step = run.next()) {
    const taken = finder.take(limit - found.length - special.length);
    found.push(...taken.heap);
    special.push(...taken.special);
    const isFull = found.length + special.length >= limit;
    if (step.done === true || isFull) {
      if (taken.heap.length + taken.special.length > 0)
        yield { what: 'blocks', found: taken, bytes: step.done === true ? 0 : step.value.bytes };
      const { heaps, lone } = step.done === true ? step.value : { heaps: [], lone: undefined };
      for (const each of heaps) addPages(pages, each.pages);
      pages.incomplete += lone?.count ?? 0;
      const looked = heaps.reduce((sum, { bytes }) => sum + bytes, (lone?.count ?? 0) * pageSize);
      return {
        blocks: [],
        heap: found,
        special,
        pages,
        bytes: step.done === true ? looked : step.value.bytes,
        stoppedAt: step.done === true ? undefined : step.value.at,
        missing: step.done === true ? step.value.missing : [],
      };
    }
    // What is in no known heap is told where something of it was found.
    const isTold = step.value.heap !== undefined || taken.heap.length > 0;
    if (isTold && (isFirst || step.value.heap !== heap)) {
      heap = step.value.heap;
      isFirst = false;
      yield { what: 'heap', heap, pool: step.value.pool };
    }
    yield { what: 'blocks', found: taken, bytes: step.value.bytes };
  }
}

/** Takes the blocks that fit out of pages. */
class HeapFinder {
  readonly #kernel: SearchedKernel;
  readonly #search: BlockSearch;
  readonly #unit: bigint;
  #found: FoundHeapBlock[] = [];
  #special: FoundSpecial[] = [];

  constructor(kernel: SearchedKernel, search: BlockSearch) {
    this.#kernel = kernel;
    this.#search = search;
    this.#unit = BigInt(kernel.target.pointerSize * 2);
  }

  /** What was found since the last time, so many at most. */
  take(most: number): FoundParts {
    const heap = this.#found.slice(0, most);
    const special = this.#special.slice(0, most - heap.length);
    this.#found = [];
    this.#special = [];
    return { blocks: [], heap, special };
  }

  page({ blocks, range, address }: HeapPage, pool: PoolRegionName): void {
    // One that began before was met there.
    for (const block of blocks)
      if (block.address >= address && block.tagValue !== undefined && this.#fits(block.tagValue, block))
        this.#found.push({ block, heap: range?.heap, pool });
  }

  /** Of a heap for special pool each is one block of it; the others are in the table of large allocations. */
  allocation({ address }: HeapBlock, { isSpecial }: PoolHeap): void {
    if (isSpecial !== true) return;
    const found = readSpecialPool(this.#kernel, address);
    // The first page of its range is the block's, or that which guards it.
    if (found?.block === undefined) return;
    const { tag, size } = found.block;
    if (fitsTag(this.#search.tag, tag) && this.#isSized(BigInt(size)))
      this.#special.push({ block: found.block, trust: 'proven' });
  }

  #fits(tag: number, block: HeapBlock): boolean {
    return fitsTag(this.#search.tag, tag) && this.#isSized(BigInt(toldSize(block)) - this.#unit);
  }

  #isSized(size: bigint): boolean {
    const { least = 0n, most } = this.#search;
    return size >= least && (most === undefined || size <= most);
  }
}
