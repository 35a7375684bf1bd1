import { type Kysely, type Migration, type MigrationProvider, Migrator } from 'kysely';
import { StoreError } from './store-error.ts';

export type Dialect = 'sqlite' | 'postgres';

type Column = readonly [
  name: string,
  type: 'text' | 'integer' | 'bigint' | 'real' | 'blob',
  rule?: 'null' | 'key',
];

/** The tables as they began; later changes are migrations of their own. */
const first: Readonly<Record<string, readonly Column[]>> = {
  sources: [
    ['name', 'text', 'key'],
    ['parent', 'text', 'null'],
    ['fingerprint', 'text'],
    ['analyzer', 'text'],
    ['sha256', 'text', 'null'],
    ['problem', 'text', 'null'],
    ['seen_at', 'text'],
  ],
  dumps: [
    ['sha256', 'text', 'key'],
    ['bytes', 'bigint'],
    ['first_seen_at', 'text'],
    ['machine', 'text', 'null'],
    ['machine_by', 'text', 'null'],
    ['kept', 'text', 'null'],
  ],
  results: [
    ['sha256', 'text', 'key'],
    ['analyzer', 'text', 'key'],
    ['state', 'text'],
    ['current', 'integer'],
    ['reason_code', 'text', 'null'],
    ['reason', 'text', 'null'],
    ['attempts', 'integer'],
    ['finished_at', 'text'],
    ['milliseconds', 'integer'],
    ['signature', 'text', 'null'],
    ['bucket', 'text', 'null'],
    ['bucket_by', 'text', 'null'],
    ['kind', 'text', 'null'],
    ['confidence', 'real', 'null'],
    ['summary', 'text', 'null'],
    ['bugcheck', 'text', 'null'],
    ['bugcheck_name', 'text', 'null'],
    ['build', 'integer', 'null'],
    ['arch', 'text', 'null'],
    ['format', 'text', 'null'],
    ['crash_time', 'text', 'null'],
    ['tag', 'text', 'null'],
    ['suspect', 'text', 'null'],
    ['driver_set', 'text', 'null'],
    ['machine', 'text', 'null'],
    ['hints', 'text', 'null'],
  ],
  reports: [
    ['sha256', 'text', 'key'],
    ['analyzer', 'text', 'key'],
    ['body', 'blob'],
  ],
  driver_sets: [
    ['id', 'text', 'key'],
    ['drivers', 'blob'],
  ],
  buckets: [
    ['id', 'text', 'key'],
    ['title', 'text'],
    ['created_at', 'text'],
  ],
  tallies: [
    ['bucket', 'text', 'key'],
    ['facet', 'text', 'key'],
    ['value', 'text', 'key'],
    ['n', 'integer'],
  ],
  merges: [
    ['signature', 'text', 'key'],
    ['bucket', 'text'],
    ['by', 'text'],
    ['at', 'text'],
    ['why', 'text'],
  ],
  pins: [
    ['sha256', 'text', 'key'],
    ['bucket', 'text'],
    ['by', 'text'],
    ['at', 'text'],
    ['why', 'text'],
  ],
  notices: [
    ['bucket', 'text', 'key'],
    ['created_at', 'text'],
    ['sent_at', 'text', 'null'],
    ['attempts', 'integer'],
  ],
  tokens: [
    ['id', 'text', 'key'],
    ['name', 'text'],
    ['hash', 'text'],
    ['role', 'text'],
    ['created_at', 'text'],
    ['revoked_at', 'text', 'null'],
  ],
  audit: [
    ['id', 'text', 'key'],
    ['at', 'text'],
    ['who', 'text'],
    ['action', 'text'],
    ['subject', 'text'],
    ['status', 'integer'],
  ],
  claims: [
    ['job', 'text', 'key'],
    ['worker', 'integer'],
  ],
};

const indexes: readonly (readonly [name: string, table: string, columns: readonly string[]])[] = [
  ['results_of_bucket', 'results', ['current', 'bucket', 'crash_time', 'sha256']],
  ['results_by_state', 'results', ['current', 'state', 'finished_at']],
  ['sources_of_dump', 'sources', ['sha256']],
  ['sources_of_archive', 'sources', ['parent']],
  ['tallies_by_size', 'tallies', ['facet', 'n']],
  ['merges_into', 'merges', ['bucket']],
  ['pins_into', 'pins', ['bucket']],
  ['audit_by_time', 'audit', ['at']],
];

/** Machines that have not crashed, and what has changed by hand. */
const second: typeof first = {
  inventory: [
    ['machine', 'text', 'key'],
    ['driver_set', 'text'],
  ],
  marks: [
    ['name', 'text', 'key'],
    ['value', 'text'],
  ],
};

const createTables =
  (dialect: Dialect, tables: typeof first, withIndexes: typeof indexes): Migration['up'] =>
  async (db: Kysely<never>) => {
    for (const [name, columns] of Object.entries(tables)) {
      let table = db.schema.createTable(name);
      for (const [column, type, rule] of columns) {
        const sqlType = dialect === 'postgres' ? postgresType(type) : type;
        table = table.addColumn(column, sqlType, (each) => (rule === 'null' ? each : each.notNull()));
      }
      const keys = columns.filter(([, , rule]) => rule === 'key').map(([column]) => column);
      await table.addPrimaryKeyConstraint(`${name}_key`, keys as never[]).execute();
    }
    for (const [name, table, columns] of withIndexes) {
      await db.schema
        .createIndex(name)
        .on(table)
        .columns([...columns])
        .execute();
    }
  };

const postgresType = (type: Column[1]) =>
  type === 'blob' ? ('bytea' as const) : type === 'real' ? ('double precision' as const) : type;

/** Brings a store up to date. Errors: StoreError where it cannot be. */
export async function migrate(db: Kysely<never>, dialect: Dialect): Promise<void> {
  const provider: MigrationProvider = {
    getMigrations: async () => ({
      '0001-tables': { up: createTables(dialect, first, indexes) },
      '0002-inventory': { up: createTables(dialect, second, []) },
    }),
  };
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw new StoreError(
    `the store cannot be brought up to date${failed === undefined ? '' : ` (${failed})`}: ${textOf(error)}`,
    'Use a file of this program or an empty database, or a newer poolscope.',
    error,
  );
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
