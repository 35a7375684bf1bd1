// Suspects that no single dump could name: which drivers the crashing machines have and others have not, and what the dumps say.
export { accusedFrom, type FittedWeights, fitted } from './fitted.ts';
export { type FleetOptions, FleetSuspects } from './rank-suspects.ts';
export type { FleetSuspect, Naming, Presence, Ranking, Recurrence } from './result.ts';
export {
  type CrashKind,
  type CrashRow,
  type FleetMachine,
  type LoadedDriver,
  payloadOf,
  type RowFacts,
  rowOfReport,
} from './rows.ts';
