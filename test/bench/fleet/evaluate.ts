import type { FleetOptions } from '@poolscope/lab/fleet';
import {
  accusedFrom,
  type FittedWeights,
  type FleetSuspect,
  FleetSuspects,
  fitted,
} from '../../../packages/triage/src/suspects/index.ts';
import { imageName, inventoryOf, type SimulatedFleet, simulate, stampFor } from './simulate.ts';

/** What was said of one suspect, and whether it is so. */
export interface Said {
  readonly probability: number;
  readonly right: boolean;
}

/** How the ranking of one fleet did. */
export interface FleetResult {
  readonly guilty: number;
  /** The first driver of all crashes is a guilty one. Undefined: nobody is guilty. */
  readonly first: boolean | undefined;
  /** All guilty ones are first, in any order. */
  readonly allFirst: boolean | undefined;
  /** Drivers that are accused of all crashes by damaged pool and did none of them. */
  readonly falselyAccused: number;
  readonly accused: number;
  /** The version that is suspected is guilty, of those where one was told. */
  readonly versions: { readonly told: number; readonly right: number };
  readonly all: readonly Said[];
  /** Buckets with at least so many crashes, most of them by one driver. */
  readonly buckets: { readonly count: number; readonly first: number; readonly falselyAccused: number };
  readonly inBuckets: readonly Said[];
  readonly memory: readonly Said[];
}

/** Smaller buckets are not counted. */
export const leastCrashes = 3;

export interface EvaluateOptions {
  readonly weights?: FittedWeights;
  /** Also the machines that have not crashed are known. */
  readonly hasInventory?: boolean;
}

export const evaluate = (options: FleetOptions, more: EvaluateOptions = {}): FleetResult =>
  evaluateRows(simulate(options), more);

export function evaluateRows(
  fleet: SimulatedFleet,
  { weights = fitted, hasInventory = false }: EvaluateOptions = {},
): FleetResult {
  const { plan, rows, culprits } = fleet;
  const guilty = new Map(plan.guilty.map((each) => [imageName(each.name), each]));
  const suspects = new FleetSuspects(rows, { weights, inventory: hasInventory ? inventoryOf(fleet) : [] });
  const all = suspects.all().suspects;
  const drivers = all.filter(({ what }) => what === 'driver');
  const isToBlame = blamed(rows, culprits);
  const names = new Set(drivers.slice(0, guilty.size).map(({ module }) => module!));
  const isRight = ({ module }: FleetSuspect): boolean => guilty.has(module!) || isToBlame.has(module!);
  return {
    guilty: guilty.size,
    first: guilty.size === 0 ? undefined : guilty.has(drivers[0]?.module ?? ''),
    allFirst: guilty.size === 0 ? undefined : [...guilty.keys()].every((name) => names.has(name)),
    falselyAccused: drivers.filter((each) => each.accused && !isRight(each)).length,
    accused: drivers.filter((each) => each.accused).length,
    versions: versionsOf(drivers, fleet),
    // A driver that did one crash is neither guilty nor innocent of all of them.
    all: [
      ...drivers
        .filter(({ module }) => guilty.has(module!) || !isToBlame.has(module!))
        .map(({ module, probability }) => ({ probability, right: guilty.has(module!) })),
      ...unlisted(modulesOf(rows), new Set(guilty.keys()), drivers),
    ],
    memory: all
      .filter(({ what }) => what === 'memory')
      .map(({ probability, machines }) => ({
        probability,
        right: machines.some(({ machine }) =>
          plan.machines.some((each) => each.name === machine && each.hasBadMemory),
        ),
      })),
    ...bucketsOf(fleet, suspects),
  };
}

/** Who is not on the list is as good as acquitted. */
const acquitted = 0.005;

/** All drivers of the fleet that are not on a list. */
const unlisted = (
  modules: ReadonlySet<string>,
  guilty: ReadonlySet<string>,
  drivers: readonly FleetSuspect[],
): Said[] => {
  const listed = new Set(drivers.map(({ module }) => module));
  return [...modules]
    .filter((module) => !listed.has(module))
    .map((module) => ({ probability: acquitted, right: guilty.has(module) }));
};

const modulesOf = (rows: SimulatedFleet['rows']): Set<string> =>
  new Set(rows.flatMap(({ drivers }) => drivers.map(({ module }) => module)));

/** Drivers that did at least one of the crashes that the ranking of the whole is about. */
function blamed(rows: SimulatedFleet['rows'], culprits: SimulatedFleet['culprits']): Set<string> {
  const found = new Set<string>();
  for (const { id, kind } of rows) {
    const culprit = culprits.get(id);
    if (kind !== 'not-pool' && culprit !== undefined) found.add(culprit);
  }
  return found;
}

function bucketsOf({ rows, culprits }: SimulatedFleet, suspects: FleetSuspects) {
  const inBuckets: Said[] = [];
  const modules = modulesOf(rows);
  const tally = { count: 0, first: 0, falselyAccused: 0 };
  for (const bucket of suspects.buckets) {
    const own = rows.filter((row) => row.bucket === bucket);
    const did = new Map<string, number>();
    for (const { id } of own) {
      const culprit = culprits.get(id);
      if (culprit !== undefined) did.set(culprit, (did.get(culprit) ?? 0) + 1);
    }
    const [most] = [...did].sort(([, one], [, other]) => other - one);
    const drivers = suspects.bucket(bucket).suspects.filter(({ what }) => what === 'driver');
    for (const { module, probability } of drivers) inBuckets.push({ probability, right: did.has(module!) });
    inBuckets.push(...unlisted(modules, new Set(did.keys()), drivers));
    tally.falselyAccused += drivers.filter(({ module, accused }) => accused && !did.has(module!)).length;
    if (own.length < leastCrashes || most === undefined || most[1] < own.length / 2) continue;
    tally.count++;
    if (drivers[0]?.module === most[0]) tally.first++;
  }
  return { buckets: tally, inBuckets };
}

function versionsOf(drivers: readonly FleetSuspect[], { plan }: SimulatedFleet): FleetResult['versions'] {
  let [told, right] = [0, 0];
  for (const { name, versions } of plan.guilty) {
    const found = drivers.find(({ module }) => module === imageName(name));
    if (found === undefined || found.probability < accusedFrom || found.versions.length === 0) continue;
    told++;
    const stamps = new Set(versions.map((version) => stampFor(name, version)));
    if (found.versions.every((each) => stamps.has(each))) right++;
  }
  return { told, right };
}
