import type { SeenMachine } from './fleet-table.ts';
import type { CrashRow } from './rows.ts';

/** A machine with crashes of a family. */
export interface Case {
  readonly machine: SeenMachine;
  /** Its crashes of the family. */
  readonly rows: readonly CrashRow[];
  /** What they say against a driver that they do not name, and what more of those that they name: logarithms of factors. */
  readonly unnamed: number;
  readonly named: ReadonlyMap<string, number>;
  /** How much of them nothing else explains. */
  readonly open: number;
}
