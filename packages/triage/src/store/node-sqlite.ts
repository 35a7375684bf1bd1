import {
  bindable,
  givesRows,
  runOrNothing,
  type SqliteDriver,
  type SqliteStatement,
  type SqlValue,
} from './sqlite-driver.ts';

/** The part of `node:sqlite` that is used here; Node 20 has no such module. */
interface NodeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NodeStatement;
  close(): void;
}

interface NodeStatement {
  all(...values: SqlValue[]): Record<string, unknown>[];
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...values: SqlValue[]): IterableIterator<Record<string, unknown>>;
}

type NodeSqliteModule = { readonly DatabaseSync: new (path: string) => NodeDatabase };

/** `node:sqlite` of the running Node; undefined where it has none. */
export async function findNodeSqlite(): Promise<NodeSqliteModule | undefined> {
  // Kept from the compiler and from bundlers, which would look for it.
  const name: string = 'node:sqlite';
  try {
    return (await import(name)) as NodeSqliteModule;
  } catch {
    return undefined;
  }
}

/** SQLite of Node itself: several processes may use one file. */
export class NodeSqlite implements SqliteDriver {
  readonly library = 'node:sqlite';
  readonly #database: NodeDatabase;

  constructor({ DatabaseSync }: NodeSqliteModule, path: string) {
    this.#database = new DatabaseSync(path);
    for (const pragma of ['busy_timeout=20000', 'journal_mode=wal', 'synchronous=normal']) {
      this.#database.exec(`pragma ${pragma}`);
    }
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    return {
      reader: givesRows(sql),
      all: (parameters) => statement.all(...bindable(parameters)),
      run: (parameters) => runOrNothing(sql, () => statement.run(...bindable(parameters))),
      iterate: (parameters) => statement.iterate(...bindable(parameters)),
    };
  }

  close(): void {
    this.#database.close();
  }
}
