import type { Va } from '../base/index.ts';
import type { Frame } from '../unwind/index.ts';
import { type Processor, readLockQueue, threadReaders, threadsOf } from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { registersOfProcessor } from './thread-registers.ts';

/** What a processor ran when the machine stopped. Undefined: not known in this build, or not in the dump. */
export interface RunningReport {
  readonly processor: number | undefined;
  readonly prcb: Va;
  readonly current: PlacedThread | undefined;
  /** The thread that it would have run next. */
  readonly next: PlacedThread | undefined;
  readonly idle: Va | undefined;
  /** Does it run its idle thread? */
  readonly isIdle: boolean | undefined;
  /** A letter for each of 16 queued spin locks: O held, W waited for, a dot for none. */
  readonly locks: string | undefined;
  readonly stack?: readonly Frame[] | undefined;
}

/** A thread of a processor: running, next or idle. */
export interface PlacedThread {
  readonly thread: Va;
  readonly priority: number | undefined;
}

const maxFrames = 64;

/** What one processor ran; with its stack where that is wanted. */
export function reportRunning(
  system: CrashedSystem,
  processor: Processor,
  { stack = false }: { readonly stack?: boolean } = {},
): RunningReport {
  const { nextThread } = threadsOf(system, processor, []);
  const { currentThread, idleThread } = processor;
  const hasBoth = currentThread !== undefined && idleThread !== undefined;
  const registers = stack ? registersOfProcessor(system, processor)?.registers : undefined;
  const frames = registers === undefined ? undefined : system.stackFrom(registers, maxFrames, currentThread);
  return {
    processor: processor.number?.value,
    prcb: processor.prcb,
    current: placed(system, currentThread),
    next: nextThread === 0n ? undefined : placed(system, nextThread),
    idle: idleThread,
    isIdle: hasBoth ? currentThread === idleThread : undefined,
    locks: readLockQueue(system, processor),
    ...(stack ? { stack: frames } : {}),
  };
}

function placed(system: CrashedSystem, thread: Va | undefined): PlacedThread | undefined {
  if (thread === undefined) return undefined;
  const { scheduler } = threadReaders(system, thread, []);
  return { thread, priority: scheduler?.number('priority', 'Priority') };
}
