import type { Va } from '../../base/index.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import type { CensusPage, CensusTaker } from './census-types.ts';
import { PageSet } from './page-set.ts';

const pageShift = 12n;
export const numberOf = (va: Va): number => Number(va >> pageShift);
export const offsetOf = (va: Va): number => Number(va & 0xfffn);
export const addressOf = (page: number): Va => BigInt(page) << pageShift;

/** Hands pages to a taker, each once: walks of several ranges can meet a page again. */
export class PageTeller {
  readonly #taker: CensusTaker;
  readonly #told = new PageSet();

  constructor(taker: CensusTaker) {
    this.#taker = taker;
  }

  get count(): number {
    return this.#told.size;
  }

  get isFull(): boolean {
    return this.#taker.isFull;
  }

  has(page: number): boolean {
    return this.#told.has(page);
  }

  /** Gives the taker of the page's parts; undefined where the page was told before, or the taker has enough. */
  tell(page: number, pool: PoolRegionName, what: CensusPage): CensusTaker | undefined {
    if (this.#taker.isFull || !this.#told.add(page)) return undefined;
    this.#taker.page(page, pool, what);
    return this.#taker;
  }
}
