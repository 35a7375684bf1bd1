import { sql } from 'kysely';
import type { Hints } from '../facts.ts';
import { readDriverSets } from '../store/buckets.ts';
import { readInventory } from '../store/inventory.ts';
import { markOf } from '../store/marks.ts';
import type { Database, ResultRow } from '../store/schema.ts';
import type { CrashKind } from '../suspects/index.ts';
import type { FleetChange, StoredRow } from './fleet-change.ts';

/** Read and sent in parts, between which a server answers. */
const rowsAtOnce = 500;

/** Changes when results do. */
export interface FleetState {
  /** Time of the last result. */
  readonly last: string;
  /** How many count. */
  readonly count: number;
  /** What was arranged by hand, replayed, or listed since: any row may be another one then. */
  readonly mark: string;
}

export async function readState(db: Database): Promise<FleetState> {
  const { max, sum } = db.fn;
  // One look into the index for each state.
  const times = await Promise.all(
    (['analyzed', 'refused', 'failed'] as const).map((state) =>
      db
        .selectFrom('results')
        .select(max('finished_at').as('last'))
        .where('current', '=', 1)
        .where('state', '=', state)
        .executeTakeFirst(),
    ),
  );
  const tallies = await db
    .selectFrom('tallies')
    .select(sum<number>('n').as('n'))
    .where('facet', '=', 'all')
    .executeTakeFirst();
  const last =
    times
      .map((row) => row?.last ?? '')
      .sort()
      .at(-1) ?? '';
  return { last, count: tallies?.n ?? 0, mark: await markOf(db, 'arranged') };
}

const columns = [
  'sha256',
  'state',
  'bucket',
  'machine',
  'crash_time',
  'build',
  'kind',
  'confidence',
  'hints',
  'driver_set',
] as const;

type Row = Pick<ResultRow, (typeof columns)[number]>;

/** The whole fleet, or what came since a time. `known` are sets of drivers that were told; new ones are added to it. */
export async function* readFleet(
  db: Database,
  known: Set<string>,
  since?: string,
): AsyncGenerator<FleetChange> {
  if (since === undefined) yield { anew: true, inventory: await readInventory(db) };
  for await (const rows of since === undefined ? allRows(db) : rowsSince(db, since)) {
    const analyzed = rows.filter(({ state }) => state === 'analyzed');
    const wanted = new Set(
      analyzed.flatMap(({ driver_set: id }) => (id === null || known.has(id) ? [] : id)),
    );
    const sets = [...(await readDriverSets(db, [...wanted]))];
    for (const [id] of sets) known.add(id);
    const gone = rows.filter(({ state }) => state !== 'analyzed').map(({ sha256 }) => sha256);
    yield { sets, rows: analyzed.map(storedRow), gone };
    await breath();
  }
}

async function* allRows(db: Database): AsyncGenerator<Row[]> {
  for (let last = ''; ; ) {
    const rows = await db
      .selectFrom('results')
      .select(columns)
      .where('current', '=', 1)
      .where('state', '=', 'analyzed')
      .where('sha256', '>', last)
      .orderBy('sha256')
      .limit(rowsAtOnce)
      .execute();
    yield rows;
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)!.sha256;
  }
}

/** By the index of states and times. */
async function* rowsSince(db: Database, since: string): AsyncGenerator<Row[]> {
  for (const state of ['analyzed', 'refused', 'failed'] as const) {
    for (let [time, sha256] = [since, '']; ; ) {
      const rows: (Row & { finished_at: string })[] = await db
        .selectFrom('results')
        .select([...columns, 'finished_at'])
        .where('current', '=', 1)
        .where('state', '=', state)
        .where(sql<boolean>`(finished_at, sha256) > (${time}, ${sha256})`)
        .orderBy('finished_at')
        .orderBy('sha256')
        .limit(rowsAtOnce)
        .execute();
      yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsAtOnce) break;
      [time, sha256] = [last.finished_at, last.sha256];
    }
  }
}

function storedRow(row: Row): StoredRow {
  const hints = JSON.parse(row.hints ?? '{"suspects":[],"tags":[],"payload":null}') as Hints;
  return {
    id: row.sha256,
    bucket: row.bucket ?? '',
    machine: row.machine,
    time: row.crash_time,
    build: row.build ?? 0,
    kind: (row.kind ?? 'unknown') as CrashKind,
    confidence: row.confidence ?? 0,
    set: row.driver_set ?? '',
    ...hints,
  };
}

/** Lets others have their turn: SQLite answers at once, so that nothing else would. */
const breath = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
