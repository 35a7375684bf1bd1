import { assert, pageSize } from '@poolscope/engine/base';
import type { BigPageEntry } from './big-page-table.ts';
import { bootNonPaged, bootPaged, bootSession, type PoolRegions, writeVector } from './boot-descriptors.ts';
import { bootBigPages, bootLookasides, bootTracker } from './boot-tables.ts';
import { type KernelAddress, toKernelAddress } from './kernel-address.ts';
import { PageRegion } from './page-region.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import {
  defaultCookie,
  type KernelPoolOptions,
  type PoolParts,
  type Pools,
  type RegionSpan,
} from './pool-parts.ts';
import { wellKnownTags } from './pool-type.ts';

/** Frees are delayed, in nt!ExpPoolFlags. Source: public research on Windows 7. */
const delayFreeFlag = 0x200;

/** Makes the pools: descriptors, tables and lookasides in memory, and nt's variables that lead to them. */
export function bootPools(parts: PoolParts, options: KernelPoolOptions): Pools {
  const regions = makeRegions(parts, options);
  const { nonPaged, nonPagedNx } = bootNonPaged(parts, regions);
  const own = new OwnPages(nonPagedNx);
  const takePages = (pages: number): KernelAddress => own.take(pages);
  const paged = bootPaged(parts, regions.paged, takePages, options.pagedPools ?? 4);
  const bigPages = bootBigPages(parts, takePages, options.bigPageSlots ?? 0x1000);
  const tracker = bootTracker(parts, takePages, options);
  own.enter(bigPages, tracker);
  writeVector(parts, nonPaged, paged[0]!);
  writeSettings(parts, options);
  return {
    regions: Object.values(regions).filter((region) => region !== undefined),
    nonPaged,
    nonPagedNx,
    paged,
    session: bootSession(parts, regions.session, options),
    bigPages,
    tracker,
    processorLists: bootLookasides(parts, options),
  };
}

function makeRegions({ memory, generation }: PoolParts, { space, regions }: KernelPoolOptions): PoolRegions {
  const region = (span: RegionSpan, executable: boolean): PageRegion =>
    new PageRegion(space, memory, {
      start: toKernelAddress(span.start),
      pages: span.pages,
      unit: generation.unit,
      options: { writable: true, executable },
    });
  assert(!generation.hasNx || regions.nonPagedNx !== undefined, 'this build has NX pool: give it a region');
  return {
    nonPaged: region(regions.nonPaged, true),
    nonPagedNx:
      generation.hasNx && regions.nonPagedNx !== undefined ? region(regions.nonPagedNx, false) : undefined,
    paged: region(regions.paged, false),
    session: regions.session && region(regions.session, false),
  };
}

/** Pages of the pool's own tables, entered as large allocations when there is a table to enter them in. */
class OwnPages {
  readonly #pool: PoolDescriptor;
  readonly #taken: { readonly start: KernelAddress; readonly pages: number }[] = [];

  constructor(pool: PoolDescriptor) {
    this.#pool = pool;
  }

  take(pages: number): KernelAddress {
    const start = this.#pool.region.allocate(pages, true);
    assert(start !== undefined, 'no room for the tables of the pool');
    this.#taken.push({ start, pages });
    return start;
  }

  enter(bigPages: Pools['bigPages'], tracker: Pools['tracker']): void {
    for (const { start, pages } of this.#taken) {
      const bytes = pages * pageSize;
      bigPages.insert(ownTable(start, bytes, this.#pool));
      tracker.countAllocation(wellKnownTags.pool, bytes, false, 0);
      this.#pool.countAllocation(bytes);
      this.#pool.countBigPages(pages);
    }
  }
}

/** Entry of a table of the pool itself. */
export const ownTable = (va: KernelAddress, bytes: number, { type }: PoolDescriptor): BigPageEntry => ({
  va,
  tag: wellKnownTags.pool,
  type,
  bytes,
  slush: 0,
  pattern: 0,
});

function writeSettings({ generation, memory, variables }: PoolParts, options: KernelPoolOptions): void {
  if (generation.encodesProcess)
    memory.writeU64(variables.get('ExpPoolQuotaCookie'), options.quotaCookie ?? defaultCookie);
  const flags = variables.find('ExpPoolFlags');
  if (flags !== undefined && (options.delaysFrees ?? true)) memory.writeU32(flags, delayFreeFlag);
}
