import type { Va } from '../base/index.ts';
import type { Symbols } from '../symbols/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import type { ListDamage } from './free-list.ts';
import { ListBudget } from './list-budget.ts';
import { findLookasides, type LookasidePlace } from './lookaside-places.ts';
import { type Lookaside, lookasideEntries, readLookaside } from './lookasides.ts';

/** What names of lookaside lists come from. */
export interface NamedKernel extends ObjectKernel {
  readonly symbols: Pick<Symbols, 'findAddress' | 'nameOf'>;
}

export interface ReportedLookaside extends Lookaside {
  /** `nt!IopSmallIrpLookasideList`; undefined where no symbol is right there. */
  readonly name: string | undefined;
  /** Entries that its links lead to. */
  readonly entries: number;
  readonly damage: readonly ListDamage[];
  /** Why the entries were not followed to the end, as half a sentence. */
  readonly cut: string | undefined;
}

/** Bytes over all lists of a report. */
export interface LookasideTotals {
  readonly nonPagedNow: bigint;
  readonly nonPagedPotential: bigint;
  readonly pagedNow: bigint;
  readonly pagedPotential: bigint;
}

/** Lookaside lists with what they hold and served. */
export interface LookasideReport {
  readonly lists: readonly ReportedLookaside[];
  readonly totals: LookasideTotals;
  /** What was not found and why, one sentence each without a full stop. */
  readonly missing: readonly string[];
}

/** Lists of nt that serve structures of its own. Source: names in public symbols of Windows 7 to 11. */
const wellKnown = [
  'CcTwilightLookasideList',
  'CcBitmapLookasideList',
  'CcVacbLevelLookasideList',
  'CcVacbLevelWithBcbListHeadsLookasideList',
  'ExpScratchBufferLookasideList',
  'FsRtlFastMutexLookasideList',
  'FsRtlFileLockLookasideList',
  'IopSmallIrpLookasideList',
  'IopMediumIrpLookasideList',
  'IopLargeIrpLookasideList',
  'IopMdlLookasideList',
  'IopCompletionLookasideList',
  'IopSymlinkInfoLookasideList',
  'ObpCreateInfoLookasideList',
  'ObpNameBufferLookasideList',
  'RtlpRangeListEntryLookasideList',
  'TunnelLookasideList',
] as const;

/** Which lookaside lists are wanted. */
export interface LookasideOptions {
  /** The list at this address alone. */
  readonly address?: Va;
  /** Those of processors, of pool blocks and of drivers too. */
  readonly all?: boolean;
}

/** Reads lookaside lists. Yields how many are done. */
export function* reportLookasides(
  kernel: NamedKernel,
  { address, all = false }: LookasideOptions = {},
): Generator<number, LookasideReport> {
  const found = findLookasides(kernel);
  const named = wellKnown.flatMap((name) => placeOf(kernel, name));
  const known = [
    ...named,
    ...found.places.filter(({ address: at }) => !named.some((each) => each.address === at)),
  ];
  const places =
    address !== undefined
      ? [known.find((place) => place.address === address) ?? at(address, unlistedLookaside)]
      : known.filter((place) => all || (place.kind === 'system' && place.processor === undefined));
  const lists: ReportedLookaside[] = [];
  const budget = new ListBudget();
  for (const place of places) {
    lists.push(report(kernel, place, budget));
    yield lists.length;
  }
  return { lists, totals: totalsOf(lists), missing: address === undefined ? found.missing : [] };
}

/** Said of a list that nothing but its address leads to. */
export const unlistedLookaside = 'its address';

const at = (address: Va, from: string): LookasidePlace => ({
  address,
  kind: 'driver',
  structure: '_GENERAL_LOOKASIDE',
  processor: undefined,
  use: undefined,
  units: undefined,
  from,
});

function placeOf({ symbols }: NamedKernel, name: string): LookasidePlace[] {
  const address = symbols.findAddress(`nt!${name}`);
  return address === undefined ? [] : [{ ...at(address, `nt!${name}`), kind: 'system' }];
}

function report(kernel: NamedKernel, place: LookasidePlace, budget: ListBudget): ReportedLookaside {
  const { blocks, damage, cut } = lookasideEntries(kernel, place, budget);
  const name = kernel.symbols.nameOf(place.address);
  // A name with a distance is another thing's.
  const own = name === undefined || !name.includes('!') || /\+0x[\da-f]+$/.test(name) ? undefined : name;
  return { ...readLookaside(kernel, place), name: own, entries: blocks.length, damage, cut };
}

/** Bit 0 of POOL_TYPE. */
const isPaged = ({ poolType }: Lookaside): boolean => ((poolType ?? 0) & 1) !== 0;

function totalsOf(lists: readonly ReportedLookaside[]): LookasideTotals {
  const sum = (paged: boolean, count: (list: Lookaside) => number | undefined): bigint =>
    lists
      .filter((list) => isPaged(list) === paged)
      .reduce((total, list) => total + BigInt(count(list) ?? 0) * BigInt(list.size ?? 0), 0n);
  return {
    nonPagedNow: sum(false, ({ depth }) => depth),
    nonPagedPotential: sum(false, ({ maximum }) => maximum),
    pagedNow: sum(true, ({ depth }) => depth),
    pagedPotential: sum(true, ({ maximum }) => maximum),
  };
}
