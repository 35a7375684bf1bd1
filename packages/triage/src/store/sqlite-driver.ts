/** A value that SQLite stores. Addresses are stored as text: its integers are signed. */
export type SqlValue = string | number | bigint | Uint8Array | null;

/** What is asked of a SQLite library: Kysely's dialect stands on it. */
export interface SqliteDriver {
  /** Name of the library, for messages. */
  readonly library: string;
  exec(sql: string): void;
  /** Does the statement give rows? Prepared statements are kept until `close`. */
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export interface SqliteStatement {
  readonly reader: boolean;
  all(parameters: readonly unknown[]): Record<string, unknown>[];
  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(parameters: readonly unknown[]): IterableIterator<Record<string, unknown>>;
}

/** Statements give rows where they begin as queries do, or return what they changed. */
export const givesRows = (sql: string): boolean =>
  /^\s*(select|with|pragma|explain|values)\b/i.test(sql) || /\breturning\b/i.test(sql);

/** What Kysely hands over, as SQLite takes it. */
export const bindable = (parameters: readonly unknown[]): SqlValue[] =>
  parameters.map((value) => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'boolean') return value ? 1 : 0;
    return value as SqlValue;
  });

type RunOutcome = ReturnType<SqliteStatement['run']>;

/**
 * A full disk ends a transaction by itself; the rollback that follows has nothing to do, and its error would hide the first.
 */
export function runOrNothing(sql: string, run: () => RunOutcome): RunOutcome {
  try {
    return run();
  } catch (error) {
    const isIdle = sql === 'rollback' && /no transaction is active/.test(String(error));
    if (!isIdle) throw error;
    return { changes: 0, lastInsertRowid: 0 };
  }
}
