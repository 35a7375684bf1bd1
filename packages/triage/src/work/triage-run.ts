import { SourceError, type SourceItem } from '../sources/source-item.ts';
import type { Database } from '../store/schema.ts';
import { findDone } from '../store/sources.ts';
import { FileTriage, type FileTriageOptions, sourceRows } from './file-triage.ts';
import { ItemQueue } from './item-queue.ts';
import { patiently } from './patience.ts';
import type { Problem } from './protocol.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { RunCounts } from './run-counts.ts';
import type { WorkerPool } from './worker-pool.ts';

/** How a run over many dumps goes, and what it tells on the way. */
export interface RunOptions extends RecorderOptions, FileTriageOptions {
  /** How many files are taken before there is a process for them: all, so that their number is known, unless given. */
  readonly ahead?: number;
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
  #queue: ItemQueue | undefined;

  constructor(db: Database, pool: WorkerPool, options: RunOptions = {}) {
    this.#db = db;
    this.#pool = pool;
    this.#options = options;
  }

  /** Finishes what is running, and begins nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#queue?.close();
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
    const ahead = this.#options.ahead ?? Number.POSITIVE_INFINITY;
    const queue = new ItemQueue(items, this.counts, { ahead, isStopped: () => this.#isStopped });
    this.#queue = queue;
    const batch: BatchParts = { triage, recorder, analyzer };
    const worker = async () => {
      for (let found = await queue.take(); found.length > 0; found = await queue.take()) {
        await this.#runBatch(batch, found);
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

  async #runBatch(parts: BatchParts, items: readonly SourceItem[]): Promise<void> {
    const again = this.#options.again === true;
    const names = items.filter((item) => !again && item.again !== true).map(({ name }) => name);
    const done = await patiently(() => findDone(this.#db, names, parts.analyzer));
    for (const item of items) {
      if (this.#isStopped) return;
      const before = done.get(item.name);
      if (item.fingerprint !== '' && before?.fingerprint === item.fingerprint) {
        this.counts.resumed++;
        this.counts.withoutBefore += before.withoutReport;
        if (item.completion !== undefined) await parts.recorder.add([{ also: item.completion }]);
      } else await this.#runOne(parts, item);
      this.counts.filesDone++;
      this.#options.onProgress?.(this.counts);
    }
  }

  async #runOne({ triage, recorder, analyzer }: BatchParts, item: SourceItem): Promise<void> {
    try {
      const problem = await item.withFile((path) => triage.run(item, path));
      if (problem !== undefined) this.#report(item, problem);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const { code, message } = error;
      this.counts.problems++;
      this.#report(item, { code, message });
      const also = item.completion === undefined ? [] : [{ also: item.completion }];
      await recorder.add([...sourceRows(item, analyzer, [], { code, message }), ...also]);
    }
  }

  #report({ name, shownName }: SourceItem, { code, message }: Problem): void {
    this.#options.onProblem?.(shownName ?? name, code, message);
  }
}

interface BatchParts {
  readonly triage: FileTriage;
  readonly recorder: Recorder;
  readonly analyzer: string;
}
