import { type NewResult, recordIn } from '../store/record.ts';
import type { Database, SourceRow, Write } from '../store/schema.ts';
import { putSources } from '../store/sources.ts';
import { StoreError } from '../store/store-error.ts';
import { patiently } from './patience.ts';

export interface RecorderOptions {
  /** Told of buckets that a write made. */
  readonly onNewBuckets?: (buckets: readonly string[]) => void;
  /** How long a store that does not answer is waited for, in milliseconds. */
  readonly patience?: number;
}

/** What is written together. */
export type Entry =
  | { readonly result: NewResult }
  | { readonly source: SourceRow }
  /** Something else that has to happen with these, or not at all: a job is done. */
  | { readonly also: (write: Write) => Promise<void> };

/** Results on their way to the store: many in one transaction, a source never before the results that it gave. */
export class Recorder {
  readonly #db: Database;
  readonly #options: RecorderOptions;
  readonly #pendingDumps = new Set<string>();
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(db: Database, options: RecorderOptions = {}) {
    this.#db = db;
    this.#options = options;
  }

  /** Is a result of the dump on its way? */
  isPending(sha256: string): boolean {
    return this.#pendingDumps.has(sha256);
  }

  /** A result of the dump will come. */
  expect(sha256: string): void {
    this.#pendingDumps.add(sha256);
  }

  /**
   * Takes what is to be written in one transaction; waits where the store is slower than the analysis. Errors: those of the
   * store, also of earlier writes.
   */
  async add(entries: readonly Entry[]): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#entries.push(...entries);
    if (this.#entries.length >= mostEntries) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), longestWait);
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#start();
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #start(): void {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#writing = this.#writing.then(() => this.#write(entries));
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    if (this.#failure !== undefined) return;
    const results = entries.flatMap((each) => ('result' in each ? [each.result] : []));
    const sources = entries.flatMap((each) => ('source' in each ? [each.source] : []));
    try {
      // A result that was written already is not written twice.
      const created = await patiently(
        () =>
          this.#db.transaction().execute(async (write) => {
            const buckets = await recordIn(write, results);
            await putSources(write, sources);
            for (const each of entries) if ('also' in each) await each.also(write);
            return buckets;
          }),
        this.#options.patience,
      );
      if (created.length > 0) this.#options.onNewBuckets?.(created);
      for (const { dump } of results) this.#pendingDumps.delete(dump.sha256);
    } catch (error) {
      this.#failure = cannotWrite(error);
    }
  }
}

const mostEntries = 64;
/** Milliseconds until a few results are written. */
const longestWait = 250;

function cannotWrite(error: unknown): StoreError {
  const { message = String(error), code } = error as { message?: string; code?: string };
  const isFull = /disk is full|SQLITE_FULL|No space left|disk I\/O error/i.test(message) || code === '53100';
  const why = isFull ? `the disk is full or fails (${message})` : message;
  return new StoreError(
    `the store cannot be written: ${why}`,
    'What was recorded stays; when it is mended, the same command goes on.',
    error,
  );
}
