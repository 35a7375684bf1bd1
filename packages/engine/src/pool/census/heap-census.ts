import { pageSize, type Va } from '../../base/index.ts';
import type { BigAllocation } from '../big-page-entry.ts';
import {
  type HeapBlock,
  type HeapPage,
  type HeapRange,
  poolOfHeap,
  toldSize,
  walkHeaps,
} from '../heap/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { PoolName } from '../pool-ranges.ts';
import { pageStateOf } from '../special-guard.ts';
import { readSpecialPool } from '../special-pool.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import { WalkBudget } from '../walk/walk-budget.ts';
import { CensusFlag, CensusPage, CensusPart, type CensusStep, noTag } from './census-types.ts';
import { tellPages } from './large-census.ts';
import { bareTag, extentParts, isBroken, type Part, tellInOrder } from './page-parts.ts';
import { addressOf, numberOf, offsetOf, type PageTeller } from './page-teller.ts';
import { tellAround } from './special-census.ts';

const verdicts = {
  whole: CensusPage.whole,
  damaged: CensusPage.damaged,
  incomplete: CensusPage.incomplete,
  unrecognized: CensusPage.unrecognized,
  missing: CensusPage.unreadable,
} as const;

const pools: readonly PoolName[] = ['nonpaged', 'paged', 'paged-session', 'special'];

/** All heaps of the pool, those of special pool too. Gives why parts may be lacking, and why it was cut. */
export function* walkHeapCensus(
  kernel: SearchedKernel,
  allocations: readonly BigAllocation[],
  teller: PageTeller,
): Generator<CensusStep, { readonly notes: readonly string[]; readonly cut: string | undefined }> {
  const budget = new WalkBudget(kernel);
  const census = new HeapCensus(kernel, allocations, teller);
  const run = walkHeaps(kernel, { pools }, budget, {
    range: (range) => census.range(range),
    page: (page, pool) => census.page(page, pool),
    allocation: (block, range, pool) => census.allocation(block, range, pool),
  });
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) {
      census.end();
      return { notes: step.value.missing, cut: budget.cut };
    }
    if (teller.isFull) return { notes: [], cut: undefined };
    yield { what: 'pages', pages: teller.count };
  }
}

class HeapCensus {
  readonly #kernel: SearchedKernel;
  readonly #teller: PageTeller;
  readonly #big: ReadonlyMap<Va, BigAllocation>;
  #range: HeapRange | undefined;

  constructor(kernel: SearchedKernel, allocations: readonly BigAllocation[], teller: PageTeller) {
    this.#kernel = kernel;
    this.#teller = teller;
    this.#big = new Map(allocations.map((each) => [each.address, each]));
  }

  range(range: HeapRange): void {
    this.end();
    if (range.kind === 'vs' || range.kind === 'lfh') this.#range = range;
    else if (range.kind === 'header') this.#tellMapped(range, CensusPage.manager);
    else if (range.kind === 'free') this.#tellMapped(range, CensusPage.free);
    else if (range.kind === 'unknown') this.#tellMapped(range, CensusPage.unrecognized);
  }

  page(page: HeapPage, pool: PoolRegionName): void {
    const taker = this.#teller.tell(numberOf(page.address), pool, verdicts[page.verdict]);
    if (taker === undefined) return;
    const blocks = page.blocks.flatMap((block) => partOf(page, this.#tagged(block)));
    // Where a block is the heap knows without its header: that is damaged then, and the block still one part.
    const isInBlock = ({ at }: Part): boolean =>
      blocks.some((block) => at >= block.at && at < block.at + block.size);
    const extents = extentParts(page.address, page.unexplained).filter((extent) => !isInBlock(extent));
    tellInOrder(taker, [...blocks, ...extents]);
  }

  /** Blocks of whole pages have no header; their tags are in the table of large allocations. */
  #tagged(block: HeapBlock): HeapBlock {
    if (block.tagValue !== undefined || block.state !== 'allocated') return block;
    const tagValue = this.#big.get(block.address)?.tagValue;
    return tagValue === undefined ? block : { ...block, tagValue };
  }

  allocation(block: HeapBlock, range: HeapRange, pool: PoolRegionName): void {
    if (range.heap.isSpecial === true) {
      tellAround(this.#kernel, this.#teller, readSpecialPool(this.#kernel, block.address));
      return;
    }
    const { address, size } = block;
    const tagValue = this.#big.get(address)?.tagValue;
    const damaged = range.problems.length > 0;
    const run = tellPages(this.#kernel, this.#teller, pool, {
      address,
      size: BigInt(size),
      tagValue,
      damaged,
    });
    for (let step = run.next(); step.done !== true; step = run.next());
  }

  /** Pages of the range before that are mapped, and were not there. */
  end(): void {
    if (this.#range !== undefined) this.#tellMapped(this.#range, CensusPage.unreadable);
    this.#range = undefined;
  }

  #tellMapped({ start, end, heap }: HeapRange, what: CensusPage): void {
    const { memory } = this.#kernel.target;
    const last = Math.min(numberOf(end), numberOf(start) + mostPages);
    for (let page = numberOf(start); page < last; page++)
      if (!this.#teller.has(page) && pageStateOf(memory, addressOf(page)).state === 'in-use')
        this.#teller.tell(page, poolOfHeap(heap), what);
  }
}

/** Of the largest segment. */
const mostPages = 0x100_0000 / pageSize;

/** One block of a page; what began before was told in full there. */
function partOf(page: HeapPage, block: HeapBlock): Part[] {
  const { address, state, cachedIn, tagValue, header } = block;
  const size = toldSize(block);
  const end = address + BigInt(size);
  if (end <= page.address) return [];
  const flags =
    (isBroken(page.problems, block.chunk?.address ?? address, address) ? CensusFlag.damaged : 0) |
    (tagValue !== undefined && tagValue >>> 31 === 1 ? CensusFlag.protected : 0) |
    (((header?.type ?? 0) & quotaBit) === 0 ? 0 : CensusFlag.quota);
  const what = state === 'cached' ? asideKind(cachedIn) : CensusPart[state];
  const tag = tagValue === undefined ? noTag : bareTag(tagValue);
  return address >= page.address
    ? [{ at: offsetOf(address), size, tag, what, flags }]
    : [{ at: 0, size: Number(end - page.address), tag, what, flags: flags | CensusFlag.continued }];
}

const quotaBit = 0x08;

const asideKind = (cachedIn: string | undefined): CensusPart =>
  cachedIn === undefined
    ? CensusPart.aside
    : cachedIn.includes('delayed')
      ? CensusPart.deferred
      : CensusPart.lookaside;
