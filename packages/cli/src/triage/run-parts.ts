import {
  keepDump,
  type OpenedDatabase,
  openDatabase,
  StoreError,
  TriageRun,
  type WorkerPool,
} from '@poolscope/triage';
import { exitCode } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { type AnalysisFlags, analysisPool } from './analysis-pool.ts';
import { RunReporter } from './run-reporter.ts';
import { asUsage } from './store-usage.ts';

export interface RunFlags extends AnalysisFlags {
  readonly db: string;
  readonly reanalyze?: boolean;
  readonly keepDumps?: string;
}

/** What a run is made of. */
export interface RunParts {
  readonly store: OpenedDatabase;
  readonly pool: WorkerPool;
  readonly run: TriageRun;
  readonly reporter: RunReporter;
}

/** Opens store and pool, does `work` and closes them; Ctrl-C lets running dumps finish. */
export async function withRun(
  flags: RunFlags,
  ahead: number,
  work: (parts: RunParts) => Promise<void>,
): Promise<void> {
  const { keepDumps } = flags;
  if (keepDumps !== undefined && flags.redact === true) {
    throw new UsageError('--keep-dumps keeps what --redact leaves out', 'Give one of them.');
  }
  const store = await openDatabase(flags.db).catch(asUsage);
  const pool = analysisPool(flags);
  const reporter = new RunReporter(process.stderr, flags.workers);
  const run = new TriageRun(store.db, pool, {
    ahead,
    ...(flags.reanalyze === true ? { again: true } : {}),
    ...(keepDumps === undefined ? {} : { keep: (path, dump) => keepDump(keepDumps, path, dump) }),
    onFileProgress: (name, progress) => reporter.fileProgress(name, progress),
    onProgress: (counts) => reporter.show(counts),
    onProblem: (name, code, message) => reporter.problem(name, code, message),
  });
  const stopListening = stopOnSignals(run, reporter);
  try {
    await work({ store, pool, run, reporter });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    reporter.say(`${error.message}. ${error.remedy}`);
    process.exitCode = exitCode.unreadable;
    return;
  } finally {
    stopListening();
    reporter.clear();
    await pool.close();
    await store.close();
  }
  if (run.isStopped) process.exitCode = exitCode.interrupted;
}

/** The first signal lets running dumps finish, the second ends at once. Returns how to stop listening. */
function stopOnSignals(run: TriageRun, reporter: RunReporter): () => void {
  const stop = () => {
    if (run.isStopped) process.exit(exitCode.interrupted);
    run.stop();
    reporter.say('finishing the dumps that are running; again to stop at once');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  };
}
