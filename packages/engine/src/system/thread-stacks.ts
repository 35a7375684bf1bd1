import type { Va } from '../base/index.ts';
import { describeListEnd, type ListEnd } from '../types/index.ts';
import type { Frame } from '../unwind/index.ts';
import {
  canListThreads,
  processLinkOffset,
  readKernelClock,
  readProcess,
  readThread,
  readThreadId,
  threadReaders,
  walkProcesses,
  walkThreads,
} from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { registersOfThread } from './thread-registers.ts';

/** A thread with its stack, as far as the dump holds them. */
export interface ListedThread {
  readonly process: Va | undefined;
  readonly processName: string | undefined;
  readonly thread: Va;
  readonly processId: bigint | undefined;
  readonly threadId: bigint | undefined;
  /** KTHREAD.State. */
  readonly state: number | undefined;
  /** Clock ticks since it began to wait or run. */
  readonly ticks: number | undefined;
  /** Was its kernel stack paged out? Undefined when the dump does not tell. */
  readonly isPagedOut: boolean | undefined;
  /** Empty where its registers are not known or its stack is not in the dump. */
  readonly frames: readonly Frame[];
}

/** Frames of each stack at most. */
const maxFrames = 64;
/** Threads of all processes at most; real machines have some thousands. */
const maxThreads = 0x1_0000;

/**
 * Every thread of every listed process, and in the end those that the processors ran and no list has. Returns what is
 * wrong with the lists, one clause each.
 */
export function* walkThreadStacks(system: CrashedSystem): Generator<ListedThread, readonly string[]> {
  const seen = new Set<Va>();
  const problems = yield* listedThreads(system, seen);
  const { processors } = system;
  for (const thread of processors.flatMap(({ currentThread, idleThread }) => [idleThread, currentThread])) {
    if (thread === undefined || seen.has(thread)) continue;
    seen.add(thread);
    const stack = readListedThread(system, thread, undefined);
    // Of idle threads that did not run a small dump has nothing but the address.
    if (stack.state !== undefined || stack.frames.length > 0) yield stack;
  }
  return problems;
}

function* listedThreads(system: CrashedSystem, seen: Set<Va>): Generator<ListedThread, string[]> {
  if (processLinkOffset(system) === undefined || !canListThreads(system))
    return ['the lists of processes and threads: where their links are is not known'];
  const problems: string[] = [];
  const processes = walkProcesses(system);
  let next = processes.next();
  for (; next.done !== true; next = processes.next()) {
    const process = next.value;
    const threads = walkThreads(system, process);
    let step = threads.next();
    for (; step.done !== true && seen.size < maxThreads && !seen.has(step.value); step = threads.next()) {
      seen.add(step.value);
      yield readListedThread(system, step.value, process);
    }
    const list = `the list of threads of ${system.shortText(process)}`;
    if (step.done === true) problems.push(...problemsOf(list, step.value));
    else if (seen.has(step.value)) problems.push(`${list}: it leads to threads that were listed before`);
    else return [...problems, `there are more than ${maxThreads} threads`];
  }
  return [...problems, ...problemsOf('the list of processes', next.value)];
}

function problemsOf(what: string, end: ListEnd | undefined): string[] {
  const problem = end === undefined ? 'it cannot be found' : describeListEnd(end);
  return problem === undefined ? [] : [`${what}: ${problem}`];
}

function readListedThread(system: CrashedSystem, thread: Va, owner: Va | undefined): ListedThread {
  const { target, data, types } = system;
  const process = owner ?? (data === undefined ? undefined : readThread(target, data.value, thread).process);
  const name = process === undefined ? undefined : readProcess(target, data?.value, process, types).name;
  const saved = registersOfThread(system, thread);
  const frames = saved === undefined ? [] : system.stackFrom(saved.registers, maxFrames, thread);
  const { scheduler } = threadReaders(system, thread, []);
  const { processId, id } = readThreadId(system, thread);
  const since = scheduler?.number('waitTime', 'WaitTime');
  const resident = scheduler?.flag('resident', 'KernelStackResident');
  return {
    process,
    processName: name?.value,
    thread,
    processId,
    threadId: id,
    state: scheduler?.number('state', 'State'),
    ticks: ticksSince(system, since),
    isPagedOut: frames.length > 0 ? false : resident === undefined ? undefined : !resident,
    frames,
  };
}

/** KTHREAD.WaitTime has the low 32 bits of the clock's count. */
function ticksSince(system: CrashedSystem, since: number | undefined): number | undefined {
  const { ticks } = readKernelClock(system);
  return since === undefined || ticks === undefined
    ? undefined
    : Number(BigInt.asUintN(32, ticks - BigInt(since)));
}
