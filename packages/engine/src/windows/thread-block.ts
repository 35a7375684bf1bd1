import type { Va } from '../base/index.ts';
import { dispatcherTypes, readDispatcherType, type WaitObject } from './dispatcher-object.ts';
import { findThreadIds } from './found-links.ts';
import type { Kernel } from './kernel.ts';
import { MemberReader } from './member-reader.ts';
import { processLinkOffset } from './process-list.ts';
import { canListThreads, walkThreads } from './thread-list.ts';
import { threadStateName, waitReasonName } from './thread-names.ts';
import { readWaitObjects } from './wait-list.ts';

/** A number of the kernel's and its name, where it has one. */
export interface Named {
  readonly value: number;
  readonly name: string | undefined;
}

/** What a thread waits for. */
export interface Wait {
  readonly reason: Named | undefined;
  readonly mode: 'KernelMode' | 'UserMode' | undefined;
  readonly alertable: boolean | undefined;
  /** Undefined when they cannot be told. */
  readonly objects: readonly WaitObject[] | undefined;
}

/** A thread as it is listed. Undefined: where the build keeps it is not known, or (in `missing`) it is not in the dump. */
export interface ThreadBlock {
  readonly address: Va;
  readonly processId: bigint | undefined;
  readonly id: bigint | undefined;
  readonly teb: Va | undefined;
  readonly win32Thread: Va | undefined;
  readonly state: Named | undefined;
  /** Of a thread that runs or will run next. */
  readonly processor: number | undefined;
  /** Of a thread that waits. */
  readonly wait: Wait | undefined;
  readonly suspendCount: number | undefined;
  readonly missing: readonly string[];
}

const running = 2;
const waiting = 5;
const gateWait = 8;

/** Does the object at `va` say that it is a thread? Undefined when its bytes are not in the dump. */
export function isThread(kernel: Pick<Kernel, 'target'>, va: Va): boolean | undefined {
  const type = readDispatcherType(kernel, va);
  return type === undefined ? undefined : type === dispatcherTypes.thread;
}

export function readThreadBlock(kernel: Kernel, address: Va): ThreadBlock {
  const missing: string[] = [];
  const { scheduler } = threadReaders(kernel, address, missing);
  const state = scheduler?.number('state', 'State');
  const isWaiting = state === waiting || state === gateWait;
  return {
    address,
    ...readThreadId(kernel, address, missing),
    teb: scheduler?.pointer('teb', 'Teb'),
    win32Thread: scheduler?.pointer('win32Thread', 'Win32Thread'),
    state: state === undefined ? undefined : { value: state, name: threadStateName(state) },
    processor: processorOf(kernel, address, state, scheduler),
    wait: isWaiting && scheduler !== undefined ? readWait(kernel, address, scheduler) : undefined,
    suspendCount: scheduler?.number('suspendCount', 'SuspendCount'),
    missing,
  };
}

/** Readers of a thread's two structures, which begin at the same address. */
export function threadReaders(
  { structures }: Kernel,
  address: Va,
  missing: string[],
): { readonly scheduler: MemberReader | undefined; readonly executive: MemberReader | undefined } {
  const reader = (name: string): MemberReader | undefined =>
    structures.find(name) === undefined ? undefined : new MemberReader(structures.at(name, address), missing);
  return { scheduler: reader('_KTHREAD'), executive: reader('_ETHREAD') };
}

/** A CLIENT_ID is two pointers in every build. */
export function readThreadId(
  kernel: Kernel,
  address: Va,
  missing: string[] = [],
): { readonly processId: bigint | undefined; readonly id: bigint | undefined } {
  const { target } = kernel;
  learnThreadIds(kernel);
  const at = threadReaders(kernel, address, missing).executive?.address('Cid');
  if (at === undefined) return { processId: undefined, id: undefined };
  const processId = target.readPointer(at);
  if (processId === undefined) missing.push('processId', 'id');
  return { processId, id: target.readPointer(at + BigInt(target.pointerSize)) };
}

/** In a build whose layout is not known the threads of the crashed process show where their IDs are. */
function learnThreadIds(kernel: Kernel): void {
  const { structures, thread } = kernel;
  const process = thread?.process;
  if (thread === undefined || process === undefined || structures.offset('_ETHREAD', 'Cid') !== undefined)
    return;
  structures.learn('thread IDs', () => {
    processLinkOffset(kernel);
    const at = structures.find('_EPROCESS')?.offset('UniqueProcessId');
    const id = at === undefined ? undefined : kernel.target.readPointer(process + BigInt(at));
    if (id === undefined || id === 0n) return [];
    const threads = canListThreads(kernel) ? [...walkThreads(kernel, process)] : [thread.address];
    return findThreadIds(kernel, id, threads);
  });
}

/** The processor that runs the thread by its own block; else the thread's own word for it. */
function processorOf(
  { processors }: Kernel,
  address: Va,
  state: number | undefined,
  scheduler: MemberReader | undefined,
): number | undefined {
  if (state === waiting || state === gateWait) return undefined;
  const runs = processors.find(({ currentThread }) => currentThread === address)?.number?.value;
  if (runs !== undefined && state === running) return runs;
  const next = scheduler?.number('processor', 'NextProcessor');
  // The highest bit says that the thread is in a queue of several processors.
  return next === undefined ? undefined : next & 0x7fff_ffff;
}

function readWait(kernel: Kernel, address: Va, scheduler: MemberReader): Wait {
  const reason = scheduler.number('waitReason', 'WaitReason');
  const mode = scheduler.number('waitMode', 'WaitMode');
  return {
    reason: reason === undefined ? undefined : { value: reason, name: waitReasonName(reason) },
    mode: mode === 0 ? 'KernelMode' : mode === 1 ? 'UserMode' : undefined,
    alertable: scheduler.flag('alertable', 'Alertable'),
    objects: readWaitObjects(kernel, address),
  };
}
