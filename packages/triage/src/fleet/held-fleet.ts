import {
  type CrashRow,
  type FleetMachine,
  FleetSuspects,
  type LoadedDriver,
  type Ranking,
} from '../suspects/index.ts';
import type { FleetChange } from './fleet-change.ts';

/** Who computes suspects: this process, or one of its own. Changes show after `build`. */
export interface FleetComputer {
  apply(change: FleetChange): Promise<void>;
  /** Returns of how many dumps. */
  build(): Promise<number>;
  /** Of a bucket, or of all crashes by damaged pool where it is null. */
  rank(bucket: string | null): Promise<Ranking>;
  close(): void;
}

/** The rows of a fleet in memory, and their suspects. */
export class HeldFleet implements FleetComputer {
  readonly #sets = new Map<string, readonly LoadedDriver[]>();
  readonly #rows = new Map<string, CrashRow>();
  #inventory: readonly FleetMachine[] = [];
  #suspects = new FleetSuspects([]);

  async apply({ anew, sets = [], rows = [], gone = [], inventory }: FleetChange): Promise<void> {
    if (anew === true) this.#rows.clear();
    for (const [id, drivers] of sets) this.#sets.set(id, drivers);
    for (const { set, ...row } of rows)
      this.#rows.set(row.id, { ...row, drivers: this.#sets.get(set) ?? [] });
    for (const id of gone) this.#rows.delete(id);
    if (inventory !== undefined) this.#inventory = inventory;
  }

  async build(): Promise<number> {
    this.#suspects = new FleetSuspects([...this.#rows.values()], { inventory: this.#inventory });
    // What every bucket asks for.
    this.#suspects.all();
    return this.#rows.size;
  }

  async rank(bucket: string | null): Promise<Ranking> {
    return bucket === null ? this.#suspects.all() : this.#suspects.bucket(bucket);
  }

  close(): void {
    this.#rows.clear();
  }
}
