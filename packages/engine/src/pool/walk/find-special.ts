import type { SearchedKernel } from '../kernel-data.ts';
import { readSpecialPool, type SpecialBlock, type SpecialPool } from '../special-pool.ts';
import type { PoolRange } from '../told-ranges.ts';
import type { WalkBudget } from './walk-budget.ts';
import { addressOfPage, type PageVisitor, type WalkStep, walkPages } from './walk-pool.ts';

/** A block of special pool that was found. */
export interface FoundSpecial {
  readonly block: SpecialBlock;
  readonly trust: SpecialPool['trust'];
}

/** Looks at the pages of a range that are there for blocks of special pool; hands each to `take`. */
export function* walkSpecialPool(
  kernel: SearchedKernel,
  range: PoolRange,
  take: (found: FoundSpecial) => void,
  budget: WalkBudget,
): Generator<WalkStep, number> {
  const isImage = (page: number): boolean =>
    kernel.modules.some(
      ({ base, size }) => page >= Number(base >> 12n) && page < Number((base + BigInt(size)) >> 12n),
    );
  const visit: PageVisitor = {
    page: (_words, _at, page) => {
      if (isImage(page)) return;
      const special = readSpecialPool(kernel, addressOfPage(page));
      if (special?.state !== 'allocated' || special.block === undefined) return;
      take({ block: special.block, trust: special.trust });
    },
    part: () => undefined,
  };
  return yield* walkPages(kernel.target.memory, range, visit, budget);
}
