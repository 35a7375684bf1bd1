import type { Kysely } from 'kysely';
import type { Dialect } from './migrations.ts';
import type { Tables } from './schema.ts';

/** A store that is open. */
export interface OpenedDatabase {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  /** What it runs on: a library of SQLite, or PostgreSQL. */
  readonly library: string;
  close(): Promise<void>;
}

/** How a store is opened. */
export interface OpenOptions {
  /** Milliseconds after which a PostgreSQL that does not answer a query counts as gone. */
  readonly queryTimeout?: number;
}
