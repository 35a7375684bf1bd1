import { type Beta, fitBeta } from './beta.ts';
import type { CrashRow, FleetMachine } from './rows.ts';

/** A machine as its dumps and the inventory show it. */
export interface SeenMachine {
  readonly name: string;
  /** Its dumps. */
  readonly rows: readonly CrashRow[];
  /** Versions of each driver that were seen on it; the empty set where none is known. */
  readonly drivers: ReadonlyMap<string, ReadonlySet<string>>;
}

/** All rows by machine, and what drivers the fleet has. */
export class FleetTable {
  readonly rows: readonly CrashRow[];
  readonly machines: readonly SeenMachine[];
  /** How the shares of machines that have a driver are distributed over the drivers. */
  readonly shares: Beta;
  readonly #machineOf = new Map<CrashRow, SeenMachine>();
  readonly #drivers = new Map<string, SeenDriver>();
  /** Machines without dumps: what is known of them is what the inventory lists. */
  readonly #withoutDumps: number;

  constructor(rows: readonly CrashRow[], inventory: readonly FleetMachine[] = []) {
    this.rows = rows;
    this.machines = gather(rows, inventory);
    for (const machine of this.machines) {
      for (const row of machine.rows) this.#machineOf.set(row, machine);
      for (const [module, versions] of machine.drivers) this.#count(machine, module, versionKey(versions));
    }
    this.#withoutDumps = this.machines.filter(({ rows: own }) => own.length === 0).length;
    this.shares = fitBeta(
      [...this.#drivers].map(([module, { machines }]) => machines.length / this.knownFor(module, [])),
      this.machines.length,
    );
  }

  #count(machine: SeenMachine, module: string, key: string): void {
    let driver = this.#drivers.get(module);
    if (driver === undefined)
      this.#drivers.set(
        module,
        (driver = { machines: [], versions: new Map(), isListed: false, withoutVersion: 0 }),
      );
    driver.machines.push(machine);
    if (machine.rows.length === 0) {
      driver.isListed = true;
      if (key === '') driver.withoutVersion++;
    }
    driver.versions.set(key, (driver.versions.get(key) ?? 0) + 1);
  }

  /** How many different drivers the fleet has. */
  get drivers(): number {
    return this.#drivers.size;
  }

  machineOf(row: CrashRow): SeenMachine {
    return this.#machineOf.get(row)!;
  }

  /** Machines on which a driver was seen. */
  having(module: string): readonly SeenMachine[] {
    return this.#drivers.get(module)?.machines ?? [];
  }

  /** How many machines have a driver in one of the versions, or in any. */
  countOf(module: string, versions: readonly string[]): number {
    const driver = this.#drivers.get(module);
    if (driver === undefined) return 0;
    if (versions.length === 0) return driver.machines.length;
    let sum = 0;
    for (const [key, count] of driver.versions) if (isOneOf(key, versions)) sum += count;
    return sum;
  }

  /**
   * Of how many machines it is known whether they have a driver, in one of the versions or in any: a driver that no line of the
   * inventory names is none that it looked for, and a line without a version does not tell which.
   */
  knownFor(module: string, versions: readonly string[]): number {
    const driver = this.#drivers.get(module);
    if (driver?.isListed !== true) return this.machines.length - this.#withoutDumps;
    return this.machines.length - (versions.length === 0 ? 0 : driver.withoutVersion);
  }

  /** Versions of a driver in the fleet, oldest first: they begin with a time stamp. */
  versionsOf(module: string): string[] {
    const keys = [...(this.#drivers.get(module)?.versions.keys() ?? [])];
    return [...new Set(keys.filter((key) => key !== '').flatMap((key) => key.split('\n')))].sort();
  }
}

/** A driver in the fleet. */
interface SeenDriver {
  readonly machines: SeenMachine[];
  /** How many machines have which versions, by `versionKey`. */
  readonly versions: Map<string, number>;
  /** Is it on a machine that only the inventory tells of? */
  isListed: boolean;
  /** How many of those do not tell its version. */
  withoutVersion: number;
}

const keys = new WeakMap<ReadonlySet<string>, string>();

/** The versions of a driver on one machine as a text: one as a rule. */
export function versionKey(versions: ReadonlySet<string>): string {
  const known = keys.get(versions);
  if (known !== undefined) return known;
  const key = [...versions].sort().join('\n');
  keys.set(versions, key);
  return key;
}

/** Is one of the versions in such a text? */
export const isOneOf = (key: string, versions: readonly string[]): boolean =>
  versions.includes(key) || (key.includes('\n') && key.split('\n').some((each) => versions.includes(each)));

/** Has the machine a driver, in one of the versions if there are any? */
export function hasVersion({ drivers }: SeenMachine, module: string, versions: readonly string[]): boolean {
  const own = drivers.get(module);
  return own !== undefined && (versions.length === 0 || versions.some((each) => own.has(each)));
}

type Versions = ReadonlyMap<string, ReadonlySet<string>>;

interface Gathered {
  readonly name: string;
  readonly rows: CrashRow[];
  /** Each list once: rows of a machine, and of machines that are set up alike, share theirs. */
  readonly lists: Set<CrashRow['drivers']>;
}

function gather(rows: readonly CrashRow[], inventory: readonly FleetMachine[]): SeenMachine[] {
  const machines = new Map<string, Gathered>();
  // A name of a machine never begins with a NUL.
  const machineOf = (name: string | null, id: string): Gathered => {
    const key = name ?? `\0${id}`;
    const known = machines.get(key) ?? { name: name ?? id, rows: [], lists: new Set() };
    machines.set(key, known);
    return known;
  };
  for (const row of rows) {
    const machine = machineOf(row.machine, row.id);
    machine.rows.push(row);
    machine.lists.add(row.drivers);
  }
  for (const { machine, drivers } of inventory) machineOf(machine, machine).lists.add(drivers);
  const single = new Map<CrashRow['drivers'], Versions>();
  return [...machines.values()].map(({ name, rows: own, lists }) => ({
    name,
    rows: own,
    drivers: driversIn([...lists], single),
  }));
}

function driversIn(
  lists: readonly CrashRow['drivers'][],
  single: Map<CrashRow['drivers'], Versions>,
): Versions {
  const [first] = lists;
  if (first === undefined || lists.length > 1) return merged(lists);
  const known = single.get(first) ?? merged(lists);
  single.set(first, known);
  return known;
}

function merged(lists: readonly CrashRow['drivers'][]): Versions {
  const all = new Map<string, ReadonlySet<string>>();
  for (const { module, version } of lists.flat()) {
    const before = all.get(module);
    if (before === undefined) all.set(module, setOf(version));
    else if (version !== null && !before.has(version)) all.set(module, new Set([...before, version]));
  }
  return all;
}

/** Most machines have one version of a driver: sets of one are shared. */
const singles = new Map<string, ReadonlySet<string>>();
const mostSingles = 100_000;
const none: ReadonlySet<string> = new Set();

function setOf(version: string | null): ReadonlySet<string> {
  if (version === null) return none;
  const known = singles.get(version) ?? new Set([version]);
  if (singles.size < mostSingles) singles.set(version, known);
  return known;
}
