import { CaseMaker, type Explained, type Scope, type Structure } from './cases.ts';
import type { FamilyTally } from './family-tally.ts';
import { type FleetTable, hasVersion } from './fleet-table.ts';
import { blameFor, type Judged, judge, logSum } from './hypothesis.ts';
import type { CrashRow } from './rows.ts';

/** A driver of a scope, and how likely it is guilty. */
export interface DriverOdds {
  readonly module: string;
  /** As calculated; not calibrated. */
  readonly chance: number;
  /** Set where some versions are likelier guilty than all. */
  readonly versions: readonly string[];
}

/** So many drivers are guilty at most in one scope. */
const mostGuilty = 4;
/** Looking for one more ends when the best is less likely than this. */
const leastChance = 0.25;
/** Logarithm of the least Bayes factor by which a driver is suspected of what others leave. */
const leastFactor = 1;
/** Chance that a driver is behind a family, when it is known to be guilty. */
const reachOfGuilty = 0.5;

/**
 * One driver after the other: the best explanation of the crashes is found among all drivers and "none of them"; then what it
 * explains is taken off, and the rest is looked at again. `known` are chances by other crashes.
 */
export function driverOdds(scope: Scope, known: ReadonlyMap<string, number> = new Map()): DriverOdds[] {
  const found = new Map<string, DriverOdds>();
  const maker = new CaseMaker(scope);
  const guilty = new Map<string, Explained>();
  let candidates: readonly string[] = modulesOf(scope);
  for (let round = 0; round < mostGuilty; round++) {
    const structures = maker.structures([...guilty.values()]);
    const judged = judgeAll(scope, structures, candidates, known);
    for (const each of judged) note(found, each);
    const [best] = judged;
    if (best === undefined || best.chance < leastChance || (round > 0 && best.factor < leastFactor)) break;
    candidates = judged.slice(1, 1 + mostTried).map(({ module }) => module);
    guilty.set(best.module, explainedBy(scope.table, structures[0]!, best));
  }
  for (const module of guilty.size > 1 ? guilty.keys() : []) {
    const again = judgeAgain(scope, maker, { module, guilty, candidates, known });
    if (again !== undefined && again.chance > found.get(module)!.chance) found.set(module, again);
  }
  return [...found.values()].sort((one, other) => other.chance - one.chance);
}

/** One of several guilty drivers was compared with those that were found after it: they are no rivals for what it did. */
function judgeAgain(
  scope: Scope,
  maker: CaseMaker,
  {
    module,
    guilty,
    candidates,
    known,
  }: {
    readonly module: string;
    readonly guilty: ReadonlyMap<string, Explained>;
    readonly candidates: readonly string[];
    readonly known: ReadonlyMap<string, number>;
  },
): DriverOdds | undefined {
  const others = [...guilty].filter(([other]) => other !== module).map(([, explained]) => explained);
  const rivals = [module, ...candidates.slice(0, fewRivals)];
  return judgeAll(scope, maker.structures(others), rivals, known).find((each) => each.module === module);
}

/** So many others are compared with a driver again when what the other guilty ones did is explained. */
const fewRivals = 10;

/** The first time any chance counts; later what is left has to speak for the driver by itself. */
function note(
  found: Map<string, DriverOdds>,
  { module, versions, chance, factor }: DriverOdds & JudgedDriver,
): void {
  const before = found.get(module);
  if (before === undefined) found.set(module, { module, versions, chance });
  else if (factor > leastFactor)
    found.set(module, { module, versions, chance: 1 - (1 - before.chance) * (1 - chance) });
}

/** What a driver explains need not be explained by others: chance by crash. */
function explainedBy(
  table: FleetTable,
  { families }: Structure,
  { module, versions }: DriverOdds,
): Explained {
  const explained = new Map<CrashRow, number>();
  for (const { cases, tally } of families) {
    const judged = judgeFamily(table, tally, module, versions);
    const chance = 1 / (1 + Math.exp(Math.log(1 / reachOfGuilty - 1) - judged.factor));
    for (const { machine, rows, unnamed, named } of cases) {
      if (!hasVersion(machine, module, versions)) continue;
      const blamed = chance * blameFor(unnamed + (named.get(module) ?? 0), judged);
      for (const row of rows) explained.set(row, blamed);
    }
  }
  return explained;
}

interface JudgedDriver {
  readonly module: string;
  /** Logarithm of the Bayes factor that it is guilty. */
  readonly factor: number;
  readonly versions: readonly string[];
}

/** No machine has fewer; rows that tell of less leave drivers out. */
const fewestDrivers = 50;
/** Drivers that are looked at version by version, and again when others are explained. */
const mostTried = 30;

/** All drivers of the crashing machines. */
function modulesOf({ families, table }: Scope): string[] {
  const lists = new Set(families.flat().map((row) => table.machineOf(row).drivers));
  return [...new Set([...lists].flatMap((drivers) => [...drivers.keys()]))];
}

function judgeAll(
  scope: Scope,
  structures: readonly Structure[],
  candidates: readonly string[],
  known: ReadonlyMap<string, number>,
): (DriverOdds & JudgedDriver)[] {
  const { table, weights } = scope;
  // Any driver of the fleet could have been the guilty one, also those that are on none of the crashing machines.
  const all = Math.max(fewestDrivers, table.drivers);
  const whole = candidates
    .map((module) => judgeVersions(table, structures, module, []))
    .sort((one, other) => other.factor - one.factor);
  const judged = whole.map((each, index) =>
    index < mostTried ? withVersions(table, structures, each) : each,
  );
  const odds = weights.guilt / (1 - weights.guilt) / all;
  const logs = judged.map(
    ({ module, factor }) => factor + Math.log(odds + weights.reputation * (known.get(module) ?? 0)),
  );
  const sum = logSum([0, ...logs]);
  return judged
    .map((each, index) => ({ ...each, chance: Math.exp(logs[index]! - sum) }))
    .sort((one, other) => other.chance - one.chance);
}

/** Half of the prior is for all versions, the other half for one version alone and for all from one on. */
function withVersions(
  table: FleetTable,
  structures: readonly Structure[],
  whole: JudgedDriver,
): JudgedDriver {
  const sets = versionSets(table.versionsOf(whole.module));
  if (sets.length === 0) return whole;
  const judged = sets.map((versions) => judgeVersions(table, structures, whole.module, versions));
  const half = Math.log(0.5);
  const each = half - Math.log(sets.length);
  const best = judged.reduce((one, other) => (other.factor > one.factor ? other : one));
  return {
    ...(each + best.factor > half + whole.factor ? best : whole),
    factor: logSum([half + whole.factor, ...judged.map(({ factor }) => each + factor)]),
  };
}

/** Versions of a driver that is updated more often than that are not tried one by one. */
const mostVersions = 12;

/** Each version alone, and all from one on. */
function versionSets(versions: readonly string[]): string[][] {
  if (versions.length < 2 || versions.length > mostVersions) return [];
  const newer = versions.slice(1, -1).map((_, index) => versions.slice(index + 1));
  return [...versions.map((version) => [version]), ...newer];
}

function judgeVersions(
  table: FleetTable,
  structures: readonly Structure[],
  module: string,
  versions: readonly string[],
): JudgedDriver {
  const factors = structures.map((each) => judgeStructure(table, each, module, versions));
  return { module, versions, factor: logSum(factors) - Math.log(factors.length) };
}

function judgeStructure(
  table: FleetTable,
  { families, reach }: Structure,
  module: string,
  versions: readonly string[],
): number {
  let sum = 0;
  for (const { tally } of families) {
    const { factor } = judgeFamily(table, tally, module, versions);
    sum += reach === 1 ? factor : logSum([Math.log(1 - reach), Math.log(reach) + factor]);
  }
  return sum;
}

function judgeFamily(
  table: FleetTable,
  tally: FamilyTally,
  module: string,
  versions: readonly string[],
): Judged {
  const { casesWith, ...seen } = tally.seenBy(module, versions);
  const others = table.knownFor(module, versions) - tally.cases;
  const othersWith = table.countOf(module, versions) - casesWith;
  return judge(seen, { othersWith, others }, table.shares);
}
