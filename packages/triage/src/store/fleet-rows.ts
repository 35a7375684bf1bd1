import type { Hints } from '../facts.ts';
import { type CrashKind, type CrashRow, FleetSuspects } from '../suspects/index.ts';
import { readDriverSets } from './buckets.ts';
import type { Database } from './schema.ts';

const rowsAtOnce = 5000;

/** What all dumps tell the fleet. Sets of drivers are shared by the rows that have them. */
export async function readCrashRows(db: Database): Promise<CrashRow[]> {
  const sets = new Map<string, CrashRow['drivers']>();
  const rows: CrashRow[] = [];
  for (let last = ''; ; ) {
    const found = await db
      .selectFrom('results')
      .select([
        'sha256',
        'bucket',
        'machine',
        'crash_time',
        'build',
        'kind',
        'confidence',
        'hints',
        'driver_set',
      ])
      .where('current', '=', 1)
      .where('state', '=', 'analyzed')
      .where('sha256', '>', last)
      .orderBy('sha256')
      .limit(rowsAtOnce)
      .execute();
    const wanted = new Set(found.flatMap(({ driver_set: id }) => (id === null || sets.has(id) ? [] : id)));
    for (const [id, drivers] of await readDriverSets(db, [...wanted])) sets.set(id, drivers);
    for (const row of found) {
      const hints = JSON.parse(row.hints ?? '{"suspects":[],"tags":[],"payload":null}') as Hints;
      rows.push({
        id: row.sha256,
        bucket: row.bucket ?? '',
        machine: row.machine,
        time: row.crash_time,
        build: row.build ?? 0,
        kind: (row.kind ?? 'unknown') as CrashKind,
        confidence: row.confidence ?? 0,
        drivers: sets.get(row.driver_set ?? '') ?? [],
        ...hints,
      });
    }
    if (found.length < rowsAtOnce) return rows;
    last = found.at(-1)!.sha256;
  }
}

/** Suspects of the fleet, made anew when results have come in since. */
export class FleetView {
  readonly #db: Database;
  #state = '';
  #suspects: Promise<FleetSuspects> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  async suspects(): Promise<FleetSuspects> {
    const state = await this.#stateOf();
    if (this.#suspects === undefined || state !== this.#state) {
      this.#state = state;
      this.#suspects = readCrashRows(this.#db).then((rows) => new FleetSuspects(rows));
    }
    return this.#suspects;
  }

  /** Changes when results do: the sum of the counts, the last result, and what was arranged by hand. */
  async #stateOf(): Promise<string> {
    const { max } = this.#db.fn;
    const results = await this.#db
      .selectFrom('results')
      .select(max('finished_at').as('last'))
      .where('current', '=', 1)
      .where('state', '=', 'analyzed')
      .executeTakeFirst();
    const pins = await this.#db.selectFrom('pins').select(max('at').as('last')).executeTakeFirst();
    const tallies = await this.#db
      .selectFrom('tallies')
      .select(this.#db.fn.sum<number>('n').as('n'))
      .where('facet', '=', 'all')
      .executeTakeFirst();
    return JSON.stringify([results?.last, pins?.last, tallies?.n ?? 0]);
  }
}
