import type { Va } from '../../base/index.ts';
import { blockOf } from '../block.ts';
import { decodeHeader } from '../header.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { poolKind } from '../kind.ts';
import { type BigPageList, listBigPages } from '../list-big-pages.ts';
import type { PoolBlock } from '../page.ts';
import { isOf, poolRanges } from '../pool-ranges.ts';
import { poolRegion } from '../regions.ts';
import type { PoolRange, PoolRegionName } from '../told-ranges.ts';
import type { BlockSearch, FindStep, FoundBig, FoundBlock, FoundBlocks, FoundParts } from './block-search.ts';
import { findHeapBlocks } from './find-heap-blocks.ts';
import { type FoundSpecial, walkSpecialPool } from './find-special.ts';
import { noPages, type PageCounts, PoolPages } from './pool-pages.ts';
import { commonBits, fitsTag } from './tag-pattern.ts';
import type { WalkStep } from './walk-pool.ts';

const mostFound = 0x1_0000;

/** Looks through pools of small blocks, and the table of large ones, for blocks by tag and size. */
export function* findPoolBlocks(
  kernel: SearchedKernel,
  search: BlockSearch,
): Generator<FindStep, FoundBlocks> {
  const { limit = mostFound } = search;
  const list = yield* readList(kernel);
  const large = search.onlySmall === true ? [] : findBig(kernel, search, list).slice(0, limit);
  yield { what: 'table', list, large };
  const finder = new BlockFinder(kernel, search);
  const walk = new PoolPages(kernel, list);
  const { mask, value } = commonBits(search.tag);
  walk.test.look(mask, value);
  const pages = noPages();
  const isHeap = poolKind(kernel).kind === 'segment-heap';
  if (isHeap && search.onlyLarge !== true) {
    const { missing, ...found } = yield* findHeapBlocks(kernel, search, limit, walk.budget);
    const bigUnknown = list.unknown;
    return { large, ranges: [], ...found, bigUnknown, heapsUnknown: missing, cut: walk.budget.cut };
  }
  const ranges = search.onlyLarge === true ? [] : poolRanges(kernel, search.pools);
  const blocks: FoundBlock[] = [];
  const special: FoundSpecial[] = [];
  let bytes = 0;
  let stoppedAt: Va | undefined;
  for (const range of ranges) {
    if (stoppedAt !== undefined || walk.budget.isSpent) break;
    yield { what: 'range', range };
    const run = finder.walk(walk, range, pages);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const found = finder.take(limit - blocks.length - special.length);
      blocks.push(...found.blocks);
      special.push(...found.special);
      yield { what: 'blocks', found, bytes: bytes + step.value.bytes };
      if (blocks.length + special.length < limit) continue;
      stoppedAt = step.value.at;
      break;
    }
    bytes += step.done === true ? step.value : step.value.bytes;
  }
  return {
    large,
    blocks,
    heap: [],
    special,
    ranges,
    bytes,
    pages,
    bigUnknown: list.unknown,
    heapsUnknown: [],
    stoppedAt,
    cut: walk.budget.cut,
  };
}

function* readList(kernel: SearchedKernel): Generator<FindStep, BigPageList> {
  const run = listBigPages(kernel);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    yield { what: 'entries', done: step.value };
  }
}

const isSized = ({ least = 0n, most }: BlockSearch, size: bigint): boolean =>
  size >= least && (most === undefined || size <= most);

/** Older kernels do not keep which pool an allocation is of: then its address tells. */
function findBig(kernel: SearchedKernel, search: BlockSearch, { allocations }: BigPageList): FoundBig[] {
  return allocations.flatMap((allocation): FoundBig[] => {
    if (!fitsTag(search.tag, allocation.tagValue) || !isSized(search, allocation.size)) return [];
    const pool = allocation.pool ?? poolRegion(kernel, allocation.address).name;
    return pool === 'unknown' || search.pools.some((name) => isOf(pool, name)) ? [{ allocation, pool }] : [];
  });
}

/** Takes the blocks that fit out of pages. */
class BlockFinder {
  readonly #search: BlockSearch;
  readonly #unit: bigint;
  readonly #kernel: SearchedKernel;
  #found: FoundBlock[] = [];
  #special: FoundSpecial[] = [];

  constructor(kernel: SearchedKernel, search: BlockSearch) {
    this.#kernel = kernel;
    this.#search = search;
    this.#unit = BigInt(kernel.target.pointerSize * 2);
  }

  /** What was found since the last time, so many at most. */
  take(most: number): FoundParts {
    const blocks = this.#found.slice(0, most);
    const special = this.#special.slice(0, most - blocks.length);
    this.#found = [];
    this.#special = [];
    return { blocks, heap: [], special };
  }

  *walk(walk: PoolPages, range: PoolRange, pages: PageCounts): Generator<WalkStep, number> {
    const { pools } = this.#search;
    if (range.name === 'special' || pools.every((pool) => pool === 'special'))
      return yield* walkSpecialPool(this.#kernel, range, (found) => this.#addSpecial(found), walk.budget);
    return yield* walk.walk(range, pages, {
      whole: (words, at, page, pool) => this.#whole(walk, words, at, page, pool),
      odd: (page, _, pool) => {
        for (const block of page.blocks) this.#add(block, pool);
      },
    });
  }

  #whole(walk: PoolPages, words: Uint32Array, at: number, page: Va, pool: PoolRegionName): void {
    const { test } = walk;
    if (!test.hit) return;
    const { units, step, sizeShift, sizeMask } = test;
    for (let unit = 0; unit < units; ) {
      const place = at + unit * step;
      if (fitsTag(this.#search.tag, words[place + 1]!)) this.#addAt(walk, words, at, unit, page, pool);
      unit += (words[place]! >>> sizeShift) & sizeMask;
    }
  }

  #addAt(
    { test, format }: PoolPages,
    words: Uint32Array,
    at: number,
    unit: number,
    page: Va,
    pool: PoolRegionName,
  ): void {
    const offset = unit * test.step * 4;
    const header = decodeHeader(new Uint8Array(words.buffer, at * 4 + offset, 8), 0, format);
    const usesInUseBit = hasInUseBit(test, words, at);
    this.#add(blockOf(header, page + BigInt(offset), format.encoding, usesInUseBit), pool);
  }

  #addSpecial(found: FoundSpecial): void {
    const { tag, size } = found.block;
    if (fitsTag(this.#search.tag, tag) && isSized(this.#search, BigInt(size))) this.#special.push(found);
  }

  #add(block: PoolBlock, pool: PoolRegionName): void {
    const { tag, pools } = this.#search;
    if (!fitsTag(tag, block.tagValue) || !isSized(this.#search, BigInt(block.size) - this.#unit)) return;
    if (pool === 'unknown' || pools.some((name) => isOf(pool, name)))
      this.#found.push({ block: { ...block, billed: undefined }, pool });
  }
}

/** Does a block of a whole page have bit 2 of the type? See `decodeType`. */
function hasInUseBit(test: PoolPages['test'], words: Uint32Array, at: number): boolean {
  for (let unit = 0; unit < test.units; ) {
    const word = words[at + unit * test.step]!;
    if (((word >>> test.typeShift) & 4) !== 0) return true;
    unit += (word >>> test.sizeShift) & test.sizeMask;
  }
  return false;
}
