import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OwnerLock } from './owner-lock.ts';
import {
  bindable,
  givesRows,
  runOrNothing,
  type SqliteDriver,
  type SqliteStatement,
  type SqlValue,
} from './sqlite-driver.ts';

/** The part of node-sqlite3-wasm that is used here. */
interface WasmDatabase {
  exec(sql: string): void;
  prepare(sql: string): WasmStatement;
  close(): void;
}

interface WasmStatement {
  all(values: SqlValue[]): Record<string, unknown>[];
  run(values: SqlValue[]): { changes: number; lastInsertRowid: number | bigint };
  iterate(values: SqlValue[]): IterableIterator<Record<string, unknown>>;
  finalize(): void;
}

const require = createRequire(import.meta.url);

/**
 * SQLite in WebAssembly. Its lock is a directory beside the file, which a killed program leaves behind, and with a rollback
 * journal it takes its own lock for another's and does not roll back what was killed half done. So the file belongs to one
 * process at a time, and is written through a write-ahead log, which does not rest on that lock.
 */
export class WasmSqlite implements SqliteDriver {
  readonly library = 'node-sqlite3-wasm';
  readonly #database: WasmDatabase;
  readonly #owner: OwnerLock;
  readonly #statements = new Map<string, WasmStatement>();

  /** Errors: StoreError where another process has the file, or it is no database. */
  constructor(path: string) {
    this.#owner = new OwnerLock(path);
    try {
      rmSync(`${path}.lock`, { recursive: true, force: true });
      const { Database } = require('node-sqlite3-wasm') as { Database: new (path: string) => WasmDatabase };
      this.#database = new Database(path);
      for (const pragma of ['locking_mode=exclusive', 'journal_mode=wal', 'synchronous=normal']) {
        this.#database.exec(`pragma ${pragma}`);
      }
    } catch (error) {
      this.#owner.release();
      throw error;
    }
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    const reader = givesRows(sql);
    const statement = () => this.#statement(sql);
    return {
      reader,
      all: (parameters) => statement().all(bindable(parameters)),
      run: (parameters) => runOrNothing(sql, () => statement().run(bindable(parameters))),
      iterate: (parameters) => statement().iterate(bindable(parameters)),
    };
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#database.close();
    this.#owner.release();
  }

  /** Compiled once: statements of this library have to be freed by hand. */
  #statement(sql: string): WasmStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= mostStatements) this.#forgetOldest();
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #forgetOldest(): void {
    for (const [sql, statement] of this.#statements) {
      statement.finalize();
      this.#statements.delete(sql);
      return;
    }
  }
}

const mostStatements = 200;
