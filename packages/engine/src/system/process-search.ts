import type { Va } from '../base/index.ts';
import { describeListEnd } from '../types/index.ts';
import {
  canListThreads,
  type ProcessBlock,
  processLinkOffset,
  readProcessBlock,
  readThreadId,
  runningProcesses,
  walkProcesses,
  walkThreads,
} from '../windows/index.ts';
import type { CrashedSystem } from './crashed-system.ts';
import { memoryOfProcess } from './process-memory.ts';

/** Which processes are meant; all of them where nothing is given. */
export interface ProcessFilter {
  readonly id?: bigint;
  /** As the EPROCESS has it, in any case: 15 characters are compared. */
  readonly imageName?: string;
  readonly sessionId?: number;
}

const nameLength = 15;

/**
 * The processes of the list, and where it is cut those of the threads that ran; at the end what is wrong with the list, as
 * half a sentence. A step without a process says that the search goes on.
 */
export function* searchProcesses(
  system: CrashedSystem,
  filter: ProcessFilter = {},
): Generator<Va | undefined, string | undefined> {
  const seen = new Set<Va>();
  const trouble = yield* searchList(system, filter, seen);
  if (trouble !== undefined)
    for (const address of runningProcesses(system))
      if (!seen.has(address) && isMeant(system, address, filter)) yield address;
  return trouble;
}

function* searchList(
  system: CrashedSystem,
  filter: ProcessFilter,
  seen: Set<Va>,
): Generator<Va | undefined, string | undefined> {
  if (processLinkOffset(system) === undefined)
    return system.structures.unknown('_EPROCESS', 'ActiveProcessLinks').message;
  const walk = walkProcesses(system);
  let next = walk.next();
  for (; next.done !== true; next = walk.next()) {
    seen.add(next.value);
    yield isMeant(system, next.value, filter) ? next.value : undefined;
  }
  return next.value === undefined ? 'the dump does not say where it begins' : describeListEnd(next.value);
}

/** Addresses of the processes that are meant, in the order of the list. */
export function findProcesses(system: CrashedSystem, filter: ProcessFilter = {}): Va[] {
  return [...searchProcesses(system, filter)].filter((address) => address !== undefined);
}

/** The thread with an ID. A step without a value says that the search goes on. */
export function* searchThread(system: CrashedSystem, id: bigint): Generator<undefined, Va | undefined> {
  for (const process of searchProcesses(system)) {
    yield undefined;
    if (process === undefined || !canListThreads(system)) continue;
    for (const thread of walkThreads(system, process))
      if (readThreadId(system, thread).id === id) return thread;
  }
  return undefined;
}

/** Address of the thread with an ID; undefined when no list of the dump has it. */
export function findThread(system: CrashedSystem, id: bigint): Va | undefined {
  const search = searchThread(system, id);
  for (let next = search.next(); ; next = search.next()) if (next.done === true) return next.value;
}

function isMeant(system: CrashedSystem, address: Va, filter: ProcessFilter): boolean {
  const { id, imageName, sessionId } = filter;
  if (id === undefined && imageName === undefined && sessionId === undefined) return true;
  const own = sessionId === undefined ? undefined : memoryOfProcess(system, address);
  const block = readProcessBlock(system, address, own);
  return (
    (id === undefined || block.id === id) &&
    (imageName === undefined || hasName(block, imageName)) &&
    (sessionId === undefined || block.sessionId === sessionId)
  );
}

const hasName = ({ imageName }: ProcessBlock, wanted: string): boolean =>
  imageName?.toLowerCase() === wanted.slice(0, nameLength).toLowerCase();
