import { Fault, pageSize, type Va } from '../../base/index.ts';
import type { BigAllocation } from '../big-page-entry.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { poolRegion } from '../regions.ts';
import type { PoolRegionName } from '../told-ranges.ts';
import { CensusFlag, CensusPage, CensusPart, type CensusStep, noTag } from './census-types.ts';
import { bareTag } from './page-parts.ts';
import { numberOf, type PageTeller } from './page-teller.ts';

/** Pages told between two signs of life. */
const pagesPerStep = 1024;
/** Pages in a row that are not in the dump, after which the rest of an allocation is left out: a table may claim anything. */
const longestHole = 4096;

export interface WholePagesAllocation {
  readonly address: Va;
  readonly size: bigint;
  /** As stored; undefined: nothing tells. */
  readonly tagValue: number | undefined;
  readonly damaged?: boolean;
}

/** Allocations of the table of large allocations that no walk has met. */
export function* walkLarge(
  kernel: SearchedKernel,
  allocations: readonly BigAllocation[],
  teller: PageTeller,
): Generator<CensusStep, void> {
  let next = pagesPerStep;
  for (const allocation of allocations) {
    if (teller.isFull) return;
    if (teller.has(numberOf(allocation.address))) continue;
    const pool = allocation.pool ?? poolRegion(kernel, allocation.address).name;
    for (const _ of tellPages(kernel, teller, pool, allocation)) {
      if (teller.count < next) continue;
      next = teller.count + pagesPerStep;
      yield { what: 'large', pages: teller.count };
    }
  }
}

/** The pages of one allocation; yields after each. Where its last page was told before, it has small blocks behind. */
export function* tellPages(
  { target }: Pick<SearchedKernel, 'target'>,
  teller: PageTeller,
  pool: PoolRegionName,
  { address, size, tagValue, damaged = false }: WholePagesAllocation,
): Generator<void, void> {
  const tag = tagValue === undefined ? noTag : bareTag(tagValue);
  const flags =
    (damaged ? CensusFlag.damaged : 0) |
    (tagValue !== undefined && tagValue >>> 31 === 1 ? CensusFlag.protected : 0);
  const total = Number(size);
  let hole = 0;
  for (let at = 0; at < total && hole < longestHole && !teller.isFull; at += pageSize) {
    const va = address + BigInt(at);
    const isThere = !(target.memory.tryRead(va, 1) instanceof Fault);
    hole = isThere ? 0 : hole + 1;
    const what = isThere ? CensusPage.large : CensusPage.unreadable;
    const continued = at === 0 ? 0 : CensusFlag.continued;
    teller.tell(numberOf(va), pool, what)?.part(0, total - at, tag, CensusPart.allocated, flags | continued);
    yield;
  }
}
