import { sql } from 'kysely';
import type { LoadedDriver } from '../suspects/index.ts';
import { unpack } from './packing.ts';
import type { Database } from './schema.ts';
import type { Facet } from './tallies.ts';

/** One line of the table of buckets. */
export interface BucketSummary {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly machines: number;
  /** The kind of most of its results. */
  readonly kind: string | null;
  readonly suspect: string | null;
  /** Times of crashes. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  /** When its first result came in. */
  readonly createdAt: string;
}

/** Buckets of a store, and how many there are in all. */
export interface BucketList {
  /** Of all buckets. */
  readonly total: number;
  readonly buckets: readonly BucketSummary[];
}

export interface ListOptions {
  /** Only these. */
  readonly ids?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
}

/** The largest buckets first. */
export async function listBuckets(
  db: Database,
  { ids: only, limit = 100, offset = 0 }: ListOptions = {},
): Promise<BucketList> {
  const { total } = await db
    .selectFrom('tallies')
    .select(sql<number>`count(*)`.as('total'))
    .where('facet', '=', 'all')
    .executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom('tallies as t')
    .innerJoin('buckets as b', 'b.id', 't.bucket')
    .select(['b.id', 'b.title', 't.n', 'b.created_at'])
    .where('t.facet', '=', 'all')
    .$if(only !== undefined, (query) => query.where('t.bucket', 'in', only ?? []))
    .orderBy('t.n', 'desc')
    .orderBy('b.id')
    .limit(limit)
    .offset(offset)
    .execute();
  const ids = rows.map(({ id }) => id);
  const tallies = await mostFrequent(db, ids, ['kind', 'suspect']);
  const machines = await machineCounts(db, ids);
  const times = await crashTimes(db, ids);
  return {
    total,
    buckets: rows.map(({ id, title, n, created_at: createdAt }) => ({
      id,
      title,
      count: n,
      machines: machines.get(id) ?? 0,
      kind: tallies.get(`${id} kind`) ?? null,
      suspect: tallies.get(`${id} suspect`) ?? null,
      firstSeen: times.get(id)?.first ?? null,
      lastSeen: times.get(id)?.last ?? null,
      createdAt,
    })),
  };
}

/** How many dumps all buckets have together. */
export async function countDumps(db: Database): Promise<number> {
  const row = await db
    .selectFrom('tallies')
    .select(db.fn.sum<number>('n').as('n'))
    .where('facet', '=', 'all')
    .executeTakeFirst();
  return row?.n ?? 0;
}

/** The value that most results of a bucket have, by `bucket facet`. */
async function mostFrequent(
  db: Database,
  ids: readonly string[],
  facets: readonly Facet[],
): Promise<Map<string, string>> {
  const most = new Map<string, string>();
  if (ids.length === 0) return most;
  const rows = await db
    .selectFrom('tallies')
    .select(['bucket', 'facet', 'value', 'n'])
    .where('bucket', 'in', ids)
    .where('facet', 'in', facets)
    .orderBy('n')
    .execute();
  for (const { bucket, facet, value } of rows) most.set(`${bucket} ${facet}`, value);
  return most;
}

async function machineCounts(db: Database, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('tallies')
    .select(['bucket', sql<number>`count(*)`.as('n')])
    .where('bucket', 'in', ids)
    .where('facet', '=', 'machine')
    .groupBy('bucket')
    .execute();
  return new Map(rows.map(({ bucket, n }) => [bucket, n]));
}

/** First and last crash of each bucket, each one look into the index. */
async function crashTimes(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, { first: string | null; last: string | null }>> {
  const times = new Map<string, { first: string | null; last: string | null }>();
  if (ids.length === 0) return times;
  const edge = (order: 'asc' | 'desc') =>
    db
      .selectFrom('results as r')
      .select('r.crash_time')
      .whereRef('r.bucket', '=', sql.ref('b.id'))
      .where('r.current', '=', 1)
      .where('r.crash_time', 'is not', null)
      .orderBy('r.crash_time', order)
      .limit(1);
  const rows = await db
    .selectFrom('buckets as b')
    .select(['b.id', edge('asc').as('first'), edge('desc').as('last')])
    .where('b.id', 'in', ids)
    .execute();
  for (const { id, first, last } of rows) times.set(id, { first, last });
  return times;
}

/** Crashes of a bucket on a day. */
export interface DayCount {
  readonly bucket: string;
  /** `2026-03-01` */
  readonly day: string;
  readonly count: number;
}

/** Crashes by bucket and day: of so many days up to the last crash, the days without any among them. */
export async function countDays(db: Database, days = 92): Promise<DayCount[]> {
  const ofDays = db
    .selectFrom('tallies')
    .where('facet', '=', 'day')
    // Days are numbers with hyphens; what has no time has a word.
    .where('value', '<', ':');
  const last = await ofDays.select((eb) => eb.fn.max('value').as('day')).executeTakeFirst();
  const end = Date.parse(last?.day ?? '');
  if (Number.isNaN(end)) return [];
  const first = new Date(end - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  const rows = await ofDays
    .select(['bucket', 'value', 'n'])
    .where('value', '>=', first)
    .orderBy('value')
    .orderBy('bucket')
    .execute();
  return rows.map(({ bucket, value: day, n: count }) => ({ bucket, day, count }));
}

/** How many results of a bucket have each value of a facet, most first. */
export async function facetOf(
  db: Database,
  bucket: string,
  facet: Facet,
): Promise<{ value: string; count: number }[]> {
  const rows = await db
    .selectFrom('tallies')
    .select(['value', 'n'])
    .where('bucket', '=', bucket)
    .where('facet', '=', facet)
    .orderBy('n', 'desc')
    .orderBy('value')
    .execute();
  return rows.map(({ value, n }) => ({ value, count: n }));
}

export interface DriverCount {
  readonly driver: string;
  readonly count: number;
  readonly versions: readonly { readonly version: string; readonly count: number }[];
}

/** In how many results of a bucket each driver was loaded, and in which versions. */
export async function driversOfBucket(db: Database, bucket: string): Promise<DriverCount[]> {
  const sets = await facetOf(db, bucket, 'drivers');
  const drivers = await readDriverSets(
    db,
    sets.map(({ value }) => value),
  );
  const counts = new Map<string, Map<string, number>>();
  for (const { value, count } of sets) {
    for (const { module: driver, version: known } of drivers.get(value) ?? []) {
      const version = known ?? 'unknown';
      const versions = counts.get(driver) ?? new Map<string, number>();
      versions.set(version, (versions.get(version) ?? 0) + count);
      counts.set(driver, versions);
    }
  }
  return [...counts]
    .map(([driver, versions]) => ({
      driver,
      count: [...versions.values()].reduce((sum, n) => sum + n, 0),
      versions: [...versions]
        .map(([version, count]) => ({ version, count }))
        .sort((one, other) => other.count - one.count),
    }))
    .sort((one, other) => other.count - one.count || (one.driver < other.driver ? -1 : 1));
}

export async function readDriverSets(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, readonly LoadedDriver[]>> {
  const sets = new Map<string, readonly LoadedDriver[]>();
  for (let at = 0; at < ids.length; at += setsAtOnce) {
    const rows = await db
      .selectFrom('driver_sets')
      .selectAll()
      .where('id', 'in', ids.slice(at, at + setsAtOnce))
      .execute();
    for (const { id, drivers } of rows) sets.set(id, unpack(drivers) as LoadedDriver[]);
  }
  return sets;
}

const setsAtOnce = 500;
