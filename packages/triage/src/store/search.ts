import { type ExpressionBuilder, sql } from 'kysely';
import { type StoredReport, unpackReport } from '../facts.ts';
import type { Database, Tables } from './schema.ts';

/** A dump in a list. */
export interface DumpLine {
  readonly sha256: string;
  readonly bucket: string;
  /** Why it is there, where that was decided by hand. */
  readonly bucketBy: string | null;
  readonly signature: string;
  readonly kind: string;
  readonly confidence: number;
  readonly summary: string;
  readonly bugcheck: string;
  readonly build: number;
  readonly arch: string;
  readonly format: string;
  readonly crashTime: string | null;
  readonly machine: string | null;
  readonly suspect: string | null;
  readonly source: string | null;
}

export interface Query {
  /** Words that stand in the signature, summary, bug check, suspect, machine or tag, or begin the hash; all of them have to. */
  readonly text?: string;
  readonly sha256?: string;
  readonly bucket?: string;
  readonly kind?: string;
  readonly machine?: string;
  readonly suspect?: string;
  readonly build?: number;
  /** Times of crashes, ISO 8601: from and before. */
  readonly from?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** Dumps that fit, the last crashes first. */
export async function searchDumps(
  db: Database,
  query: Query,
): Promise<{ readonly total: number; readonly dumps: DumpLine[] }> {
  const { total } = await matching(db, query)
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  const rows = await matching(db, query)
    .selectAll('r')
    .select((eb) => sourceOf(eb))
    .orderBy('r.crash_time', 'desc')
    .orderBy('r.sha256')
    .limit(query.limit ?? 100)
    .offset(query.offset ?? 0)
    .execute();
  const dumps = rows.map((row) => ({
    sha256: row.sha256,
    bucket: row.bucket ?? '',
    bucketBy: row.bucket_by,
    signature: row.signature ?? '',
    kind: row.kind ?? 'unknown',
    confidence: row.confidence ?? 0,
    summary: row.summary ?? '',
    bugcheck: row.bugcheck_name ?? '',
    build: row.build ?? 0,
    arch: row.arch ?? '',
    format: row.format ?? '',
    crashTime: row.crash_time,
    machine: row.machine,
    suspect: row.suspect,
    source: row.source,
  }));
  return { total, dumps };
}

const sourceOf = (eb: ExpressionBuilder<Tables & { r: Tables['results'] }, 'r'>) =>
  eb
    .selectFrom('sources as s')
    .select('s.name')
    .where('s.sha256', '=', sql.ref<string>('r.sha256'))
    .orderBy('s.name')
    .limit(1)
    .as('source');

function matching(db: Database, query: Query) {
  let select = db.selectFrom('results as r').where('r.current', '=', 1).where('r.state', '=', 'analyzed');
  for (const column of ['sha256', 'bucket', 'kind', 'machine', 'suspect', 'build'] as const) {
    const value = query[column];
    if (value !== undefined) select = select.where(`r.${column}`, '=', value);
  }
  if (query.from !== undefined) select = select.where('r.crash_time', '>=', query.from);
  if (query.before !== undefined) select = select.where('r.crash_time', '<', query.before);
  for (const word of wordsOf(query.text ?? '')) {
    const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`;
    const hash = /^[0-9a-f]{6,64}$/.test(word)
      ? [sql<boolean>`${sql.ref('r.sha256')} like ${`${word}%`}`]
      : [];
    const columns = searched.map(
      (column) => sql<boolean>`lower(${sql.ref(`r.${column}`)}) like ${pattern} escape '\\'`,
    );
    select = select.where((eb) => eb.or([...columns, ...hash]));
  }
  return select;
}

const searched = ['signature', 'summary', 'bugcheck_name', 'suspect', 'machine', 'tag'] as const;

const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 8);

export interface StoredDump extends DumpLine {
  readonly stored: StoredReport;
  readonly sources: readonly string[];
  /** Where the dump itself is kept; null: it is not. */
  readonly keptAt: string | null;
}

/** A dump with its report, as far as there is one. */
export async function readDump(db: Database, sha256: string): Promise<StoredDump | undefined> {
  const row = await db
    .selectFrom('results as r')
    .innerJoin('reports as p', (join) =>
      join.onRef('p.sha256', '=', 'r.sha256').onRef('p.analyzer', '=', 'r.analyzer'),
    )
    .select(['p.body', 'r.bucket'])
    .where('r.sha256', '=', sha256)
    .where('r.current', '=', 1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { dumps } = await searchDumps(db, { sha256 });
  const sources = await db
    .selectFrom('sources')
    .select('name')
    .where('sha256', '=', sha256)
    .orderBy('name')
    .execute();
  const line = dumps[0];
  const keptAt = await keptDump(db, sha256);
  return (
    line && { ...line, keptAt, stored: unpackReport(row.body), sources: sources.map(({ name }) => name) }
  );
}

/** Where a dump is kept. */
export async function keptDump(db: Database, sha256: string): Promise<string | null> {
  const row = await db.selectFrom('dumps').select('kept').where('sha256', '=', sha256).executeTakeFirst();
  return row?.kept ?? null;
}

/** Was a source of that name looked at? */
export async function hasSource(db: Database, source: string): Promise<boolean> {
  const row = await db.selectFrom('sources').select('name').where('name', '=', source).executeTakeFirst();
  return row !== undefined;
}
