import { SourceError, type SourceItem } from '../sources/source-item.ts';
import type { Database } from '../store/schema.ts';
import { findDone } from '../store/sources.ts';
import { FileTriage, type FileTriageOptions } from './file-triage.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { RunCounts } from './run-counts.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface RunOptions extends RecorderOptions, FileTriageOptions {
  /** Told of every change of the counts. */
  readonly onProgress?: (counts: RunCounts) => void;
  readonly onProblem?: (name: string, code: string, message: string) => void;
}

/** Files into results: as many at a time as the pool has processes. May be stopped, and begun again, at any time. */
export class TriageRun {
  readonly counts = new RunCounts();
  readonly #db: Database;
  readonly #pool: WorkerPool;
  readonly #options: RunOptions;
  #isStopped = false;

  constructor(db: Database, pool: WorkerPool, options: RunOptions = {}) {
    this.#db = db;
    this.#pool = pool;
    this.#options = options;
  }

  /** Finishes what is running, and begins nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Errors: those of the store. */
  async run(items: AsyncIterable<SourceItem>): Promise<RunCounts> {
    const analyzer = await this.#pool.analyzer();
    const recorder = new Recorder(this.#db, this.#options);
    const triage = new FileTriage(
      { db: this.#db, pool: this.#pool, recorder, analyzer },
      this.counts,
      this.#options,
    );
    const queue = new ItemQueue(items, this.counts, () => this.#isStopped);
    const worker = async () => {
      for (let batch = await queue.take(); batch.length > 0; batch = await queue.take()) {
        await this.#runBatch(triage, batch, analyzer);
      }
    };
    try {
      await Promise.all(Array.from({ length: this.#pool.size }, worker));
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      queue.close();
      if (this.#isStopped) await recorder.flush().catch(() => undefined);
    }
    await recorder.flush();
    return this.counts;
  }

  async #runBatch(triage: FileTriage, items: readonly SourceItem[], analyzer: string): Promise<void> {
    const names = this.#options.again === true ? [] : items.map(({ name }) => name);
    const done = await findDone(this.#db, names, analyzer);
    for (const item of items) {
      if (this.#isStopped) return;
      if (item.fingerprint !== '' && done.get(item.name) === item.fingerprint) this.counts.resumed++;
      else await this.#runOne(triage, item);
      this.counts.filesDone++;
      this.#options.onProgress?.(this.counts);
    }
  }

  async #runOne(triage: FileTriage, item: SourceItem): Promise<void> {
    try {
      const problem = await item.withFile((path) => triage.run(item, path));
      if (problem !== undefined) this.#report(item, problem.code, problem.message);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.counts.problems++;
      this.#report(item, error.code, error.message);
    }
  }

  #report(item: SourceItem, code: string, message: string): void {
    this.#options.onProblem?.(item.name, code, message);
  }
}

/** Hands out items in small batches, and finds out meanwhile how many there are. */
class ItemQueue {
  readonly #waiting: SourceItem[] = [];
  readonly #isStopped: () => boolean;
  readonly #wake = new Set<() => void>();
  #isComplete = false;
  #failure: unknown;

  constructor(items: AsyncIterable<SourceItem>, counts: RunCounts, isStopped: () => boolean) {
    this.#isStopped = isStopped;
    this.#fill(items, counts).catch((error) => {
      this.#failure = error;
      this.close();
    });
  }

  close(): void {
    this.#isComplete = true;
    for (const wake of this.#wake) wake();
    this.#wake.clear();
  }

  /** A few items, as many as are there; none at the end. */
  async take(): Promise<SourceItem[]> {
    while (this.#waiting.length === 0 && !this.#isComplete) {
      await new Promise<void>((resolve) => {
        this.#wake.add(resolve);
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#isStopped() ? [] : this.#waiting.splice(0, batchSize);
  }

  async #fill(items: AsyncIterable<SourceItem>, counts: RunCounts): Promise<void> {
    for await (const item of items) {
      if (this.#isComplete || this.#isStopped()) break;
      this.#waiting.push(item);
      counts.filesFound++;
      for (const wake of this.#wake) wake();
      this.#wake.clear();
    }
    counts.isAllFound = true;
    this.close();
  }
}

const batchSize = 8;
