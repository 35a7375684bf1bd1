import type { Kysely, Transaction } from 'kysely';

/** Rows of the store. Times are ISO 8601 in UTC, so that their order is that of their text. */
export interface Tables {
  sources: SourceRow;
  dumps: DumpRow;
  results: ResultRow;
  reports: ReportRow;
  driver_sets: DriverSetRow;
  buckets: BucketRow;
  tallies: TallyRow;
  merges: MergeRow;
  pins: PinRow;
  notices: NoticeRow;
  tokens: TokenRow;
  audit: AuditRow;
  claims: ClaimRow;
  inventory: InventoryRow;
  marks: MarkRow;
}

/** Where a dump was found: a path, an address, or `archive#entry`. */
export interface SourceRow {
  name: string;
  /** Of the archive, for what is in one. */
  parent: string | null;
  /** Size, time and identity of the file; the same one is not read again. */
  fingerprint: string;
  /** Analyzer that was done with it. */
  analyzer: string;
  sha256: string | null;
  /** Why there is no dump to be had from it. */
  problem: string | null;
  seen_at: string;
}

export interface DumpRow {
  sha256: string;
  bytes: number;
  first_seen_at: string;
  machine: string | null;
  /** How the machine is known: `given`, `folder`, or `drivers`, a guess by the set of drivers. */
  machine_by: string | null;
  /** Where the dump itself is kept, if it is. */
  kept: string | null;
}

export type ResultState = 'analyzed' | 'refused' | 'failed';

/** One result belongs to a dump and an analyzer. */
export interface ResultRow {
  sha256: string;
  analyzer: string;
  /** `refused`: no readable kernel dump; `failed`: its analysis crashed, took too long or too much memory. */
  state: ResultState;
  /** 1 for the one that counts of the results of a dump. */
  current: number;
  reason_code: string | null;
  reason: string | null;
  attempts: number;
  finished_at: string;
  milliseconds: number;
  signature: string | null;
  bucket: string | null;
  /** Why it is in its bucket, where that was decided by hand. */
  bucket_by: string | null;
  kind: string | null;
  confidence: number | null;
  summary: string | null;
  bugcheck: string | null;
  bugcheck_name: string | null;
  build: number | null;
  arch: string | null;
  format: string | null;
  crash_time: string | null;
  tag: string | null;
  suspect: string | null;
  driver_set: string | null;
  machine: string | null;
  /** JSON of `Hints`. */
  hints: string | null;
}

/** The report and what its signature was made of: JSON, gzip. */
export interface ReportRow {
  sha256: string;
  analyzer: string;
  body: Uint8Array;
}

/** Machines of a fleet share their sets of drivers: each set is stored once. JSON of `LoadedDriver`, gzip. */
export interface DriverSetRow {
  id: string;
  drivers: Uint8Array;
}

export interface BucketRow {
  id: string;
  title: string;
  created_at: string;
}

/** How many current results of a bucket have a value of a facet: kept up with every result. */
export interface TallyRow {
  bucket: string;
  facet: string;
  value: string;
  n: number;
}

/** Results of a signature go into another bucket. */
export interface MergeRow {
  signature: string;
  bucket: string;
  by: string;
  at: string;
  why: string;
}

/** A dump stays in a bucket, whatever its signature becomes. */
export interface PinRow {
  sha256: string;
  bucket: string;
  by: string;
  at: string;
  why: string;
}

/** A new bucket that is to be told of. */
export interface NoticeRow {
  bucket: string;
  created_at: string;
  sent_at: string | null;
  attempts: number;
}

export interface TokenRow {
  id: string;
  name: string;
  /** SHA-256 of the token. */
  hash: string;
  role: string;
  created_at: string;
  revoked_at: string | null;
}

export interface AuditRow {
  id: string;
  at: string;
  who: string;
  action: string;
  subject: string;
  status: number;
}

/** Which worker has a job: one whose lock is free is gone, and its jobs are for others. */
export interface ClaimRow {
  job: string;
  worker: number;
}

/** A machine that is known to be in the fleet, with its set of drivers. */
export interface InventoryRow {
  machine: string;
  driver_set: string;
}

/** A value that changes with something; see marks.ts. */
export interface MarkRow {
  name: string;
  value: string;
}

export type Database = Kysely<Tables>;
export type Write = Transaction<Tables>;
