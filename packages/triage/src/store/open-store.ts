import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import { migrate } from './migrations.ts';
import { findNodeSqlite, NodeSqlite } from './node-sqlite.ts';
import { openPostgres } from './open-postgres.ts';
import type { OpenedDatabase, OpenOptions } from './opened-database.ts';
import { checkOwner } from './owner-lock.ts';
import type { Tables } from './schema.ts';
import type { SqliteDriver } from './sqlite-driver.ts';
import { StoreError } from './store-error.ts';
import { WasmSqlite } from './wasm-sqlite.ts';

/** Is this the address of a PostgreSQL database, and not a file? */
export const isPostgres = (place: string): boolean => /^postgres(ql)?:\/\//.test(place);

/** Opens the store at a path or an address, and brings it up to date. Errors: StoreError. */
export async function openDatabase(place: string, options: OpenOptions = {}): Promise<OpenedDatabase> {
  const opened = isPostgres(place) ? await openPostgres(place, options) : await openSqlite(place);
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
    if (inNode === undefined) return new WasmSqlite(path);
    checkOwner(path);
    return new NodeSqlite(inNode, path);
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
