import type { BigAllocation } from '../big-page-entry.ts';

/** Pages of large allocations, as spans of page numbers that are looked through in rising order. */
export class BigSpans {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  readonly #lasts: Float64Array;
  #next = 0;

  constructor(allocations: readonly Pick<BigAllocation, 'address' | 'size'>[]) {
    const sorted = [...allocations].sort((a, b) => (a.address < b.address ? -1 : 1));
    this.#starts = Float64Array.from(sorted, ({ address }) => Number(address >> 12n));
    this.#ends = Float64Array.from(sorted, ({ address, size }) => Number((address + size + 0xfffn) >> 12n));
    this.#lasts = Float64Array.from(sorted, ({ size }) => Number(size & 0xfffn));
    // A damaged table may have spans that overlap: ends have to rise too.
    for (let at = 1; at < this.#ends.length; at++)
      this.#ends[at] = Math.max(this.#ends[at]!, this.#ends[at - 1]!);
  }

  /** Does a large allocation hold a page? Fast where one asks for pages in rising order. */
  holds(page: number): boolean {
    if (this.#next > 0 && page < this.#ends[this.#next - 1]!) this.#next = this.#find(page);
    while (this.#next < this.#ends.length && this.#ends[this.#next]! <= page) this.#next++;
    return this.#next < this.#starts.length && this.#starts[this.#next]! <= page;
  }

  /** Of the page that `holds` was true of: bytes of it that the allocation takes, if it is the last one; 0: all. */
  takes(page: number): number {
    return page + 1 === this.#ends[this.#next] ? this.#lasts[this.#next]! : 0;
  }

  /** The first span that ends behind a page. */
  #find(page: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ends[middle]! <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
