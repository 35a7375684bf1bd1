import type { Va } from '../../base/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { poolKind } from '../kind.ts';
import { listBigPages } from '../list-big-pages.ts';
import { type PoolName, poolRanges, restOf, unknownRange } from '../pool-ranges.ts';
import { type PoolRange, toldRanges } from '../told-ranges.ts';
import { checkHeaps } from './check-heaps.ts';
import {
  asSteps,
  type CheckedRange,
  type CheckStep,
  type DamagedPage,
  type PoolCheck,
} from './pool-check.ts';
import { addPages, noPages, PoolPages } from './pool-pages.ts';

/** Most damaged pages that are kept; others are only counted. */
export const mostDamaged = 4096;

const smallPools: readonly PoolName[] = ['nonpaged', 'paged', 'paged-session'];

/**
 * Validates the headers of every page of small blocks that is in the dump: of all pools, or of a range; on the segment heap
 * those of its own structures too.
 */
export function* checkPool(kernel: SearchedKernel, wanted?: MemoryRange): Generator<CheckStep, PoolCheck> {
  const pool = poolKind(kernel);
  if (pool.kind === 'segment-heap') return yield* checkHeaps(kernel, pool, wanted, mostDamaged);
  const big = yield* asSteps(listBigPages(kernel));
  const walk = new PoolPages(kernel, big);
  const pages = noPages();
  const damaged: DamagedPage[] = [];
  const ranges: CheckedRange[] = [];
  let bytes = 0;
  for (const range of wanted === undefined ? poolRanges(kernel, smallPools) : within(kernel, wanted)) {
    if (walk.budget.isSpent) break;
    const counts = noPages();
    let fresh: DamagedPage[] = [];
    const run = walk.walk(range, counts, {
      odd: (page, judged, name) => {
        if (judged === 'damaged') fresh.push({ page, pool: name });
      },
    });
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const room = Math.max(0, mostDamaged - damaged.length);
      damaged.push(...fresh.slice(0, room));
      yield { what: 'pages', done: bytes + step.value.bytes, damaged: fresh.slice(0, room) };
      fresh = [];
    }
    bytes += step.value;
    addPages(pages, counts);
    ranges.push({ range, bytes: step.value, pages: counts });
  }
  return {
    pool,
    ranges,
    damaged,
    pages,
    bytes,
    bigUnknown: big.unknown,
    heapsUnknown: [],
    brokenLinks: [],
    cut: walk.budget.cut,
  };
}

/** The parts of a range: pools that the dump tells, and the rest, whose pages have to show what they are. */
function within(kernel: SearchedKernel, wanted: MemoryRange): PoolRange[] {
  const whole = { start: wanted.start & ~0xfffn, end: (wanted.end + 0xfffn) & ~0xfffn };
  const told = poolRanges(kernel, smallPools).filter(({ name }) => name !== 'unknown');
  const parts = told.flatMap((range): PoolRange[] => {
    const [start, end] = [larger(range.start, whole.start), smaller(range.end, whole.end)];
    return start < end ? [{ ...range, start, end }] : [];
  });
  const special = toldRanges(kernel).filter(({ name }) => name === 'special');
  const rest = restOf(whole, [...parts, ...special]).map(unknownRange);
  return [...parts, ...rest].sort((a, b) => (a.start < b.start ? -1 : 1));
}

const larger = (a: Va, b: Va): Va => (a > b ? a : b);
const smaller = (a: Va, b: Va): Va => (a < b ? a : b);
