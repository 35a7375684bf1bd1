import type { Scope } from './cases.ts';
import { type DriverOdds, driverOdds } from './driver-odds.ts';
import { accusedFrom, type FittedWeights, fitted, type Line } from './fitted.ts';
import { FleetTable, hasVersion, type SeenMachine } from './fleet-table.ts';
import { isSingleBit, type MemorySuspicion, suspectMemory } from './memory.ts';
import { type Counts, discoveryRates, fisher, presenceOf } from './presence.ts';
import { driverReasons, memoryReasons } from './reasons.ts';
import { findRecurrences } from './recurrences.ts';
import type { FleetSuspect, Naming, Presence, Ranking } from './result.ts';
import type { CrashKind, CrashRow, FleetMachine } from './rows.ts';
import { keyOf } from './single-dump.ts';

export interface FleetOptions {
  /** Machines that are known beside those that have crashed, so that drivers can be compared with theirs. */
  readonly inventory?: readonly FleetMachine[];
  /** Other weights than the fitted ones: to fit them. */
  readonly weights?: FittedWeights;
}

/** Verdicts that do not tell of damaged or misused pool. */
const otherKinds: ReadonlySet<CrashKind> = new Set(['not-pool']);

/** Suspects less likely than this are not listed. */
const leastListed = 0.02;
const mostListed = 10;

/** Suspects of the buckets of a fleet, and of all its crashes by damaged pool. Nothing changes when it was made. */
export class FleetSuspects {
  readonly #table: FleetTable;
  readonly #weights: FittedWeights;
  readonly #memory: MemorySuspicion;
  readonly #buckets = new Map<string, CrashRow[]>();
  #rates: Map<string, number> | undefined;

  constructor(rows: readonly CrashRow[], { inventory = [], weights = fitted }: FleetOptions = {}) {
    this.#table = new FleetTable(rows, inventory);
    this.#weights = weights;
    this.#memory = suspectMemory(this.#table);
    for (const row of rows) {
      const list = this.#buckets.get(row.bucket);
      if (list === undefined) this.#buckets.set(row.bucket, [row]);
      else list.push(row);
    }
  }

  get buckets(): string[] {
    return [...this.#buckets.keys()];
  }

  /** All crashes by damaged or misused pool, and those that nothing is known of. */
  all(): Ranking {
    return this.#rank(null, this.#damaged, this.#weights.all);
  }

  /** Without suspects where there is no such bucket. */
  bucket(name: string): Ranking {
    return this.#rank(name, this.#buckets.get(name) ?? [], this.#weights.bucket);
  }

  #rank(bucket: string | null, rows: readonly CrashRow[], line: Line): Ranking {
    const table = this.#table;
    const wider = bucket === null ? [] : this.#withSameTag(rows);
    const scope = this.#scope([rows], 1, wider);
    const cases = new Set(rows.map((row) => table.machineOf(row)));
    const known = bucket === null ? new Map<string, number>() : this.#priorsFor(rows);
    const odds = bucket === null ? this.#oddsOfAll() : driverOdds(scope, known);
    const drivers = odds
      .map((each) => ({ ...each, probability: calibrated(each.chance, line) }))
      .filter(({ probability }) => probability >= leastListed)
      .slice(0, mostListed)
      .map((each) => {
        // A bucket that is all there is says nothing of other crashes.
        const chance = rows.length < this.#damaged.length ? (known.get(each.module) ?? 0) : 0;
        const elsewhere = calibrated(chance, this.#weights.all);
        return this.#driver(bucket, { rows, wider }, cases, { ...each, elsewhere });
      });
    return {
      bucket,
      crashes: rows.length,
      machines: cases.size,
      others: table.machines.length - cases.size,
      suspects: [...drivers, ...this.#memorySuspects(rows)].sort(
        (one, other) => other.probability - one.probability,
      ),
      recurrences: findRecurrences(table, rows).filter(({ machines }) => machines > 1),
    };
  }

  #scope(families: Scope['families'], reach: number, wider: readonly CrashRow[] = []): Scope {
    return {
      table: this.#table,
      families,
      reach,
      wider,
      recurrences: this.#allRecurrences,
      memory: this.#memory,
      weights: this.#weights,
    };
  }

  get #damaged(): CrashRow[] {
    return this.#table.rows.filter(({ kind }) => !otherKinds.has(kind));
  }

  #odds: readonly DriverOdds[] | undefined;

  #oddsOfAll(): readonly DriverOdds[] {
    this.#odds ??= driverOdds(this.#scope(familiesOf(this.#damaged), this.#weights.reach));
    return this.#odds;
  }

  /** Crashes of a bucket with those of other buckets that have its tag: one block may be damaged in many ways. */
  #withSameTag(rows: readonly CrashRow[]): CrashRow[] {
    const tags = new Map<string, number>();
    for (const { tags: own } of rows) for (const tag of own) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    const [most] = [...tags].sort(([, one], [, other]) => other - one);
    if (most === undefined || most[1] * 2 < rows.length) return [];
    const own = new Set(rows);
    const others = this.#damaged.filter((row) => row.tags.includes(most[0]) && !own.has(row));
    return others.length === 0 ? [] : [...rows, ...others];
  }

  /** Who is guilty of other crashes by damaged pool is likelier guilty of these too, if they are such. */
  #priorsFor(rows: readonly CrashRow[]): ReadonlyMap<string, number> {
    const others = rows.filter(({ kind }) => otherKinds.has(kind)).length;
    if (others * 2 > rows.length) return new Map();
    return new Map(this.#oddsOfAll().map(({ module, chance }) => [module, chance]));
  }

  #recurrencesByKey: Scope['recurrences'] | undefined;

  get #allRecurrences(): Scope['recurrences'] {
    this.#recurrencesByKey ??= new Map(
      findRecurrences(this.#table, this.#table.rows).map((each) => [keyOf(each.what, each.value), each]),
    );
    return this.#recurrencesByKey;
  }

  #driver(
    bucket: string | null,
    { rows, wider }: { readonly rows: readonly CrashRow[]; readonly wider: readonly CrashRow[] },
    cases: ReadonlySet<SeenMachine>,
    { module, probability, versions, elsewhere }: RatedDriver,
  ): FleetSuspect {
    const presence = this.#presence(bucket, cases, module, versions);
    const naming = namingOf(rows, module);
    const twins = this.#twins(cases, module);
    return {
      what: 'driver',
      module,
      versions,
      probability,
      // What one machine has may be that machine's own.
      accused: probability >= accusedFrom && cases.size > 1,
      presence,
      naming,
      machines: [],
      reasons: driverReasons({
        module,
        versions,
        presence,
        naming,
        elsewhere,
        rows,
        wider: this.#widerCounts(wider, module, versions),
        recurrences: this.#allRecurrences,
        twins,
      }),
    };
  }

  #presence(
    bucket: string | null,
    cases: ReadonlySet<SeenMachine>,
    module: string,
    versions: readonly string[],
  ): Presence {
    const counts = this.#counts(cases, module, versions);
    return presenceOf(counts, this.#rateOf(bucket, module, fisher(counts)));
  }

  #widerCounts(wider: readonly CrashRow[], module: string, versions: readonly string[]): Counts | undefined {
    if (wider.length === 0) return undefined;
    return this.#counts(new Set(wider.map((row) => this.#table.machineOf(row))), module, versions);
  }

  #counts(cases: ReadonlySet<SeenMachine>, module: string, versions: readonly string[]): Counts {
    let casesWith = 0;
    for (const machine of cases) if (hasVersion(machine, module, versions)) casesWith++;
    return countsOf(this.#table, cases.size, casesWith, module, versions);
  }

  /** Drivers that are on exactly the same machines: presence cannot tell them apart. */
  #twins(cases: ReadonlySet<SeenMachine>, module: string): string[] {
    const having = this.#table.having(module);
    if (having.length === this.#table.machines.length) return [];
    const first = [...cases].find(({ drivers }) => drivers.has(module));
    return [...(first?.drivers.keys() ?? [])].filter(
      (other) =>
        other !== module &&
        this.#table.having(other).length === having.length &&
        having.every(({ drivers }) => drivers.has(other)),
    );
  }

  #memorySuspects(rows: readonly CrashRow[]): FleetSuspect[] {
    const bits = rows.filter(isSingleBit);
    if (bits.length === 0) return [];
    const own = new Set(bits.map((row) => this.#table.machineOf(row)));
    const machines = this.#memory.machines.filter(({ machine }) => own.has(machine));
    const chance = bits.reduce((sum, row) => sum + this.#memory.chanceOf(row), 0) / rows.length;
    // Of all crashes memory may be behind a few; of a bucket it is behind most or it is not.
    const raw = rows.length === bits.length ? chance : Math.max(chance, machines[0]?.chance ?? 0);
    const probability = calibrated(raw, this.#weights.memory);
    return [
      {
        what: 'memory',
        module: null,
        versions: [],
        probability,
        accused: probability >= accusedFrom,
        presence: null,
        naming: { named: bits.length, crashes: rows.length, score: 0 },
        machines: machines.map(({ machine, crashes }) => ({ machine: machine.name, crashes })),
        reasons: memoryReasons(bits.length, machines, this.#table.machines.length),
      },
    ];
  }

  /** The rate of false discoveries over all drivers of all buckets, and of the whole. */
  #rateOf(bucket: string | null, module: string, p: number): number {
    this.#rates ??= this.#allRates();
    return this.#rates.get(rateKey(bucket, module)) ?? p;
  }

  #allRates(): Map<string, number> {
    const keys: string[] = [];
    const ps: number[] = [];
    for (const [bucket, rows] of [[null, this.#damaged] as const, ...this.#buckets]) {
      const cases = new Set(rows.map((row) => this.#table.machineOf(row)));
      for (const [module, casesWith] of casesByDriver(cases)) {
        keys.push(rateKey(bucket, module));
        ps.push(fisher(countsOf(this.#table, cases.size, casesWith, module, [])));
      }
    }
    const rates = discoveryRates(ps);
    return new Map(keys.map((key, index) => [key, rates[index]!]));
  }
}

interface RatedDriver extends DriverOdds {
  readonly probability: number;
  /** How likely it is guilty of other crashes. */
  readonly elsewhere: number;
}

/** How many of the machines have each driver. Machines that are set up alike are counted together. */
function casesByDriver(cases: ReadonlySet<SeenMachine>): Map<string, number> {
  const alike = new Map<SeenMachine['drivers'], number>();
  for (const { drivers } of cases) alike.set(drivers, (alike.get(drivers) ?? 0) + 1);
  const counts = new Map<string, number>();
  for (const [drivers, machines] of alike)
    for (const module of drivers.keys()) counts.set(module, (counts.get(module) ?? 0) + machines);
  return counts;
}

/** Families that are looked at together; the largest count. */
const mostFamilies = 200;

/** Crashes with the same tag, whatever became of them, and buckets of those without one. */
function familiesOf(rows: readonly CrashRow[]): CrashRow[][] {
  const families = new Map<string, CrashRow[]>();
  for (const row of rows) {
    const [tag] = row.tags;
    const key = tag === undefined ? `bucket ${row.bucket}` : keyOf('tag', tag);
    const family = families.get(key);
    if (family === undefined) families.set(key, [row]);
    else family.push(row);
  }
  return [...families.values()].sort((one, other) => other.length - one.length).slice(0, mostFamilies);
}

const rateKey = (bucket: string | null, module: string): string => `${bucket ?? '\0all'}\n${module}`;

function countsOf(
  table: FleetTable,
  cases: number,
  casesWith: number,
  module: string,
  versions: readonly string[],
): Counts {
  return {
    casesWith,
    cases,
    othersWith: table.countOf(module, versions) - casesWith,
    others: table.knownFor(module, versions) - cases,
  };
}

function namingOf(rows: readonly CrashRow[], module: string): Naming {
  const scores = rows.flatMap(({ suspects }) =>
    suspects.filter((each) => each.module === module).map(({ score }) => score),
  );
  const sum = scores.reduce((all, score) => all + score, 0);
  return { named: scores.length, crashes: rows.length, score: scores.length === 0 ? 0 : sum / scores.length };
}

/** No number of crashes makes anything certain. */
const farthest = 12;
const [least, most] = [0.001, 0.995];

function calibrated(chance: number, { a, b }: Line): number {
  const odds = Math.log(chance) - Math.log1p(-chance);
  const bounded = Math.max(-farthest, Math.min(farthest, Number.isNaN(odds) ? farthest : odds));
  return Math.min(most, Math.max(least, 1 / (1 + Math.exp(-(a + b * bounded)))));
}
