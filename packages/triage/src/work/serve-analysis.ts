import type { Analysis } from '@poolscope/engine';
import { DebuggerError } from '@poolscope/engine/base';
import { factsOf, packReport } from '../facts.ts';
import { startGuard } from './guard.ts';
import type { FileProgress, FoundDump, Outcome, Problem, Reply, Request } from './protocol.ts';

/** A dump that was found in a file, and is analyzed if it is asked for. */
export interface DumpInFile extends FoundDump {
  analyze(): Promise<Analysis>;
}

/** What a process that analyzes needs of its host: how it opens a file. */
export interface AnalysisHost {
  /** Names what makes results: another version or other options give other results. */
  readonly analyzer: string;
  /**
   * The dumps of a file, one after the other; what one holds is freed when the next is asked for. Errors: DebuggerError.
   * FILE_UNREADABLE, also of `analyze`, ends the file without a result: it is tried again in the next run. `name` is what the
   * file is called in reports; `onProgress` may be called as often as wanted.
   */
  open(path: string, name: string, onProgress: (progress: FileProgress) => void): AsyncIterable<DumpInFile>;
}

export interface ServeOptions {
  /** Most memory in bytes, after which the process ends itself. */
  readonly memoryLimit: number;
}

/** The loop of a worker process: files by messages, one at a time. Ends with its parent. */
export function serveAnalysis(host: AnalysisHost, { memoryLimit }: ServeOptions): void {
  const answers = new Answers();
  startGuard(memoryLimit);
  // Ctrl-C reaches all processes of a terminal; the parent lets this one finish.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: Request) => {
    if (request.kind === 'answer') answers.give(request.analyze);
    else void work(host, request, answers);
  });
  send({ kind: 'ready', analyzer: host.analyzer });
}

async function work(
  host: AnalysisHost,
  request: Request & { kind: 'open' },
  answers: Answers,
): Promise<void> {
  const { job, path, name } = request;
  try {
    for await (const dump of host.open(path, name, progressOf(job))) {
      const { sha256, bytes, entry } = dump;
      const found = { sha256, bytes, ...(entry === undefined ? {} : { entry }) };
      send({ kind: 'found', job, dump: found });
      if (await answers.next()) send({ kind: 'done', job, dump: found, outcome: await outcomeOf(dump) });
    }
    send({ kind: 'end', job });
  } catch (error) {
    send({ kind: 'end', job, problem: problemOf(error) });
  }
}

/** Milliseconds between two notices. */
const pause = 500;

/** Tells of progress now and then. */
function progressOf(job: number): (progress: FileProgress) => void {
  let last = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - last < pause) return;
    last = now;
    send({ kind: 'progress', job, progress });
  };
}

/** Errors: FILE_UNREADABLE, which says nothing of the dump. */
async function outcomeOf(dump: DumpInFile): Promise<Outcome> {
  const started = performance.now();
  const milliseconds = () => Math.round(performance.now() - started);
  try {
    const analysis = await dump.analyze();
    const facts = factsOf(analysis.report);
    const body = packReport(analysis);
    return { state: 'analyzed', facts, body, milliseconds: milliseconds() };
  } catch (error) {
    if (error instanceof DebuggerError && error.code === 'FILE_UNREADABLE') throw error;
    const state = error instanceof DebuggerError ? 'refused' : 'failed';
    return { state, problem: problemOf(error), milliseconds: milliseconds() };
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof DebuggerError) return { code: error.code, message: error.message };
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) };
}

const send = (reply: Reply): void => {
  if (process.connected) process.send?.(reply);
};

/** What the parent decides of each dump, in their order. */
class Answers {
  #waiting: ((analyze: boolean) => void) | undefined;
  readonly #early: boolean[] = [];

  give(analyze: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#early.push(analyze);
    else waiting(analyze);
  }

  next(): Promise<boolean> {
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
