import type { Insertable } from 'kysely';
import { sql } from 'kysely';
import type { Database, ResultRow, TallyRow, Write } from './schema.ts';

/** What buckets are counted by. `all` counts the results themselves. */
export const facets = [
  'all',
  'day',
  'machine',
  'build',
  'kind',
  'bugcheck',
  'tag',
  'suspect',
  'drivers',
] as const;

export type Facet = (typeof facets)[number];

export type Counted = Pick<
  ResultRow,
  | 'bucket'
  | 'crash_time'
  | 'machine'
  | 'build'
  | 'arch'
  | 'kind'
  | 'bugcheck_name'
  | 'tag'
  | 'suspect'
  | 'driver_set'
>;

/** Values of a result, facet by facet. */
function valuesOf(row: Counted): [Facet, string][] {
  const values: [Facet, string | null][] = [
    ['all', ''],
    ['day', row.crash_time?.slice(0, 10) ?? 'unknown'],
    ['machine', row.machine],
    ['build', row.build === null ? null : `${row.build} ${row.arch ?? ''}`.trim()],
    ['kind', row.kind],
    ['bugcheck', row.bugcheck_name],
    ['tag', row.tag],
    ['suspect', row.suspect],
    ['drivers', row.driver_set],
  ];
  return values.filter((each): each is [Facet, string] => each[1] !== null);
}

/** Changes of counts, summed up before they are written: in one order always, so that two writers never wait for each other. */
export class TallyChanges {
  readonly #changes = new Map<string, Insertable<TallyRow>>();

  /** Counts a result of a bucket, or takes it back. */
  add(row: Counted, by: 1 | -1): void {
    if (row.bucket === null) return;
    for (const [facet, value] of valuesOf(row)) {
      const key = JSON.stringify([row.bucket, facet, value]);
      const change = this.#changes.get(key) ?? { bucket: row.bucket, facet, value, n: 0 };
      this.#changes.set(key, { ...change, n: change.n + by });
    }
  }

  async write(db: Write): Promise<void> {
    const keys = [...this.#changes.keys()].sort();
    const rows = keys.map((key) => this.#changes.get(key)!).filter(({ n }) => n !== 0);
    for (let at = 0; at < rows.length; at += rowsAtOnce) {
      await db
        .insertInto('tallies')
        .values(rows.slice(at, at + rowsAtOnce))
        .onConflict((conflict) =>
          conflict
            .columns(['bucket', 'facet', 'value'])
            .doUpdateSet({ n: sql<number>`tallies.n + excluded.n` }),
        )
        .execute();
    }
    const less = [...new Set(rows.flatMap(({ bucket, n }) => (n < 0 ? bucket : [])))];
    for (const bucket of less) {
      await db.deleteFrom('tallies').where('bucket', '=', bucket).where('n', '<=', 0).execute();
    }
    this.#changes.clear();
  }
}

/** SQLite binds at most 32766 values to a statement. */
const rowsAtOnce = 500;

/** The tallies as counted anew from the results: what they have to be. */
export async function countAnew(db: Database): Promise<TallyRow[]> {
  const counts = new Map<string, TallyRow>();
  const rows = await db
    .selectFrom('results')
    .select([
      'bucket',
      'crash_time',
      'machine',
      'build',
      'arch',
      'kind',
      'bugcheck_name',
      'tag',
      'suspect',
      'driver_set',
    ])
    .where('current', '=', 1)
    .where('bucket', 'is not', null)
    .execute();
  for (const row of rows) {
    for (const [facet, value] of valuesOf(row)) {
      const key = JSON.stringify([row.bucket, facet, value]);
      const tally = counts.get(key) ?? { bucket: row.bucket!, facet, value, n: 0 };
      counts.set(key, { ...tally, n: tally.n + 1 });
    }
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, tally]) => tally);
}
