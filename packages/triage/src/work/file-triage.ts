import { digest } from '../facts.ts';
import type { SourceItem } from '../sources/source-item.ts';
import type { NewResult } from '../store/record.ts';
import type { Database, SourceRow } from '../store/schema.ts';
import { hasResult } from '../store/sources.ts';
import { patiently } from './patience.ts';
import type { FileProgress, FoundDump, Outcome, Problem } from './protocol.ts';
import type { Entry, Recorder } from './recorder.ts';
import type { RunCounts } from './run-counts.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { FileEnd } from './worker-process.ts';

export interface FileTriageOptions {
  /** Analyze also what has a result. */
  readonly again?: boolean;
  /** Told of large files while they are unpacked and hashed, by the name that is shown of them. */
  readonly onFileProgress?: (name: string, progress: FileProgress) => void;
  /** Keeps a dump, and says where; called with the file it is in. */
  readonly keep?: (path: string, dump: FoundDump) => Promise<string | undefined>;
}

export interface FileTriageParts {
  readonly db: Database;
  readonly pool: WorkerPool;
  readonly recorder: Recorder;
  readonly analyzer: string;
}

/** How often a dump is tried that ends its process. */
const mostAttempts = 2;

/** One file at a time from bytes to recorded results; files of the same content wait for each other. */
export class FileTriage {
  readonly #parts: FileTriageParts;
  readonly #counts: RunCounts;
  readonly #options: FileTriageOptions;
  /** Dumps that are being analyzed, until their results are on their way to the store. */
  readonly #running = new Map<string, Promise<void>>();
  /** Dumps of this run, where those with results are analyzed again. */
  readonly #again = new Set<string>();

  constructor(parts: FileTriageParts, counts: RunCounts, options: FileTriageOptions) {
    this.#parts = parts;
    this.#counts = counts;
    this.#options = options;
  }

  /** Returns why nothing came of the file. Errors: those of the store. */
  async run(item: SourceItem, path: string): Promise<Problem | undefined> {
    const file = new FileState();
    for (;;) {
      const end = await this.#try(item, path, file);
      if (end.kind === 'end') {
        await this.#finish(item, file, end.problem);
        if (end.problem !== undefined) this.#counts.problems++;
        return end.problem;
      }
      const attempts = file.lost(end.at?.sha256);
      if (attempts < mostAttempts) continue;
      if (end.at === undefined) {
        await this.#finish(item, file, end.problem);
        this.#counts.problems++;
        return end.problem;
      }
      const outcome: Outcome = { state: 'failed', problem: end.problem, milliseconds: 0 };
      await this.#record(item, path, file, { dump: end.at, outcome, attempts });
    }
  }

  async #try(item: SourceItem, path: string, file: FileState): Promise<FileEnd> {
    const released: (() => void)[] = [];
    try {
      return await this.#parts.pool.run({
        path,
        name: item.title ?? item.name,
        found: async (dump) => {
          file.found(dump);
          const release = await this.#claim(dump.sha256, this.#isAgain(item));
          if (release !== undefined) released.push(release);
          else file.known(dump.sha256, () => this.#counts.known++);
          return release !== undefined;
        },
        progress: (progress) => this.#options.onFileProgress?.(item.shownName ?? item.name, progress),
        done: async (dump, outcome) => {
          await this.#record(item, path, file, { dump, outcome, attempts: file.attempts(dump.sha256) + 1 });
          file.mine(dump.sha256);
          released.pop()?.();
        },
      });
    } finally {
      for (const release of released) release();
    }
  }

  /** Takes a dump for analysis, unless it has a result; waits for another file with the same one. */
  async #claim(sha256: string, again: boolean): Promise<(() => void) | undefined> {
    for (let other = this.#running.get(sha256); other !== undefined; other = this.#running.get(sha256)) {
      await other;
    }
    let release = () => undefined as void;
    const claim = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#running.set(sha256, claim);
    const free = () => {
      this.#running.delete(sha256);
      release();
    };
    if (!(await this.#isDone(sha256, again))) return free;
    free();
    return undefined;
  }

  #isAgain(item: SourceItem): boolean {
    return this.#options.again === true || item.again === true;
  }

  async #isDone(sha256: string, again: boolean): Promise<boolean> {
    if (again) return this.#again.has(sha256);
    const { recorder, db, analyzer } = this.#parts;
    return recorder.isPending(sha256) || patiently(() => hasResult(db, sha256, analyzer));
  }

  /** Holds the last result of a file back until its end, so that both are written together. */
  async #record(
    item: SourceItem,
    path: string,
    file: FileState,
    { dump, outcome, attempts }: { dump: FoundDump; outcome: Outcome; attempts: number },
  ): Promise<void> {
    const { recorder, analyzer } = this.#parts;
    const kept = outcome.state === 'analyzed' ? await this.#options.keep?.(path, dump) : undefined;
    const result: NewResult = {
      dump,
      analyzer,
      outcome: item.isRedacted === true ? withoutMessage(outcome) : outcome,
      attempts,
      ...(item.machine === undefined ? {} : { machine: item.machine }),
      ...(kept === undefined ? {} : { kept }),
      ...(this.#isAgain(item) ? { again: true } : {}),
    };
    this.#counts[outcome.state]++;
    if (this.#isAgain(item)) this.#again.add(dump.sha256);
    recorder.expect(dump.sha256);
    await recorder.add(file.hold({ result }));
  }

  async #finish(item: SourceItem, file: FileState, problem: Problem | undefined): Promise<void> {
    const entries: Entry[] = [
      ...file.release(),
      ...sourceRows(item, this.#parts.analyzer, [...file.dumps.values()], problem),
    ];
    if (item.completion !== undefined) entries.push({ also: item.completion });
    await this.#parts.recorder.add(entries);
  }
}

/** Messages may hold paths. */
const withoutMessage = (outcome: Outcome): Outcome =>
  outcome.state === 'analyzed' ? outcome : { ...outcome, problem: { ...outcome.problem, message: '' } };

/** What the store notes of a file: itself, and each dump of an archive of several. */
export function sourceRows(
  item: SourceItem,
  analyzer: string,
  dumps: readonly FoundDump[],
  problem: Problem | undefined,
): { readonly source: SourceRow }[] {
  const base = { fingerprint: item.fingerprint, analyzer, seen_at: new Date().toISOString() };
  const inside = dumps.filter(({ entry }) => entry !== undefined);
  const shown = (entry: string) => (item.isRedacted === true ? digest(entry).slice(0, 16) : entry);
  const rows = inside.map(({ entry, sha256 }) => ({
    source: { ...base, name: `${item.name}#${shown(entry ?? '')}`, parent: item.name, sha256, problem: null },
  }));
  const sha256 = inside.length === 0 ? (dumps[0]?.sha256 ?? null) : null;
  const said = item.isRedacted === true ? '' : `: ${problem?.message}`;
  const text = problem === undefined ? null : `${problem.code}${said}`;
  return [...rows, { source: { ...base, name: item.name, parent: null, sha256, problem: text } }];
}

/** What is known of a file over its attempts. */
class FileState {
  readonly dumps = new Map<string, FoundDump>();
  readonly #attempts = new Map<string, number>();
  readonly #known = new Set<string>();
  #held: Entry[] = [];

  /** Keeps an entry, and gives the one before. */
  hold(entry: Entry): Entry[] {
    const before = this.#held;
    this.#held = [entry];
    return before;
  }

  release(): Entry[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  found(dump: FoundDump): void {
    this.dumps.set(`${dump.entry ?? ''} ${dump.sha256}`, dump);
  }

  /** Counts a dump with a result once, and none that this file gave. */
  known(sha256: string, count: () => void): void {
    if (this.#known.has(sha256) || this.#attempts.has(sha256)) return;
    this.#known.add(sha256);
    count();
  }

  /** This file gave the result. */
  mine(sha256: string): void {
    this.#known.add(sha256);
  }

  attempts(sha256: string): number {
    return this.#attempts.get(sha256) ?? 0;
  }

  /** Counts a process that ended over a dump, or before one was found. */
  lost(sha256: string | undefined): number {
    const key = sha256 ?? '';
    const attempts = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempts);
    return attempts;
  }
}
