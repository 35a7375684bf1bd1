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
  readonly #having = new Map<string, SeenMachine[]>();

  constructor(rows: readonly CrashRow[], inventory: readonly FleetMachine[] = []) {
    this.rows = rows;
    this.machines = gather(rows, inventory);
    for (const machine of this.machines) {
      for (const row of machine.rows) this.#machineOf.set(row, machine);
      for (const module of machine.drivers.keys()) {
        const list = this.#having.get(module);
        if (list === undefined) this.#having.set(module, [machine]);
        else list.push(machine);
      }
    }
    const count = this.machines.length;
    this.shares = fitBeta(
      [...this.#having.values()].map((machines) => machines.length / count),
      count,
    );
  }

  machineOf(row: CrashRow): SeenMachine {
    return this.#machineOf.get(row)!;
  }

  /** Machines on which a driver was seen. */
  having(module: string): readonly SeenMachine[] {
    return this.#having.get(module) ?? [];
  }

  get modules(): Iterable<string> {
    return this.#having.keys();
  }

  /** How many machines have a driver in one of the versions, or in any. */
  countOf(module: string, versions: readonly string[]): number {
    const having = this.having(module);
    if (versions.length === 0) return having.length;
    const key = `${module}\n${versions.join('\n')}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count = having.filter((machine) => hasVersion(machine, module, versions)).length;
    this.#counts.set(key, count);
    return count;
  }

  readonly #counts = new Map<string, number>();

  /** Versions of a driver in the fleet, oldest first: they begin with a time stamp. */
  versionsOf(module: string): readonly string[] {
    const known = this.#versions.get(module);
    if (known !== undefined) return known;
    const versions = new Set<string>();
    for (const { drivers } of this.having(module))
      for (const version of drivers.get(module) ?? []) versions.add(version);
    const sorted = [...versions].sort();
    this.#versions.set(module, sorted);
    return sorted;
  }

  readonly #versions = new Map<string, readonly string[]>();
}

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
