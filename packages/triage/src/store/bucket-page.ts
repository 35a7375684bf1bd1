import type { FleetView } from '../fleet/index.ts';
import type { Ranking } from '../suspects/index.ts';
import { type BucketSummary, type DriverCount, driversOfBucket, facetOf, listBuckets } from './buckets.ts';
import type { Database } from './schema.ts';
import { type DumpLine, searchDumps } from './search.ts';

type Counts = readonly { readonly value: string; readonly count: number }[];

/** All that is known of a bucket. */
export interface BucketPage extends BucketSummary {
  readonly days: Counts;
  /** The last 7 days before the last crash against the 7 before: null where there is too little to tell. */
  readonly trend: { readonly last: number; readonly before: number } | null;
  readonly machineNames: Counts;
  readonly builds: Counts;
  readonly kinds: Counts;
  readonly bugchecks: Counts;
  readonly tags: Counts;
  readonly drivers: readonly DriverCount[];
  /** Null where they were not waited for, or could not be computed. */
  readonly ranking: Ranking | null;
  readonly dumps: readonly DumpLine[];
  /** What was arranged by hand. */
  readonly merged: readonly { readonly signature: string; readonly by: string; readonly at: string }[];
}

/** Undefined where there is no such bucket. Suspects are waited for as long as `patience` milliseconds, if it is given. */
export async function readBucket(
  db: Database,
  fleet: FleetView,
  id: string,
  patience?: number,
): Promise<BucketPage | undefined> {
  const summary = (await listBuckets(db, { ids: [id] })).buckets[0];
  if (summary === undefined) return undefined;
  const days = (await facetOf(db, id, 'day')).sort((one, other) => (one.value < other.value ? -1 : 1));
  return {
    ...summary,
    days,
    trend: trendOf(days),
    machineNames: await facetOf(db, id, 'machine'),
    builds: await facetOf(db, id, 'build'),
    kinds: await facetOf(db, id, 'kind'),
    bugchecks: await facetOf(db, id, 'bugcheck'),
    tags: await facetOf(db, id, 'tag'),
    drivers: (await driversOfBucket(db, id)).slice(0, mostDrivers),
    ranking: await unlessLate(fleet.bucket(id), patience),
    dumps: (await searchDumps(db, { bucket: id, limit: 100 })).dumps,
    merged: await db
      .selectFrom('merges')
      .select(['signature', 'by', 'at'])
      .where('bucket', '=', id)
      .orderBy('signature')
      .execute(),
  };
}

/** Null where it takes longer, or fails. */
async function unlessLate<Value>(value: Promise<Value>, patience: number | undefined): Promise<Value | null> {
  if (patience === undefined) return value;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), patience);
  });
  try {
    return await Promise.race([value.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}

const mostDrivers = 500;
const week = 7 * 86_400_000;

export function trendOf(days: Counts): BucketPage['trend'] {
  const known = days.filter(({ value }) => value !== 'unknown');
  const last = known.at(-1);
  if (last === undefined) return null;
  const end = Date.parse(last.value);
  const within = (from: number, to: number) =>
    known
      .filter(({ value }) => Date.parse(value) > from && Date.parse(value) <= to)
      .reduce((sum, { count }) => sum + count, 0);
  return { last: within(end - week, end), before: within(end - 2 * week, end - week) };
}
