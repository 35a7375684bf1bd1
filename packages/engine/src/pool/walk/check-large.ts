import { type HeapRange, largePage, largeProblems, poolOfHeap, withProblems } from '../heap/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { listBigPages } from '../list-big-pages.ts';
import { asSteps, type CheckStep, type DamagedPage } from './pool-check.ts';

/** Large allocations against the table of them and against page tables: the first page of each that does not agree. */
export function* checkLarge(
  kernel: SearchedKernel,
  large: readonly HeapRange[],
): Generator<CheckStep, DamagedPage[]> {
  if (large.length === 0) return [];
  const { allocations } = yield* asSteps(listBigPages(kernel));
  const byAddress = new Map(allocations.map((each) => [each.address, each]));
  return large.flatMap((range): DamagedPage[] => {
    const page = largePage(kernel, range, range.start);
    const problems = largeProblems(kernel, page, byAddress.get(range.start));
    const pool = poolOfHeap(range.heap);
    return problems.length === 0 ? [] : [{ page: withProblems(page, problems), pool }];
  });
}
