import type { Kysely } from 'kysely';
import type { Dialect } from './migrations.ts';
import type { Tables } from './schema.ts';

export interface OpenedDatabase {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect;
  /** What it runs on: a library of SQLite, or PostgreSQL. */
  readonly library: string;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Milliseconds after which a PostgreSQL that does not answer a query counts as gone. */
  readonly queryTimeout?: number;
}
