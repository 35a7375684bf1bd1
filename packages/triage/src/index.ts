export {
  type DriverVersion,
  type Facts,
  factsOf,
  inputOf,
  packReport,
  type StoredReport,
  unpackReport,
} from './facts.ts';
export { type FindOptions, findSources } from './sources/find-sources.ts';
export { SourceError, type SourceItem } from './sources/source-item.ts';
export { isPostgres, type OpenedDatabase, openDatabase } from './store/open-store.ts';
export { StoreError } from './store/store-error.ts';
export type { Problem } from './work/protocol.ts';
export { RunCounts } from './work/run-counts.ts';
export { type AnalysisHost, type DumpInFile, serveAnalysis } from './work/serve-analysis.ts';
export { type RunOptions, TriageRun } from './work/triage-run.ts';
export { WorkerPool } from './work/worker-pool.ts';
export type { WorkerCommand } from './work/worker-process.ts';
