export {
  type Facts,
  factsOf,
  inputOf,
  packReport,
  type StoredReport,
  unpackReport,
} from './facts.ts';
export { FleetView, serveSuspects } from './fleet/index.ts';
export { putAll, workOn } from './queue/queued-run.ts';
export { TriageQueue } from './queue/triage-queue.ts';
export { buildApp } from './server/app.ts';
export { Events } from './server/events.ts';
export type { ServerParts } from './server/route.ts';
export type { Site, SiteFile } from './server/site.ts';
export { Spool } from './server/spool.ts';
export { isLoopback, type RunningServer, startServer } from './server/start-server.ts';
export { createToken, type Role, roles } from './server/tokens.ts';
export { Webhook } from './server/webhook.ts';
export { type FindOptions, findSources } from './sources/find-sources.ts';
export { readInventoryText } from './sources/inventory-text.ts';
export { keepDump } from './sources/keep-dump.ts';
export { openSource } from './sources/open-source.ts';
export { redactedSource, redactedSources } from './sources/redacted.ts';
export { SourceError, type SourceItem } from './sources/source-item.ts';
export { watchFolder } from './sources/watch-folder.ts';
export { mergeBuckets, releaseBucket, splitBucket } from './store/arrange.ts';
export { type BucketPage, readBucket } from './store/bucket-page.ts';
export { type BucketList, type BucketSummary, countDumps, listBuckets } from './store/buckets.ts';
export { putInventory } from './store/inventory.ts';
export { isPostgres, openDatabase } from './store/open-store.ts';
export type { OpenedDatabase, OpenOptions } from './store/opened-database.ts';
export { type Move, replaySignatures, type SignatureChange, summarizeMoves } from './store/replay.ts';
export { readDump, searchDumps } from './store/search.ts';
export { listSetAside, type SetAside } from './store/set-aside.ts';
export { withoutReportSince } from './store/sources.ts';
export { StoreError } from './store/store-error.ts';
export { countAnew } from './store/tallies.ts';
export type { FleetSuspect, Ranking } from './suspects/index.ts';
export type { FileProgress, Problem } from './work/protocol.ts';
export { RunCounts } from './work/run-counts.ts';
export { type AnalysisHost, type DumpInFile, serveAnalysis } from './work/serve-analysis.ts';
export { type RunOptions, TriageRun } from './work/triage-run.ts';
export { WorkerPool } from './work/worker-pool.ts';
export type { WorkerCommand } from './work/worker-process.ts';
