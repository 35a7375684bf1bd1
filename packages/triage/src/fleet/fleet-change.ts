import type { CrashRow, FleetMachine, LoadedDriver } from '../suspects/index.ts';

/** A row with its set of drivers by name: machines of a fleet share their sets. */
export type StoredRow = Omit<CrashRow, 'drivers'> & { readonly set: string };

/** Part of what a fleet is, or of what has changed; small enough to be read and sent without holding up others. */
export interface FleetChange {
  /** Forget all that was there. */
  readonly anew?: true;
  readonly sets?: readonly (readonly [id: string, drivers: readonly LoadedDriver[]])[];
  readonly rows?: readonly StoredRow[];
  /** Dumps that have no report any more. */
  readonly gone?: readonly string[];
  readonly inventory?: readonly FleetMachine[];
}
