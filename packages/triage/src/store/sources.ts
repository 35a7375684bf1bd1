import type { Database, SourceRow, Write } from './schema.ts';

/** Notes where dumps were found. */
export async function putSources(write: Write, rows: readonly SourceRow[]): Promise<void> {
  const sorted = [...rows].sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const row of sorted) {
    const { name: _, ...rest } = row;
    await write
      .insertInto('sources')
      .values(row)
      .onConflict((conflict) => conflict.column('name').doUpdateSet(rest))
      .execute();
  }
}

/** A file that the analyzer is done with. */
export interface DoneSource {
  /** What it had then. */
  readonly fingerprint: string;
  /** How many of its dumps gave no report. */
  readonly withoutReport: number;
}

/** Of these sources those that the analyzer is done with. */
export async function findDone(
  db: Database,
  names: readonly string[],
  analyzer: string,
): Promise<Map<string, DoneSource>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom('sources')
    .select(['name', 'fingerprint'])
    .where('name', 'in', names)
    .where('analyzer', '=', analyzer)
    .where('problem', 'is', null)
    .execute();
  const without = await withoutReport(db, names, analyzer);
  return new Map(
    rows.map(({ name, fingerprint }) => [name, { fingerprint, withoutReport: without.get(name) ?? 0 }]),
  );
}

/** How many dumps of these files were refused or failed, also of those in archives; files without such are left out. */
async function withoutReport(
  db: Database,
  names: readonly string[],
  analyzer: string,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const column of ['s.name', 's.parent'] as const) {
    const rows = await db
      .selectFrom('sources as s')
      .innerJoin('results as r', 'r.sha256', 's.sha256')
      .select(['s.name', 's.parent'])
      .where(column, 'in', names)
      .where('r.analyzer', '=', analyzer)
      .where('r.state', 'in', ['refused', 'failed'])
      .execute();
    for (const row of rows) {
      const file = column === 's.name' ? row.name : (row.parent ?? '');
      counts.set(file, (counts.get(file) ?? 0) + 1);
    }
  }
  return counts;
}

/** Has the analyzer a result of the dump? */
export async function hasResult(db: Database, sha256: string, analyzer: string): Promise<boolean> {
  const row = await db
    .selectFrom('results')
    .select('sha256')
    .where('sha256', '=', sha256)
    .where('analyzer', '=', analyzer)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many files and dumps have given no report since a time, whoever looked at them. */
export async function withoutReportSince(db: Database, since: string): Promise<number> {
  const count = db.fn.countAll<number>().as('n');
  const dumps = await db
    .selectFrom('results')
    .select(count)
    .where('current', '=', 1)
    .where('state', 'in', ['refused', 'failed'])
    .where('finished_at', '>=', since)
    .executeTakeFirstOrThrow();
  const files = await db
    .selectFrom('sources')
    .select(count)
    .where('problem', 'is not', null)
    .where('seen_at', '>=', since)
    .executeTakeFirstOrThrow();
  return dumps.n + files.n;
}
