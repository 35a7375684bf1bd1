import { type WorkerCommand, WorkerPool } from '@poolscope/triage';

export interface AnalysisFlags {
  readonly workers: number;
  /** Seconds. */
  readonly timeLimit: number;
  /** Megabytes. */
  readonly memoryLimit: number;
  /** Megabytes. */
  readonly unpackLimit: number;
  readonly symbols: readonly string[];
  readonly pooltags?: string;
  readonly redact?: boolean;
}

/** Processes of this very program that analyze dumps. */
export function analysisPool(flags: AnalysisFlags): WorkerPool {
  const { workers, timeLimit, memoryLimit, unpackLimit, symbols, pooltags, redact } = flags;
  const options = {
    memoryLimit: memoryLimit * 2 ** 20,
    unpackLimit: unpackLimit * 2 ** 20,
    symbols,
    ...(pooltags === undefined ? {} : { pooltags }),
    ...(redact === true ? { redact } : {}),
  };
  const command: WorkerCommand = {
    script: process.argv[1]!,
    args: ['analysis-worker', JSON.stringify(options)],
    // Much of what an analysis makes lives briefly: more room for it halves the work of the collector.
    execArgv: [`--max-old-space-size=${memoryLimit}`, '--max-semi-space-size=32'],
  };
  return new WorkerPool({ command, size: workers, timeLimit: timeLimit * 1000 });
}
