import { pageSize } from '../../base/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import { type HeapRange, type LonePages, type WalkedHeap, walkHeaps } from '../heap/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { PoolKind } from '../kind.ts';
import { checkLarge } from './check-large.ts';
import type { CheckedRange, CheckStep, DamagedPage, PoolCheck } from './pool-check.ts';
import { addPages, noPages } from './pool-pages.ts';
import { WalkBudget } from './walk-budget.ts';

/** Validates every page of small blocks of all heaps of the pool that is in the dump, or of a range; keeps so many damaged. */
export function* checkHeaps(
  kernel: SearchedKernel,
  pool: PoolKind,
  wanted: MemoryRange | undefined,
  most: number,
): Generator<CheckStep, PoolCheck> {
  const budget = new WalkBudget(kernel);
  const damaged: DamagedPage[] = [];
  let fresh: DamagedPage[] = [];
  const large: HeapRange[] = [];
  const choice = wanted === undefined ? {} : { within: wanted };
  const run = walkHeaps(kernel, choice, budget, {
    onlyOdd: true,
    page: (page, name) => {
      if (page.verdict === 'damaged') fresh.push({ page, pool: name });
    },
    range: (range) => {
      if (range.kind === 'large') large.push(range);
    },
  });
  for (let step = run.next(); ; step = run.next()) {
    const kept = fresh.slice(0, Math.max(0, most - damaged.length));
    damaged.push(...kept);
    fresh = [];
    if (step.done === true) {
      const { heaps, lone, missing } = step.value;
      const pages = noPages();
      for (const heap of heaps) addPages(pages, heap.pages);
      const others = loneRange(lone);
      for (const other of others) addPages(pages, other.pages);
      const wrong = yield* checkLarge(kernel, large);
      pages.damaged += wrong.length;
      pages.large -= wrong.length;
      const shown = wrong.slice(0, Math.max(0, most - damaged.length));
      damaged.push(...shown);
      if (shown.length > 0) yield { what: 'pages', done: 0, damaged: shown };
      return {
        pool,
        ranges: [...heaps.flatMap(rangeOf), ...others],
        damaged,
        pages,
        bytes: [...heaps, ...others].reduce((sum, { bytes }) => sum + bytes, 0),
        bigUnknown: undefined,
        heapsUnknown: missing,
        brokenLinks: heaps.flatMap(({ links }) => links),
        cut: budget.cut,
      };
    }
    yield { what: 'pages', done: step.value.bytes, damaged: kept };
  }
}

/** A heap as one range: it spans memory of others too, of which nothing is counted. */
function rangeOf({ heap, pool, span, bytes, pages }: WalkedHeap): CheckedRange[] {
  if (span === undefined) return [];
  return [
    {
      range: { name: pool, ...span, from: `the heap at ${heap.address.toString(16)}`, told: true },
      heap,
      bytes,
      pages,
    },
  ];
}

/** Pages whose heap is not known as one range: what lies between them is other memory. */
function loneRange(lone: LonePages | undefined): CheckedRange[] {
  if (lone === undefined) return [];
  const { count, span, keyFrom } = lone;
  const range = { name: 'unknown', ...span, from: `the heap key, known by ${keyFrom}`, told: false } as const;
  return [{ range, bytes: count * pageSize, pages: { ...noPages(), incomplete: count } }];
}
