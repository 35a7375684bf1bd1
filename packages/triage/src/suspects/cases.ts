import type { Case } from './case.ts';
import { FamilyTally } from './family-tally.ts';
import type { FittedWeights } from './fitted.ts';
import type { FleetTable, SeenMachine } from './fleet-table.ts';
import type { MemorySuspicion } from './memory.ts';
import type { Recurrence } from './result.ts';
import type { CrashRow } from './rows.ts';
import { borrowed, type DumpEvidence, dumpEvidence } from './single-dump.ts';

/** Crashes whose causes are asked for together. */
export interface Scope {
  readonly table: FleetTable;
  /** Crashes that look as if they had one cause: a bucket, or all that have a tag. */
  readonly families: readonly (readonly CrashRow[])[];
  /** Chance that a guilty driver is behind a family. */
  readonly reach: number;
  /** The same crashes with others that may have the same cause; empty: there are none. */
  readonly wider: readonly CrashRow[];
  readonly recurrences: ReadonlyMap<string, Recurrence>;
  readonly memory: MemorySuspicion;
  readonly weights: FittedWeights;
}

/** A way in which the crashes may hang together. */
export interface Structure {
  readonly families: readonly { readonly cases: readonly Case[]; readonly tally: FamilyTally }[];
  readonly reach: number;
}

/** What of crashes is explained by something; those that are left out not at all. */
export type Explained = ReadonlyMap<CrashRow, number>;

/** Turns crashes into cases, as often as something more of them is explained. */
export class CaseMaker {
  readonly #scope: Scope;
  readonly #evidence: ReadonlyMap<CrashRow, { readonly of: DumpEvidence; readonly worth: number }>;

  constructor(scope: Scope) {
    const { families, wider, recurrences, weights } = scope;
    this.#scope = scope;
    this.#evidence = new Map(
      [wider, ...families].flatMap((rows) =>
        rows.map((row) => {
          const suspects = borrowed(row, recurrences, weights);
          const of = dumpEvidence({ suspects, drivers: row.drivers }, weights.trust);
          return [row, { of, worth: worthOf(rows.length, weights.alike) }] as const;
        }),
      ),
    );
  }

  /** Each family by itself; and all crashes as one, which finds a driver whose crashes look different every time. */
  structures(explained: readonly Explained[] = []): Structure[] {
    const { families, reach, wider } = this.#scope;
    const apart = { families: this.#casesOf(families, explained), reach };
    const all = families.length < 2 ? wider : families.flat();
    return all.length === 0 ? [apart] : [apart, { families: this.#casesOf([all], explained), reach: 1 }];
  }

  /** A machine that is in several families counts for each of them a part. */
  #casesOf(families: Scope['families'], explained: readonly Explained[]): Structure['families'] {
    const machines = families.map((rows) => byMachine(this.#scope.table, rows));
    const times = new Map<SeenMachine, number>();
    for (const family of machines)
      for (const machine of family.keys()) times.set(machine, (times.get(machine) ?? 0) + 1);
    return machines.map((family) => {
      const cases = [...family].map(([machine, rows]) =>
        this.#caseOf(machine, rows, times.get(machine)!, explained),
      );
      return { cases, tally: new FamilyTally(cases) };
    });
  }

  #caseOf(
    machine: SeenMachine,
    rows: readonly CrashRow[],
    families: number,
    explained: readonly Explained[],
  ): Case {
    const onMachine = worthOf(rows.length, this.#scope.weights.alikeOnMachine);
    const named = new Map<string, number>();
    let unnamed = 0;
    let open = 0;
    for (const row of rows) {
      const { of, worth } = this.#evidence.get(row)!;
      unnamed += of.unnamed * worth * onMachine;
      open += this.#openOf(row, explained);
      for (const [module, log] of of.named)
        named.set(module, (named.get(module) ?? 0) + (log - of.unnamed) * worth * onMachine);
    }
    return { machine, rows, unnamed, named, open: open / rows.length / families };
  }

  /** How much of a crash nothing explains. */
  #openOf(row: CrashRow, explained: readonly Explained[]): number {
    const byMemory = 1 - this.#scope.memory.chanceOf(row);
    return explained.reduce((open, each) => open * (1 - (each.get(row) ?? 0)), byMemory);
  }
}

function byMachine(table: FleetTable, rows: readonly CrashRow[]): Map<SeenMachine, CrashRow[]> {
  const machines = new Map<SeenMachine, CrashRow[]>();
  for (const row of rows) {
    const machine = table.machineOf(row);
    const list = machines.get(machine);
    if (list === undefined) machines.set(machine, [row]);
    else list.push(row);
  }
  return machines;
}

/** Of n verdicts that are alike each counts this much (Kish's design effect). */
const worthOf = (count: number, alike: number): number => 1 / (1 + (count - 1) * alike);
