import { digest } from '../facts.ts';
import type { LoadedDriver } from '../suspects/index.ts';
import type { FoundDump, Outcome } from '../work/protocol.ts';
import { bucketId } from './bucket-id.ts';
import { pack } from './packing.ts';
import type { Database, ResultRow, Write } from './schema.ts';
import { TallyChanges } from './tallies.ts';

/** A result as the store takes it. */
export interface NewResult {
  readonly dump: FoundDump;
  readonly analyzer: string;
  readonly outcome: Outcome;
  /** How often the dump was tried. */
  readonly attempts: number;
  /** The machine that it comes from, where that is known better than by its drivers. */
  readonly machine?: { readonly name: string; readonly by: 'given' | 'folder' };
  /** Where the dump is kept. */
  readonly kept?: string;
  /** Takes the place of a result of the same analyzer. */
  readonly again?: boolean;
}

/** Records results, each once: in one transaction, so that all of it is there or nothing. Returns the new buckets. */
export const recordResults = (db: Database, results: readonly NewResult[]): Promise<string[]> =>
  db.transaction().execute((write) => recordIn(write, results));

/** The same within a transaction of the caller's. */
export async function recordIn(write: Write, results: readonly NewResult[]): Promise<string[]> {
  const tallies = new TallyChanges();
  const created: string[] = [];
  // One order for all writers: rows are locked as they are met.
  const sorted = [...results].sort((one, other) => (one.dump.sha256 < other.dump.sha256 ? -1 : 1));
  for (const result of sorted) created.push(...(await recordOne(write, result, tallies)));
  await tallies.write(write);
  return created;
}

async function recordOne(write: Write, result: NewResult, tallies: TallyChanges): Promise<string[]> {
  const now = new Date().toISOString();
  const { dump, analyzer } = result;
  await putDump(write, result, now);
  const before = await write.selectFrom('results').selectAll().where('sha256', '=', dump.sha256).execute();
  const same = before.find((row) => row.analyzer === analyzer);
  if (same !== undefined && result.again !== true) return [];
  const counted = before.find((row) => row.current === 1);
  if (counted !== undefined) tallies.add(counted, -1);
  await write
    .updateTable('results')
    .set({ current: 0 })
    .where('sha256', '=', dump.sha256)
    .where('current', '=', 1)
    .execute();
  const row = await rowOf(write, result, now);
  const created = await putBucket(write, row, now);
  await replaceResult(write, row, result.outcome);
  tallies.add(row, 1);
  return created;
}

/** Locks the dump too: two results of one dump come one after the other. */
async function putDump(write: Write, { dump, machine, kept }: NewResult, now: string): Promise<void> {
  const known = { machine: machine?.name ?? null, machine_by: machine?.by ?? null };
  await write
    .insertInto('dumps')
    .values({ sha256: dump.sha256, bytes: dump.bytes, first_seen_at: now, ...known, kept: kept ?? null })
    .onConflict((conflict) =>
      conflict.column('sha256').doUpdateSet({
        bytes: dump.bytes,
        ...(machine === undefined ? {} : known),
        ...(kept === undefined ? {} : { kept }),
      }),
    )
    .execute();
}

async function rowOf(write: Write, result: NewResult, now: string): Promise<ResultRow> {
  const { dump, analyzer, outcome, attempts } = result;
  const base = {
    ...emptyResult,
    sha256: dump.sha256,
    analyzer,
    state: outcome.state,
    attempts,
    finished_at: now,
    milliseconds: outcome.milliseconds,
  };
  if (outcome.state !== 'analyzed') {
    return { ...base, reason_code: outcome.problem.code, reason: outcome.problem.message };
  }
  const { facts } = outcome;
  const placed = await placeOf(write, dump.sha256, facts.signature);
  const known = await write
    .selectFrom('dumps')
    .select('machine')
    .where('sha256', '=', dump.sha256)
    .executeTakeFirstOrThrow();
  return {
    ...base,
    signature: facts.signature,
    bucket: placed.bucket,
    bucket_by: placed.by,
    kind: facts.kind,
    confidence: facts.confidence,
    summary: facts.summary,
    bugcheck: facts.bugcheck,
    bugcheck_name: facts.bugcheckName,
    build: facts.build,
    arch: facts.arch,
    format: facts.format,
    crash_time: facts.crashTime,
    tag: facts.tag,
    suspect: facts.suspect,
    driver_set: await putDriverSet(write, facts.drivers),
    machine: known.machine ?? facts.machine,
    hints: JSON.stringify(facts.hints),
  };
}

const emptyResult = {
  current: 1,
  reason_code: null,
  reason: null,
  signature: null,
  bucket: null,
  bucket_by: null,
  kind: null,
  confidence: null,
  summary: null,
  bugcheck: null,
  bugcheck_name: null,
  build: null,
  arch: null,
  format: null,
  crash_time: null,
  tag: null,
  suspect: null,
  driver_set: null,
  machine: null,
  hints: null,
} as const;

/** The bucket of a dump: where it was put by hand, where its signature was, or that of its signature. */
export async function placeOf(
  write: Database,
  sha256: string,
  signature: string,
): Promise<{ bucket: string; by: string | null }> {
  const pin = await write
    .selectFrom('pins')
    .select(['bucket', 'by', 'why'])
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  if (pin !== undefined) return { bucket: pin.bucket, by: `${pin.why}, by ${pin.by}` };
  const merge = await write
    .selectFrom('merges')
    .select(['bucket', 'by', 'why'])
    .where('signature', '=', signature)
    .executeTakeFirst();
  if (merge !== undefined) return { bucket: merge.bucket, by: `${merge.why}, by ${merge.by}` };
  return { bucket: bucketId(signature), by: null };
}

/** Makes the bucket and the notice of it, if there is none yet. */
async function putBucket(write: Write, row: ResultRow, now: string): Promise<string[]> {
  if (row.bucket === null || row.signature === null) return [];
  return addBucket(write, { id: row.bucket, title: row.signature, created_at: now });
}

export async function addBucket(
  write: Write,
  bucket: { id: string; title: string; created_at: string },
): Promise<string[]> {
  const { numInsertedOrUpdatedRows } = await write
    .insertInto('buckets')
    .values(bucket)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return [];
  await write
    .insertInto('notices')
    .values({ bucket: bucket.id, created_at: bucket.created_at, sent_at: null, attempts: 0 })
    .onConflict((conflict) => conflict.column('bucket').doNothing())
    .execute();
  return [bucket.id];
}

/** Stores a set of drivers, if it is new; returns its name. They are in the order of their names. */
export async function putDriverSet(write: Write, drivers: readonly LoadedDriver[]): Promise<string> {
  const id = digest(JSON.stringify(drivers)).slice(0, 16);
  await write
    .insertInto('driver_sets')
    .values({ id, drivers: pack(drivers) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return id;
}

async function replaceResult(write: Write, row: ResultRow, outcome: Outcome): Promise<void> {
  const key = [row.sha256, row.analyzer] as const;
  for (const table of ['results', 'reports'] as const) {
    await write.deleteFrom(table).where('sha256', '=', key[0]).where('analyzer', '=', key[1]).execute();
  }
  await write.insertInto('results').values(row).execute();
  if (outcome.state !== 'analyzed') return;
  await write
    .insertInto('reports')
    .values({ sha256: key[0], analyzer: key[1], body: outcome.body })
    .execute();
}
