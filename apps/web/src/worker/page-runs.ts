/** Neighbours among the pages in the order in which they were found. */
interface PageRun {
  /** Index of the first page, and how many follow. */
  readonly first: number;
  count: number;
  readonly pool: number;
  /** Number of its first page. */
  readonly page: number;
}

/** Pages come range after range, heap after heap: their order by address is that of a few runs. */
export class PageRuns {
  readonly #runs: PageRun[] = [];
  #count = 0;

  add(pool: number, page: number): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && last.pool === pool && last.page + last.count === page) last.count++;
    else this.#runs.push({ first: this.#count, count: 1, pool, page });
    this.#count++;
  }

  has(page: number): boolean {
    return this.#runs.some((run) => page >= run.page && page < run.page + run.count);
  }

  /** Indices of all pages by pool and address. */
  order(): Uint32Array<ArrayBuffer> {
    const sorted = [...this.#runs].sort((a, b) => a.pool - b.pool || a.page - b.page);
    const order = new Uint32Array(this.#count);
    let at = 0;
    for (const { first, count } of sorted)
      for (let index = 0; index < count; index++) order[at++] = first + index;
    return order;
  }
}
