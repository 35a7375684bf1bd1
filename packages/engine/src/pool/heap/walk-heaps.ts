import { pageSize, type Va } from '../../base/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import { describeListEnd } from '../../types/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import { isOf, type PoolName } from '../pool-ranges.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import { noPages, type PageCounts } from '../walk/pool-pages.ts';
import type { TagPattern } from '../walk/tag-pattern.ts';
import type { WalkBudget } from '../walk/walk-budget.ts';
import { type BrokenLink, findBrokenLinks } from './broken-links.ts';
import { quotaCookieBySymbol } from './heap-billing.ts';
import type { HeapBlock, HeapPage, HeapRange, HeapRangeKind, PoolHeap } from './heap-block.ts';
import { readHeapLists } from './heap-lists.ts';
import { readPageOfRange } from './heap-page.ts';
import { poolOfHeap } from './heap-text.ts';
import { largeRange, walkLargeAllocations } from './large-allocations.ts';
import { readLfhContext } from './lfh-context.ts';
import { walkLfhPages } from './lfh-page.ts';
import { LfhRangeTest } from './lfh-range-test.ts';
import { readLfhSubsegment } from './lfh-subsegment.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { readProvenHeaps, withProvenLfhKey } from './proven-keys.ts';
import { walkRanges } from './range-descriptors.ts';
import { walkSegments } from './segments.ts';
import { VsCode } from './vs-code.ts';
import { VsRangeTest } from './vs-range-test.ts';
import { isTreeEncoded, noVsKnowledge, type VsKnowledge } from './vs-subsegment.ts';
import { type LonePages, walkLonePages } from './walk-lone-pages.ts';

/** Which heaps are walked, and which of their memory. */
export interface HeapChoice {
  /** Heaps of these pools; without it all but those of special pool. The heap manager's own are walked where `heap` names one. */
  readonly pools?: readonly PoolName[] | undefined;
  /** Only this heap. */
  readonly heap?: Va;
  readonly within?: MemoryRange;
}

/** What is done with what a walk meets. */
export interface HeapVisitor {
  /** Pages of ranges that are whole throughout are only counted, which is much faster. */
  readonly onlyOdd?: true;
  /** The same of ranges that are whole and have no block with one of these tags. */
  readonly tags?: TagPattern;
  range?(range: HeapRange): void;
  /** A page of small blocks of which something is in the dump. */
  page?(page: HeapPage, pool: PoolRegionName): void;
  /** An allocation without a header, on pages of its own. */
  allocation?(block: HeapBlock, range: HeapRange, pool: PoolRegionName): void;
}

/** How far a walk is. */
export interface HeapStep {
  /** Undefined: a key is looked for, or pages whose heap is not known are. */
  readonly heap: PoolHeap | undefined;
  readonly pool: PoolRegionName;
  /** Everything of the segment that has it is done below this address. */
  readonly at: Va;
  /** Bytes of small blocks that were there, over all heaps. */
  readonly bytes: number;
}

/** What was met in one heap. */
export interface WalkedHeap {
  readonly heap: PoolHeap;
  readonly pool: PoolRegionName;
  /** Bytes of pages of small blocks that are in the dump. */
  readonly bytes: number;
  /** Pages of small blocks by what they are, `large`: of allocations without headers, `other`: free, or not to be told. */
  readonly pages: Readonly<PageCounts>;
  readonly segments: number;
  /** Links of its trees and lists that are broken. */
  readonly links: readonly BrokenLink[];
  readonly ranges: Readonly<Record<HeapRangeKind, number>>;
  /** From its first range to its last; memory of others may lie between. Undefined: it has none that can be told. */
  readonly span: MemoryRange | undefined;
}

export interface HeapWalk {
  readonly heaps: readonly WalkedHeap[];
  /** Pages of heaps that are not known; undefined: none were found, or not looked for. */
  readonly lone: LonePages | undefined;
  /** Why heaps or parts of them may be lacking, as half sentences. */
  readonly missing: readonly string[];
}

/** Segments of one heap at most: 1 TB of small ones. */
const mostSegments = 1 << 20;

/**
 * Goes through the heaps of the pool: their segments, ranges, pages, and large allocations. Yields between ranges, and ends when
 * the budget is spent.
 */
export function* walkHeaps(
  kernel: SearchedKernel,
  choice: HeapChoice,
  budget: WalkBudget,
  visitor: HeapVisitor,
): Generator<HeapStep, HeapWalk> {
  const heaps = yield* asSteps(readProvenHeaps(kernel), 0);
  if (typeof heaps === 'string') return { heaps: [], lone: undefined, missing: [heaps] };
  const missing = whyNotAll(heaps);
  const walked: WalkedHeap[] = [];
  let bytes = 0;
  for (const heap of heaps.heaps) {
    if (!isChosen(heap, choice) || budget.isSpent) continue;
    const walker = new HeapWalker(kernel, heaps, heap, { choice, budget, visitor });
    const run = walker.walk(bytes);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) break;
      yield step.value;
    }
    walked.push(walker.result);
    missing.push(...walker.missing);
    bytes += walker.result.bytes;
  }
  if (choice.heap !== undefined) return { heaps: walked, lone: undefined, missing };
  const visit = (page: HeapPage, pool: PoolRegionName): void => {
    if (isWantedPool(pool, choice)) visitor.page?.(page, pool);
  };
  const lone = yield* asSteps(walkLonePages(kernel, heaps, budget, visit, choice.within), bytes);
  return { heaps: walked, lone, missing: [...missing, ...loneText(lone)] };
}

/** A search beside heaps as steps of the walk. */
function* asSteps<T>(run: Generator<number | Va, T>, bytes: number): Generator<HeapStep, T> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    const at = typeof step.value === 'bigint' ? step.value : 0n;
    yield { heap: undefined, pool: 'unknown', at, bytes };
  }
}

function loneText(lone: LonePages | undefined): string[] {
  if (lone === undefined) return [];
  const many = lone.count === 1 ? 'the heap of a page is' : `the heaps of ${lone.count} pages are`;
  return [
    `${many} not known, and blocks there are by chunk headers that decode with the heap key, which is known by ${lone.keyFrom}; damage is not looked for there`,
  ];
}

function whyNotAll({ heaps, state, keys }: PoolHeaps): string[] {
  return [
    ...(isPlaced(state) ? [] : [state]),
    ...(heaps.length === 0 && isPlaced(state) ? ['no heap of the pool is in this dump'] : []),
    ...(isPlaced(keys.heapKey) ? [] : [`the heap key is not known: ${keys.heapKey}`]),
    ...(isPlaced(keys.lfhKey) ? [] : [`the key of the LFH is not known: ${keys.lfhKey}`]),
  ];
}

function isChosen(heap: PoolHeap, { pools, heap: only }: HeapChoice): boolean {
  if (only !== undefined) return heap.address === only;
  // What the heap manager keeps for itself is no pool.
  if (heap.role === 'metadata') return false;
  return isWantedPool(poolOfHeap(heap), { pools });
}

function isWantedPool(pool: PoolRegionName, { pools }: Pick<HeapChoice, 'pools'>): boolean {
  if (pools === undefined) return pool !== 'special';
  return pool === 'unknown' || pools.some((name) => isOf(pool, name));
}

interface WalkParts {
  readonly choice: HeapChoice;
  readonly budget: WalkBudget;
  readonly visitor: HeapVisitor;
}

const noRanges = (): Record<HeapRangeKind, number> => ({
  vs: 0,
  lfh: 0,
  range: 0,
  free: 0,
  header: 0,
  unknown: 0,
  large: 0,
});

class HeapWalker {
  readonly missing: string[] = [];
  readonly #kernel: SearchedKernel;
  #heaps: PoolHeaps;
  readonly #heap: PoolHeap;
  readonly #parts: WalkParts;
  readonly #pool: PoolRegionName;
  readonly #pages = noPages();
  readonly #ranges = noRanges();
  readonly #test: VsRangeTest | undefined;
  #lfhTest: LfhRangeTest | undefined;
  #bytes = 0;
  #segments = 0;
  #links: readonly BrokenLink[] = [];
  #span: MemoryRange | undefined;

  constructor(kernel: SearchedKernel, heaps: PoolHeaps, heap: PoolHeap, parts: WalkParts) {
    this.#kernel = kernel;
    this.#heaps = heaps;
    this.#heap = heap;
    this.#parts = parts;
    this.#pool = poolOfHeap(heap);
    const { heapKey } = heaps.keys;
    if (isPlaced(heapKey) && heap.role !== 'metadata')
      this.#test = new VsRangeTest(
        kernel.target.memory,
        new VsCode(heapKey.value),
        !isTreeEncoded(kernel, heaps, heap.address),
      );
  }

  get result(): WalkedHeap {
    return {
      heap: this.#heap,
      pool: this.#pool,
      bytes: this.#bytes,
      pages: this.#pages,
      segments: this.#segments,
      links: this.#links,
      ranges: this.#ranges,
      span: this.#span,
    };
  }

  *walk(before: number): Generator<HeapStep, void> {
    const name = this.#heap.address.toString(16);
    if (this.#heap.signature !== 'right')
      this.missing.push(
        `the heap at ${name} ${this.#heap.signature === 'wrong' ? 'has no signature' : 'is not in this dump'}`,
      );
    const lists = yield* this.#lists(before);
    const links = yield* asSteps(findBrokenLinks(this.#kernel, this.#heaps, this.#heap), before);
    this.#links = links.filter(({ at }) => this.#isWanted(at, at + 1n));
    const run = walkSegments(this.#kernel, this.#heaps, this.#heap);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) {
        for (const end of step.value.ends) {
          const text = describeListEnd(end);
          if (text !== undefined) this.missing.push(`a list of segments of the heap at ${name}: ${text}`);
        }
        break;
      }
      if (this.#parts.budget.isSpent || ++this.#segments > mostSegments) return;
      const { segment } = step.value;
      if (!this.#isWanted(segment.address, segment.address + BigInt(segment.size))) continue;
      for (const range of walkRanges(this.#kernel, this.#heaps, segment)) {
        if (this.#parts.budget.isSpent) return;
        if (range.kind === 'lfh') yield* this.#proveLfhKey(range, before);
        this.#visit(range, lists);
        yield { heap: this.#heap, pool: this.#pool, at: range.end, bytes: before + this.#bytes };
      }
    }
    yield* this.#large(before);
  }

  /** The key of the LFH, where nothing but subsegments tells it. */
  *#proveLfhKey(range: HeapRange, before: number): Generator<HeapStep, void> {
    if (isPlaced(this.#heaps.keys.lfhKey)) return;
    const context = readLfhContext(this.#kernel, range.heap);
    const run = withProvenLfhKey(this.#kernel, this.#heaps, range, context);
    const found = yield* asSteps(run, before + this.#bytes);
    if (isPlaced(found.keys.lfhKey)) this.#heaps = found;
  }

  *#lists(before: number): Generator<HeapStep, VsKnowledge> {
    const run = readHeapLists(this.#kernel, this.#heaps, this.#heap);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) {
        this.missing.push(...step.value.missing);
        return step.value;
      }
      yield { heap: this.#heap, pool: this.#pool, at: this.#heap.address, bytes: before };
    }
  }

  *#large(before: number): Generator<HeapStep, void> {
    const run = walkLargeAllocations(this.#kernel, this.#heap);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) {
        this.missing.push(...step.value.missing);
        return;
      }
      this.#visit(largeRange(this.#heap, step.value), noVsKnowledge);
      yield { heap: this.#heap, pool: this.#pool, at: step.value.address, bytes: before + this.#bytes };
    }
  }

  #isWanted(start: Va, end: Va): boolean {
    const { within } = this.#parts.choice;
    return within === undefined || (start < within.end && end > within.start);
  }

  #visit(range: HeapRange, lists: VsKnowledge): void {
    const { start, end, kind } = range;
    if (!this.#isWanted(start, end)) return;
    this.#ranges[kind]++;
    this.#parts.visitor.range?.(range);
    const from = this.#span === undefined || start < this.#span.start ? start : this.#span.start;
    const to = this.#span === undefined || end > this.#span.end ? end : this.#span.end;
    this.#span = { start: from, end: to };
    const count = Number((end - start) / BigInt(pageSize));
    if (kind === 'vs' || kind === 'lfh') this.#visitPages(range, count, lists);
    else if (kind === 'range' || kind === 'large') this.#visitAllocation(range, count, lists);
    else this.#pages.other += count;
  }

  /** Need a range not be looked at page by page? Then so many of its pages are missing. */
  #wholeBut(range: HeapRange, lists: VsKnowledge): number | undefined {
    const { visitor, choice } = this.#parts;
    const isFast = visitor.onlyOdd === true || visitor.tags !== undefined;
    if (!isFast || range.problems.length > 0 || choice.within !== undefined) return undefined;
    const test = range.kind === 'vs' ? this.#wholeVs(range, lists) : this.#wholeLfh(range);
    const isWanted = test !== undefined && visitor.tags !== undefined && test.hasTag(visitor.tags);
    return test === undefined || isWanted ? undefined : test.holes;
  }

  #wholeVs(range: HeapRange, { free, isTreeWhole }: VsKnowledge): VsRangeTest | undefined {
    return this.#test?.isWhole(range, isTreeWhole ? free : undefined) === true ? this.#test : undefined;
  }

  #wholeLfh(range: HeapRange): LfhRangeTest | undefined {
    const { keys } = this.#heaps;
    const context = readLfhContext(this.#kernel, range.heap);
    const reading = { keys, context: typeof context === 'string' ? undefined : context };
    const subsegment = readLfhSubsegment(this.#kernel, range, reading);
    if (typeof subsegment === 'string') return undefined;
    this.#lfhTest ??= new LfhRangeTest(this.#kernel.target.memory, quotaCookieBySymbol(this.#kernel)?.value);
    return this.#lfhTest.isWhole(range, subsegment) ? this.#lfhTest : undefined;
  }

  #visitAllocation(range: HeapRange, count: number, lists: VsKnowledge): void {
    this.#pages.large += count;
    const { allocation } = this.#parts.visitor;
    if (allocation === undefined) return;
    const [block] = readPageOfRange(this.#kernel, this.#heaps, range, range.start, lists).blocks;
    if (block !== undefined) allocation(block, range, this.#pool);
  }

  /** The pages of a range that are wanted; the subsegment of LFH pages is read once. */
  *#pagesOf(range: HeapRange, count: number, lists: VsKnowledge): Generator<HeapPage> {
    const isLfh = range.kind === 'lfh';
    const context = isLfh ? readLfhContext(this.#kernel, range.heap) : undefined;
    const reading = {
      keys: this.#heaps.keys,
      context: typeof context === 'string' ? undefined : context,
      cookie: isLfh ? quotaCookieBySymbol(this.#kernel)?.value : undefined,
    };
    const run = isLfh ? walkLfhPages(this.#kernel, range, reading) : undefined;
    for (let index = 0; index < count; index++) {
      const va = range.start + BigInt(index * pageSize);
      if (run !== undefined) {
        const step = run.next();
        if (step.done !== true && this.#isWanted(va, va + BigInt(pageSize))) yield step.value;
      } else if (this.#isWanted(va, va + BigInt(pageSize)))
        yield readPageOfRange(this.#kernel, this.#heaps, range, va, lists);
    }
  }

  #visitPages(range: HeapRange, count: number, lists: VsKnowledge): void {
    const missing = this.#wholeBut(range, lists);
    if (missing !== undefined) {
      this.#pages.other += missing;
      this.#pages.whole += count - missing;
      this.#bytes += (count - missing) * pageSize;
      this.#parts.budget.spend((count - missing) * pageSize, missing);
      return;
    }
    let holes = 0;
    for (const page of this.#pagesOf(range, count, lists)) {
      if (page.verdict === 'missing') {
        holes++;
        this.#pages.other++;
        continue;
      }
      this.#bytes += pageSize;
      this.#pages[page.verdict === 'unrecognized' ? 'other' : page.verdict]++;
      this.#parts.visitor.page?.(page, this.#pool);
    }
    this.#parts.budget.spend((count - holes) * pageSize, holes);
  }
}
