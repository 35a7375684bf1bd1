import type { Pfn } from '@poolscope/engine/base';

/** Consecutive physical pages. */
export interface PageRun {
  readonly basePage: Pfn;
  readonly pageCount: number;
}

/** Physical pages as a dump writer wants them: which, and what is in them. */
export interface PageSource {
  /** Ascending, neither overlapping nor touching. */
  readonly runs: readonly PageRun[];
  /** The 4096 bytes of a page of the runs, valid until the next call, or undefined when all are zero. */
  page(pfn: Pfn): Uint8Array | undefined;
}

export const countPages = (runs: readonly PageRun[]): number =>
  runs.reduce((sum, run) => sum + run.pageCount, 0);

/** One past the highest page. */
export function endPage(runs: readonly PageRun[]): Pfn {
  const last = runs.at(-1);
  return last === undefined ? 0 : last.basePage + last.pageCount;
}

/** The pages of `runs` for which `wanted` holds, as runs. */
export function selectRuns(runs: readonly PageRun[], wanted: (pfn: Pfn) => boolean): PageRun[] {
  const selected: { basePage: Pfn; pageCount: number }[] = [];
  for (const { basePage, pageCount } of runs)
    for (let pfn = basePage; pfn < basePage + pageCount; pfn++) {
      if (!wanted(pfn)) continue;
      const last = selected.at(-1);
      if (last !== undefined && last.basePage + last.pageCount === pfn) last.pageCount++;
      else selected.push({ basePage: pfn, pageCount: 1 });
    }
  return selected;
}
