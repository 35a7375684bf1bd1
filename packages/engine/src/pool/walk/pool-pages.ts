import { pageOf, type Va } from '../../base/index.ts';
import type { MemoryRange } from '../../mmu/index.ts';
import { decodeType } from '../block-type.ts';
import { type PoolFormat, poolFormat } from '../format.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { BigPageList } from '../list-big-pages.ts';
import type { PoolPage } from '../page.ts';
import { readPoolPage } from '../read-pool-page.ts';
import { poolOfBlocks } from '../regions.ts';
import type { PoolRange, PoolRegionName } from '../told-ranges.ts';
import { BigSpans } from './big-spans.ts';
import { judgePage, type PageClass } from './judge-page.ts';
import { PageTest } from './page-test.ts';
import { WalkBudget } from './walk-budget.ts';
import { addressOfPage, type PageVisitor, type WalkStep, walkPages } from './walk-pool.ts';

/** Numbers of pages by what they are; `large`: in large allocations, whose last pages may hold small blocks too. */
export type PageCounts = Record<PageClass | 'large', number>;

/** What is done with the pages of a pool; those of large allocations are only counted. */
export interface PoolVisitor {
  /** A page without damage, in words that are used again. */
  whole?(words: Uint32Array, at: number, page: Va, pool: PoolRegionName): void;
  /** A page with damage, or that is there in parts. */
  odd(page: PoolPage, judged: 'damaged' | 'incomplete' | 'whole', pool: PoolRegionName): void;
  /** A page of other memory. */
  other?(page: Va): void;
}

/** Looks at the pages of ranges that hold pool, fast where a page is whole, and thoroughly where it is not. */
export class PoolPages {
  readonly format: PoolFormat;
  readonly test: PageTest;
  /** Over all walks. */
  readonly budget: WalkBudget;
  readonly #kernel: SearchedKernel;
  readonly #spans: BigSpans;
  readonly #noBig: boolean;

  constructor(kernel: SearchedKernel, big: BigPageList) {
    this.#kernel = kernel;
    this.budget = new WalkBudget(kernel);
    this.format = poolFormat(kernel);
    this.test = new PageTest(this.format);
    const tables = big.table === undefined ? [] : [tableSpan(big.table)];
    this.#spans = new BigSpans([...big.allocations, ...tables]);
    this.#noBig = big.unknown === undefined;
  }

  /** All pages of a range that are there; counts them. */
  *walk(range: PoolRange, counts: PageCounts, visitor: PoolVisitor): Generator<WalkStep, number> {
    const { test } = this;
    const visit: PageVisitor = {
      page: (words, at, page) => {
        if (this.#spans.holds(page)) {
          counts.large++;
          this.#lookBehind(addressOfPage(page), this.#spans.takes(page), range, visitor);
        } else if (test.isWhole(words, at)) {
          counts.whole++;
          visitor.whole?.(words, at, addressOfPage(page), this.#poolOf(range, words, at));
        } else if (test.canBePool(words, at)) this.#look(addressOfPage(page), range, counts, visitor);
        else {
          counts.other++;
          visitor.other?.(addressOfPage(page));
        }
      },
      part: (address) => {
        if (this.#spans.holds(Number(address >> 12n))) counts.large++;
        else this.#look(address, range, counts, visitor);
      },
    };
    return yield* walkPages(this.#kernel.target.memory, range, visit, this.budget);
  }

  #look(address: Va, { name, told }: PoolRange, counts: PageCounts, visitor: PoolVisitor): void {
    const page = readPoolPage(this.#kernel, address);
    const judged = judgePage(page, this.format, { told, noBig: this.#noBig });
    counts[judged]++;
    if (judged === 'other') return visitor.other?.(address);
    const pool = name === 'unknown' ? (poolOfBlocks(page.blocks)?.name ?? name) : name;
    visitor.odd(page, judged, pool);
  }

  /** What a large allocation leaves of its last page may hold small blocks. */
  #lookBehind(address: Va, taken: number, { name }: PoolRange, visitor: PoolVisitor): void {
    const start = Math.ceil(taken / this.format.unit);
    if (taken === 0 || start >= this.format.units) return;
    const page = readPoolPage(this.#kernel, address, start);
    const judged = judgePage(page, this.format, { told: true, noBig: false });
    if (judged !== 'other') visitor.odd(page, judged, name);
  }

  #poolOf({ name }: PoolRange, words: Uint32Array, at: number): PoolRegionName {
    if (name !== 'unknown') return name;
    const { paged, session } = decodeType(this.test.typeOf(words, at), this.format.encoding);
    if (paged === undefined) return name;
    return paged ? (session ? 'paged-session' : 'paged') : 'nonpaged';
  }
}

/** The table of large allocations is one itself, and is in no table. */
function tableSpan({ start, end }: MemoryRange): { address: Va; size: bigint } {
  return { address: pageOf(start), size: end - pageOf(start) };
}

export const noPages = (): PageCounts => ({ whole: 0, damaged: 0, incomplete: 0, other: 0, large: 0 });

export function addPages(sum: PageCounts, counts: Readonly<PageCounts>): void {
  for (const name of Object.keys(sum) as (keyof PageCounts)[]) sum[name] += counts[name];
}
