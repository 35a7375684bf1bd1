import { pageOf, pageSize, type Va, wrap64 } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { poolRanges } from '../pool-ranges.ts';
import { decodeSpecialHeaders } from '../special-header.ts';
import { readSpecialPool, type SpecialPool } from '../special-pool.ts';
import { WalkBudget } from '../walk/walk-budget.ts';
import { addressOfPage, walkPages } from '../walk/walk-pool.ts';
import { CensusPage, type CensusStep } from './census-types.ts';
import { tellSpecial } from './page-parts.ts';
import { numberOf, type PageTeller } from './page-teller.ts';

const pages = {
  allocated: CensusPage.special,
  guard: CensusPage.guard,
  'not-mapped': CensusPage.noMemory,
  unreadable: CensusPage.unreadable,
  unrecognised: CensusPage.unrecognized,
} as const;

/** Blocks of special pool with the pages that guard them, and the pages of it that the bug check names. */
export function* walkSpecial(
  kernel: SearchedKernel,
  teller: PageTeller,
): Generator<CensusStep, string | undefined> {
  const { pointerSize, memory } = kernel.target;
  const budget = new WalkBudget(kernel);
  const isImage = (va: Va): boolean =>
    kernel.modules.some(({ base, size }) => va >= base && va < base + BigInt(size));
  for (const range of poolRanges(kernel, ['special'])) {
    if (budget.isSpent || teller.isFull) break;
    const run = walkPages(
      memory,
      range,
      {
        page: (words, at, page) => {
          const bytes = new Uint8Array(words.buffer, at * 4, pageSize);
          if (decodeSpecialHeaders(bytes, pointerSize).length === 0) return;
          const va = addressOfPage(page);
          if (!teller.has(page) && !isImage(va)) tellAround(kernel, teller, readSpecialPool(kernel, va));
        },
        part: () => undefined,
      },
      budget,
    );
    for (let step = run.next(); step.done !== true; step = run.next()) {
      if (teller.isFull) break;
      yield { what: 'special', pages: teller.count };
    }
  }
  tellNamed(kernel, teller);
  return budget.cut;
}

/** A block, and the page that guards it. */
export function tellAround(kernel: SearchedKernel, teller: PageTeller, found: SpecialPool | undefined): void {
  if (found?.block === undefined || found.state !== 'allocated') return;
  const { block } = found;
  const taker = teller.tell(numberOf(block.page), 'special', CensusPage.special);
  if (taker !== undefined) tellSpecial(taker, block, kernel.target.pointerSize);
  if (block.guard.state !== 'in-use') teller.tell(numberOf(block.guard.page), 'special', CensusPage.guard);
}

/** Pages to each side of one that the bug check names: a block that was freed leaves nothing but its neighbours. */
const nearPages = 4;

function tellNamed(kernel: SearchedKernel, teller: PageTeller): void {
  const named = kernel.target.parameterAddress(0);
  if (named === undefined || readSpecialPool(kernel, named) === undefined) return;
  for (let away = -nearPages; away <= nearPages; away++) {
    const page = wrap64(pageOf(named) + BigInt(away * pageSize));
    const found = readSpecialPool(kernel, page);
    if (found?.state === 'allocated') tellAround(kernel, teller, found);
    else if (found !== undefined)
      teller.tell(numberOf(page), 'special', found.isFreed === true ? CensusPage.freed : pages[found.state]);
  }
}
