import { readSlist, type Structure, walkChain } from '../types/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { poolFormat } from './format.ts';
import { ListBudget } from './list-budget.ts';
import type { LookasidePlace } from './lookaside-places.ts';
import { type SingleList, singleList } from './single-list.ts';

/** A lookaside list: what it was made for, what is on it, how well it served. */
export interface Lookaside {
  readonly place: LookasidePlace;
  /** Entries on it now, as its head counts them. */
  readonly depth: number | undefined;
  /** Entries that it keeps at most, at this moment; the kernel changes it by use. */
  readonly maximum: number | undefined;
  /** Bytes of an entry. */
  readonly size: number | undefined;
  /** POOL_TYPE. */
  readonly poolType: number | undefined;
  /** As stored. */
  readonly tag: number | undefined;
  readonly allocations: Served | undefined;
  readonly frees: Served | undefined;
  /** Members that cannot be read, one sentence each. */
  readonly missing: readonly string[];
}

/** Requests, and how many the list itself could not serve. */
export interface Served {
  readonly total: number;
  readonly misses: number;
}

/** A lookaside list: what it holds, and how it served. What the dump lacks is undefined, and `missing` says why. */
export function readLookaside({ structures }: ObjectKernel, place: LookasidePlace): Lookaside {
  const view = structures.at(place.structure, place.address);
  const head = view.inner('ListHead');
  const missing = ['ListHead', 'Depth', 'Size', 'Type', 'Tag']
    .map((path) => view.why(path))
    .filter((why) => why !== undefined);
  const isOfPool = place.kind === 'pool';
  return {
    place,
    depth: head === undefined ? undefined : readSlist(head)?.depth,
    maximum: view.number('Depth'),
    size: view.number('Size'),
    poolType: view.number('Type'),
    tag: view.number('Tag'),
    allocations: served(view, 'TotalAllocates', isOfPool ? 'AllocateHits' : undefined, 'AllocateMisses'),
    frees: served(view, 'TotalFrees', isOfPool ? 'FreeHits' : undefined, 'FreeMisses'),
    missing: [...new Set(missing)],
  };
}

/**
 * One counter has two names: the allocator of the pool counts requests that its lists served, all other lists those that they
 * did not. Source: ReactOS; in real dumps of 9600 hits of frees less those of allocations are the depth of every list.
 */
function served(
  view: Structure,
  whole: string,
  hits: string | undefined,
  misses: string,
): Served | undefined {
  const total = view.number(whole);
  const count = view.number(hits ?? misses);
  if (total === undefined || count === undefined) return undefined;
  return { total, misses: hits === undefined ? count : Math.max(0, total - count) };
}

/**
 * The entries of a list. Those of pool blocks begin behind a header; of other lists the address in front of an entry means
 * nothing, and its header neither.
 */
export function lookasideEntries(
  { structures, target }: ObjectKernel,
  place: LookasidePlace,
  budget = new ListBudget(),
): SingleList {
  const head = structures.at(place.structure, place.address).inner('ListHead');
  const first = head === undefined ? undefined : readSlist(head)?.first;
  if (first === undefined) return { blocks: [], damage: [], cut: 'its head cannot be read' };
  const { memory, pointerSize } = target;
  return singleList(target, poolFormat({ structures, target }), budget, (limit) =>
    walkChain(memory, first, { pointerSize, limit }, place.address),
  );
}
