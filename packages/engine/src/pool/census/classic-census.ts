import type { Va } from '../../base/index.ts';
import type { BigAllocation } from '../big-page-entry.ts';
import { decodeType } from '../block-type.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import type { BigPageList } from '../list-big-pages.ts';
import type { PoolPage } from '../page.ts';
import { type PoolName, poolRanges } from '../pool-ranges.ts';
import type { PoolRange, PoolRegionName } from '../told-ranges.ts';
import type { PageTest } from '../walk/page-test.ts';
import { noPages, PoolPages } from '../walk/pool-pages.ts';
import type { AsideBlocks } from './aside-blocks.ts';
import { CensusFlag, CensusPage, CensusPart, type CensusStep } from './census-types.ts';
import { bareTag, type Part, tellPage } from './page-parts.ts';
import { numberOf, type PageTeller } from './page-teller.ts';
import { tellGap } from './unreadable-pages.ts';

const smallPools: readonly PoolName[] = ['nonpaged', 'paged', 'paged-session'];

const judgedPages = {
  whole: CensusPage.whole,
  damaged: CensusPage.damaged,
  incomplete: CensusPage.incomplete,
} as const;

/** Pages of small blocks of the classic pool, range after range. Gives why it was cut, if it was. */
export function* walkClassic(
  kernel: SearchedKernel,
  big: BigPageList,
  aside: AsideBlocks,
  teller: PageTeller,
): Generator<CensusStep, string | undefined> {
  const pages = new PoolPages(kernel, big);
  const whole = new WholePages(pages.test, pages.format.encoding, aside, teller);
  const ends = new Map(big.allocations.map((each) => [numberOf(each.address + each.size - 1n), each]));
  for (const range of poolRanges(kernel, smallPools)) {
    if (pages.budget.isSpent || teller.isFull) break;
    yield* walkRange({ kernel, pages, whole, teller, ends }, range);
  }
  return pages.budget.cut;
}

interface Walk {
  readonly kernel: SearchedKernel;
  readonly pages: PoolPages;
  readonly whole: WholePages;
  readonly teller: PageTeller;
  /** Large allocations by their last pages. */
  readonly ends: ReadonlyMap<number, BigAllocation>;
}

function* walkRange(
  { kernel, pages, whole, teller, ends }: Walk,
  range: PoolRange,
): Generator<CensusStep, void> {
  let last: number | undefined;
  const before = (address: Va): void => {
    const page = numberOf(address);
    // Where only what pages hold tells that they are pool, nothing tells it of those that are not there.
    if (range.told && last !== undefined) tellGap(kernel, teller, range.name, last, page);
    last = page;
  };
  const run = pages.walk(range, noPages(), {
    whole: (words, at, address, pool) => {
      before(address);
      whole.tell(words, at, numberOf(address), pool);
    },
    odd: (page, judged, pool) => {
      if (page.tail === undefined) before(page.address);
      const taker = teller.tell(numberOf(page.address), pool, judgedPages[judged]);
      if (taker !== undefined) tellPage(taker, page, whole.aside, frontOf(page, ends));
    },
    other: (address) => {
      before(address);
      if (range.told) teller.tell(numberOf(address), range.name, CensusPage.unrecognized);
    },
  });
  for (let step = run.next(); step.done !== true; step = run.next()) {
    if (teller.isFull) return;
    yield { what: 'pages', pages: teller.count };
  }
}

/** The end of the large allocation behind which small blocks begin. */
function frontOf({ address, tail }: PoolPage, ends: ReadonlyMap<number, BigAllocation>): Part[] {
  const big = tail === undefined || tail === address ? undefined : ends.get(numberOf(address));
  if (big === undefined) return [];
  const size = Number(big.address + big.size - address);
  const tag = bareTag(big.tagValue);
  return [{ at: 0, size, tag, what: CensusPart.allocated, flags: CensusFlag.continued }];
}

/** Tells pages without damage out of their words, without an object for each block. */
class WholePages {
  readonly aside: AsideBlocks;
  readonly #test: PageTest;
  readonly #teller: PageTeller;
  /** By type: state and flags, without and with the bit of Windows XP and Server 2003 that says in use. */
  readonly #kinds: readonly [Uint8Array, Uint8Array];

  constructor(
    test: PageTest,
    encoding: PoolPages['format']['encoding'],
    aside: AsideBlocks,
    teller: PageTeller,
  ) {
    this.#test = test;
    this.aside = aside;
    this.#teller = teller;
    const kinds = (usesInUseBit: boolean): Uint8Array =>
      Uint8Array.from({ length: test.typeMask + 1 }, (_, type) => {
        const { state, quota } = decodeType(type, encoding, usesInUseBit);
        const part = { allocated: CensusPart.allocated, free: CensusPart.free, cached: CensusPart.aside }[
          state
        ];
        return part | (quota ? CensusFlag.quota << 4 : 0);
      });
    this.#kinds = [kinds(false), kinds(true)];
  }

  tell(words: Uint32Array, at: number, page: number, pool: PoolRegionName): void {
    const taker = this.#teller.tell(page, pool, CensusPage.whole);
    if (taker === undefined) return;
    const { units, step, sizeShift, sizeMask, typeShift, typeMask } = this.#test;
    const kinds = this.#kinds[this.#hasInUseBit(words, at) ? 1 : 0];
    const lists = this.aside.get(page);
    const unitBytes = step * 4;
    for (let unit = 0; unit < units; ) {
      const word = words[at + unit * step]!;
      const tag = words[at + unit * step + 1]!;
      const size = (word >>> sizeShift) & sizeMask;
      const kind = kinds[(word >>> typeShift) & typeMask]!;
      const stored = (kind & 0xf) as CensusPart;
      const what = stored === CensusPart.free ? stored : (lists?.get(unit * unitBytes) ?? stored);
      const flags = (kind >>> 4) | (tag >>> 31 === 1 ? CensusFlag.protected : 0);
      taker.part(unit * unitBytes, size * unitBytes, bareTag(tag), what, flags);
      unit += size;
    }
  }

  #hasInUseBit(words: Uint32Array, at: number): boolean {
    const { units, step, sizeShift, sizeMask, typeShift } = this.#test;
    for (let unit = 0; unit < units; ) {
      const word = words[at + unit * step]!;
      if (((word >>> typeShift) & 4) !== 0) return true;
      unit += (word >>> sizeShift) & sizeMask;
    }
    return false;
  }
}
