import type { Va } from '../base/index.ts';
import type { ListEnd } from '../types/index.ts';
import {
  canListThreads,
  type ProcessBlock,
  type ProcessStatistics,
  readProcessBlock,
  readProcessStatistics,
  runningThreads,
  walkThreads,
} from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { memoryOfProcess } from './process-memory.ts';
import { reportThread, type ThreadDepth, type ThreadReport } from './thread-report.ts';

/** How much of a process is wanted. */
export interface ProcessDepth {
  /** Times, sizes and priorities. */
  readonly statistics?: boolean;
  /** Its threads, and how much of each. */
  readonly threads?: ThreadDepth;
}

/** A process, as `!process` shows it. */
export interface ProcessReport {
  readonly process: ProcessBlock;
  readonly statistics?: ProcessStatistics;
  readonly threads?: readonly ThreadReport[];
  /** How the list of threads ended; undefined where its place is not known, and only threads that ran are told. */
  readonly threadsEnd?: ListEnd | undefined;
}

/** The same step by step: a process may have many threads. */
export function* walkProcessReport(
  system: CrashedSystem,
  address: Va,
  { statistics = false, threads }: ProcessDepth = {},
): Generator<ThreadReport, ProcessReport> {
  const process = readProcessBlock(system, address, memoryOfProcess(system, address));
  const more = statistics ? { statistics: readProcessStatistics(system, address) } : {};
  if (threads === undefined) return { process, ...more };
  const reports: ThreadReport[] = [];
  const walk = threadsOfProcess(system, address);
  for (let next = walk.next(); ; next = walk.next()) {
    if (next.done === true) return { process, ...more, threads: reports, threadsEnd: next.value };
    const report = reportThread(system, next.value, threads);
    reports.push(report);
    yield report;
  }
}

/** The threads of the list, and where it is cut those that a processor ran. */
function* threadsOfProcess(system: CrashedSystem, address: Va): Generator<Va, ListEnd | undefined> {
  if (!canListThreads(system)) {
    yield* runningThreads(system, address);
    return undefined;
  }
  const seen = new Set<Va>();
  const walk = walkThreads(system, address);
  let next = walk.next();
  for (; next.done !== true; next = walk.next()) {
    seen.add(next.value);
    yield next.value;
  }
  if (next.value.kind !== 'complete')
    for (const thread of runningThreads(system, address)) if (!seen.has(thread)) yield thread;
  return next.value;
}

/** What the dump tells of the process at `address`. */
export function reportProcess(system: CrashedSystem, address: Va, depth: ProcessDepth = {}): ProcessReport {
  const walk = walkProcessReport(system, address, depth);
  for (let next = walk.next(); ; next = walk.next()) if (next.done === true) return next.value;
}
