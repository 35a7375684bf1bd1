import { Fault } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { pageStateOf } from '../special-guard.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import { CensusPage } from './census-types.ts';
import { addressOf, type PageTeller } from './page-teller.ts';

/** Longer gaps are other memory, or pool that was given back. */
const longestGap = 64;

/**
 * Pages between two that are there: those that page tables lead to, and that cannot be read, are pool that is not in the dump.
 * Others are of large allocations, or no pool at this time.
 */
export function tellGap(
  kernel: SearchedKernel,
  teller: PageTeller,
  pool: PoolRegionName,
  last: number,
  next: number,
): void {
  if (next - last - 1 > longestGap) return;
  for (let page = last + 1; page < next; page++)
    if (!teller.has(page) && isUnreadable(kernel, page)) teller.tell(page, pool, CensusPage.unreadable);
}

const isUnreadable = ({ target: { memory } }: SearchedKernel, page: number): boolean =>
  memory.tryRead(addressOf(page), 1) instanceof Fault &&
  pageStateOf(memory, addressOf(page)).state === 'in-use';
