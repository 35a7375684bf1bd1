import type { Va } from '../../base/index.ts';
import { findPoolDescriptors } from '../descriptor-places.ts';
import { readPendingFrees } from '../descriptors.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { ListBudget } from '../list-budget.ts';
import { poolLookasides } from '../lookaside-places.ts';
import { lookasideEntries } from '../lookasides.ts';
import { CensusPart } from './census-types.ts';
import { numberOf, offsetOf } from './page-teller.ts';

type Aside = typeof CensusPart.lookaside | typeof CensusPart.deferred;

/** Blocks of the classic pool that were freed and are kept: by page and offset, on which kind of list. */
export type AsideBlocks = ReadonlyMap<number, ReadonlyMap<number, Aside>>;

/** Follows the lists of blocks that are put aside, and of those that wait to be freed. Yields now and then. */
export function* readAsideBlocks(kernel: SearchedKernel): Generator<number, AsideBlocks> {
  const found = new Map<number, Map<number, Aside>>();
  const add = (address: Va, what: Aside): void => {
    const page = numberOf(address);
    const there = found.get(page);
    if (there === undefined) found.set(page, new Map([[offsetOf(address), what]]));
    else there.set(offsetOf(address), what);
  };
  const budget = new ListBudget();
  for (const processor of kernel.processors)
    for (const place of poolLookasides(kernel, processor)) {
      for (const { address } of lookasideEntries(kernel, place, budget).blocks)
        add(address, CensusPart.lookaside);
      yield found.size;
    }
  for (const place of (yield* findPoolDescriptors(kernel)).places) {
    for (const { address } of readPendingFrees(kernel, place, budget)?.blocks ?? [])
      add(address, CensusPart.deferred);
    yield found.size;
  }
  return found;
}
