import type { Pfn } from '../base/index.ts';
import type { PageIndex } from './physical-memory.ts';

/** Pages `base`.. of one run, stored from file offset `offset` on. */
export interface PageRun {
  readonly base: Pfn;
  readonly count: number;
  readonly offset: number;
}

/** Page index of full and range dumps: sorted runs, binary search, the last run first. */
export class RunIndex implements PageIndex {
  readonly pageCount: number;
  readonly limit: number;
  readonly #runs: readonly PageRun[];
  readonly #bases: Float64Array;
  #last: PageRun | undefined;

  /** Runs in any order; where two overlap, the one with the lower base keeps the pages. */
  constructor(runs: readonly PageRun[]) {
    this.#runs = disjoint(runs);
    this.#bases = Float64Array.from(this.#runs, (run) => run.base);
    this.pageCount = this.#runs.reduce((sum, run) => sum + run.count, 0);
    const top = this.#runs.at(-1);
    this.limit = top === undefined ? 0 : top.base + top.count;
    this.#last = this.#runs[0];
  }

  offsetOf(pfn: Pfn): number {
    let run = this.#last;
    if (run === undefined) return -1;
    if (pfn < run.base || pfn >= run.base + run.count) {
      run = this.#find(pfn);
      if (run === undefined) return -1;
      this.#last = run;
    }
    return run.offset + (pfn - run.base) * 4096;
  }

  *runs(): Iterable<{ base: Pfn; count: number }> {
    for (const { base, count } of this.#runs) yield { base, count };
  }

  #find(pfn: Pfn): PageRun | undefined {
    let low = 0;
    let high = this.#bases.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bases[middle]! <= pfn) low = middle + 1;
      else high = middle;
    }
    const run = this.#runs[low - 1];
    return run !== undefined && pfn < run.base + run.count ? run : undefined;
  }
}

/** Sorted runs without overlap: of two that claim a page, the one with the lower base keeps it. */
function disjoint(runs: readonly PageRun[]): PageRun[] {
  const sorted = runs.filter((run) => run.count > 0).sort((a, b) => a.base - b.base || a.offset - b.offset);
  const result: PageRun[] = [];
  for (const run of sorted) {
    const previous = result.at(-1);
    const end = previous === undefined ? 0 : previous.base + previous.count;
    const cut = Math.max(0, end - run.base);
    if (cut < run.count)
      result.push({ base: run.base + cut, count: run.count - cut, offset: run.offset + cut * 4096 });
  }
  return result;
}

/** Do any two runs claim the same page? */
export function overlaps(runs: readonly PageRun[]): boolean {
  const sorted = [...runs].sort((a, b) => a.base - b.base);
  return sorted.some(
    (run, index) => index > 0 && sorted[index - 1]!.base + sorted[index - 1]!.count > run.base,
  );
}
