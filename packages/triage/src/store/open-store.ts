import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { type Dialect, migrate } from './migrations.ts';
import { findNodeSqlite, NodeSqlite } from './node-sqlite.ts';
import type { Tables } from './schema.ts';
import type { SqliteDriver } from './sqlite-driver.ts';
import { StoreError } from './store-error.ts';
import { WasmSqlite } from './wasm-sqlite.ts';

export interface OpenedDatabase {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  /** What it runs on: a library of SQLite, or PostgreSQL. */
  readonly library: string;
  close(): Promise<void>;
}

export const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//.test(place);

/** Opens the store at a path or an address, and brings it up to date. Errors: StoreError. */
export async function openDatabase(place: string): Promise<OpenedDatabase> {
  const opened = isPostgres(place) ? await openPostgres(place) : await openSqlite(place);
  try {
    await migrate(opened.db as unknown as Kysely<never>, opened.dialect);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openSqlite(path: string): Promise<OpenedDatabase> {
  checkPath(path);
  const driver = await openDriver(path);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: driver }) });
  let isClosed = false;
  return {
    db,
    dialect: 'sqlite',
    library: driver.library,
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await db.destroy();
    },
  };
}

async function openDriver(path: string): Promise<SqliteDriver> {
  const inNode = await findNodeSqlite();
  try {
    return inNode === undefined ? new WasmSqlite(path) : new NodeSqlite(inNode, path);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(
      `${path} cannot be opened as a store: ${(error as Error).message}`,
      'Name a new file, or one that poolscope triage wrote.',
      error,
    );
  }
}

function checkPath(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) throw new StoreError(`there is no folder ${folder}`, 'Make it first.');
  if (existsSync(path) && !statSync(path).isFile()) {
    throw new StoreError(`${path} is not a file`, 'Name a file for the store.');
  }
}

async function openPostgres(url: string): Promise<OpenedDatabase> {
  const { default: pg } = await import('pg');
  const types = {
    // 64-bit integers come as text unless told otherwise; those of the store are sizes.
    getTypeParser: ((oid: number, format?: 'text') =>
      oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
  };
  const pool = new pg.Pool({ connectionString: url, max: 8, types, connectionTimeoutMillis: 10_000 });
  // A lost connection is met by the next query; without a listener it would end the program.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new StoreError(
      `the database does not answer: ${(error as Error).message || (error as NodeJS.ErrnoException).code}`,
      'Check that it runs, and its address, user and password.',
      error,
    );
  }
  return { db, dialect: 'postgres', library: 'PostgreSQL', close: () => db.destroy() };
}
