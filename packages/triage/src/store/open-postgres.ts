import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type pg from 'pg';
import type { OpenedDatabase, OpenOptions } from './opened-database.ts';
import type { Tables } from './schema.ts';
import { StoreError } from './store-error.ts';

/** The server finds out in half a minute that nobody is there any more, instead of in two hours. */
const serverSettings = '-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/** Errors: StoreError where it does not answer. */
export async function openPostgres(
  url: string,
  { queryTimeout = 60_000 }: OpenOptions,
): Promise<OpenedDatabase> {
  const { default: library } = await import('pg');
  const { getTypeParser } = library.types;
  const types = {
    // 64-bit integers come as text unless told otherwise; those of the store are sizes.
    getTypeParser: ((oid: number, format?: 'text') =>
      oid === 20 ? Number : getTypeParser(oid, format)) as typeof getTypeParser,
  };
  const pool = new library.Pool({
    ...{ connectionString: url, max: 8, types, keepAlive: true },
    ...{ connectionTimeoutMillis: Math.min(10_000, queryTimeout), query_timeout: queryTimeout },
    // A server whose network to us was cut keeps what we have locked, until it gives us up.
    idle_in_transaction_session_timeout: Math.min(20_000, queryTimeout),
    options: serverSettings,
  });
  // A lost connection is met by the next query; without a listener it would end the program.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
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
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withoutSilentOnes(pool) }) });
  return { db, dialect: 'postgres', library: 'PostgreSQL', close: () => db.destroy() };
}

/** A connection that did not answer in time is not used again: where a network was cut, nothing says so for a quarter of an hour. */
const withoutSilentOnes = (pool: pg.Pool): PostgresPool => ({
  connect: async () => {
    const client = await pool.connect();
    let isSilent = false;
    return {
      query: (async (text: string, values: unknown[]) => {
        try {
          return await client.query(text, values);
        } catch (error) {
          if (isTimeout(error)) isSilent = true;
          throw error;
        }
      }) as never,
      release: () => client.release(isSilent),
    };
  },
  end: () => pool.end(),
});

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Query read timeout';
