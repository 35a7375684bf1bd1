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

/** Of these sources those that the analyzer is done with, each with the fingerprint that it had then. */
export async function findDone(
  db: Database,
  names: readonly string[],
  analyzer: string,
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom('sources')
    .select(['name', 'fingerprint'])
    .where('name', 'in', names)
    .where('analyzer', '=', analyzer)
    .where('problem', 'is', null)
    .execute();
  return new Map(rows.map(({ name, fingerprint }) => [name, fingerprint]));
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
