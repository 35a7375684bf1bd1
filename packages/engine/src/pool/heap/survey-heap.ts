import type { Va } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { WalkBudget } from '../walk/walk-budget.ts';
import type { HeapBlockState, HeapRange } from './heap-block.ts';
import { type HeapSummary, summarizeHeap } from './heap-summary.ts';
import { type LfhContext, readLfhContext } from './lfh-context.ts';
import { readProvenHeaps } from './proven-keys.ts';
import { type WalkedHeap, walkHeaps } from './walk-heaps.ts';

/** A range of a heap and how many blocks of each state begin in it; allocations without headers are one. */
export interface SurveyedRange {
  readonly range: HeapRange;
  readonly blocks: Readonly<Record<HeapBlockState, number>>;
  /** Pages with damage. */
  readonly damagedPages: number;
}

/** Everything in a heap. */
export interface HeapSurvey {
  readonly summary: HeapSummary;
  readonly walked: WalkedHeap;
  /** At most `mostRanges`, in the order of segments; the others are only counted. */
  readonly ranges: readonly SurveyedRange[];
  /** Why its sizes cannot be told is a text, half a sentence. */
  readonly lfh: LfhContext | string;
  /** Why parts of it may be lacking, as half sentences. */
  readonly missing: readonly string[];
  readonly cut: string | undefined;
}

/** Most ranges that are kept: 16 GB in ranges of 64 KB. */
const mostRanges = 1 << 18;

/** Walks a heap of the pool; undefined where none begins at the address. Yields bytes of small blocks done. */
export function* surveyHeap(kernel: SearchedKernel, address: Va): Generator<number, HeapSurvey | undefined> {
  const heaps = yield* readProvenHeaps(kernel);
  const heap = typeof heaps === 'string' ? undefined : heaps.heaps.find((each) => each.address === address);
  if (heap === undefined) return undefined;
  const ranges: (SurveyedRange & {
    readonly blocks: Record<HeapBlockState, number>;
    damagedPages: number;
  })[] = [];
  const budget = new WalkBudget(kernel);
  let isKept = true;
  const run = walkHeaps(kernel, { heap: address }, budget, {
    range: (range) => {
      isKept = ranges.length < mostRanges;
      const blocks = { allocated: 0, free: 0, cached: 0, unknown: 0 };
      if (isKept) ranges.push({ range, blocks, damagedPages: 0 });
    },
    page: (page) => {
      const last = ranges.at(-1);
      if (last === undefined || !isKept) return;
      for (const { address: at, state } of page.blocks) if (at >= page.address) last.blocks[state]++;
      if (page.verdict === 'damaged') last.damagedPages++;
    },
    allocation: ({ state }) => {
      const last = ranges.at(-1);
      if (last !== undefined && isKept) last.blocks[state]++;
    },
  });
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true)
      return {
        summary: summarizeHeap(kernel, heap),
        walked: step.value.heaps[0]!,
        ranges,
        lfh: readLfhContext(kernel, heap),
        missing: step.value.missing,
        cut: budget.cut,
      };
    yield step.value.bytes;
  }
}
