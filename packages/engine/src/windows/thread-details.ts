import type { Va } from '../base/index.ts';
import { readIrpList } from './irp-list.ts';
import type { Kernel } from './kernel.ts';
import { type KernelClock, readKernelClock } from './kernel-clock.ts';
import { MemberReader } from './member-reader.ts';
import { readThread } from './thread.ts';
import { threadReaders } from './thread-block.ts';

/** Whose rights a thread has borrowed. */
export interface Impersonation {
  readonly token: Va;
  readonly level: 'Anonymous' | 'Identification' | 'Impersonation' | 'Delegation';
}

/** Times, stacks and priorities of a thread. Undefined: not known in this build, or (in `missing`) not in the dump. */
export interface ThreadDetails {
  readonly irps: ReturnType<typeof readIrpList>;
  readonly impersonation: Impersonation | 'none' | undefined;
  readonly deviceMap: Va | undefined;
  readonly process: Va | undefined;
  /** The process that it has gone into. */
  readonly attached: Va | 'none' | undefined;
  /** Clock tick at which it began to wait: 32 bits. */
  readonly waitTime: number | undefined;
  readonly contextSwitches: number | undefined;
  readonly idealProcessor: number | undefined;
  /** Clock ticks. */
  readonly userTicks: number | undefined;
  readonly kernelTicks: number | undefined;
  readonly clock: KernelClock;
  readonly startAddress: Va | undefined;
  readonly win32StartAddress: Va | undefined;
  readonly stack: StackPlace;
  readonly priority: ThreadPriority;
  readonly missing: readonly string[];
}

/** Where the kernel stack of a thread is. */
export interface StackPlace {
  readonly initial: Va | undefined;
  /** Stack pointer when the thread was last switched away from. */
  readonly current: Va | undefined;
  /** End, exclusive. */
  readonly base: Va | undefined;
  readonly limit: Va | undefined;
  /** Stack of a call into user mode; builds from Windows 8 on do not have it there. */
  readonly call: Va | undefined;
  /** False: it was paged out. */
  readonly resident: boolean | undefined;
}

/** The priorities of a thread; 0 to 31, undefined where the dump does not tell. */
export interface ThreadPriority {
  readonly current: number | undefined;
  readonly base: number | undefined;
  readonly decrement: number | undefined;
  readonly io: number | undefined;
  readonly page: number | undefined;
}

/** The structures that they are read from. */
export const threadDetailsStructures = ['_ETHREAD', '_KTHREAD', '_EPROCESS'] as const;

export function readThreadDetails(kernel: Kernel, address: Va): ThreadDetails {
  const missing: string[] = [];
  const { scheduler, executive } = threadReaders(kernel, address, missing);
  const inside = insideOf(kernel, address);
  const owner = scheduler?.pointer('process', 'Process') ?? executive?.pointer('process', 'ThreadsProcess');
  const process = owner ?? inside;
  return {
    irps: readIrpList(kernel, address),
    impersonation: executive === undefined ? undefined : readImpersonation(kernel, executive),
    deviceMap: process === undefined ? undefined : deviceMapOf(kernel, process, missing),
    process,
    attached: owner === undefined || inside === undefined ? undefined : owner === inside ? 'none' : inside,
    waitTime: scheduler?.number('waitTime', 'WaitTime'),
    contextSwitches: scheduler?.number('contextSwitches', 'ContextSwitches'),
    idealProcessor: scheduler?.number('idealProcessor', 'IdealProcessor'),
    userTicks: scheduler?.number('userTicks', 'UserTime'),
    kernelTicks: scheduler?.number('kernelTicks', 'KernelTime'),
    clock: readKernelClock(kernel),
    startAddress: executive?.pointer('startAddress', 'StartAddress'),
    win32StartAddress: executive?.pointer('win32StartAddress', 'Win32StartAddress'),
    stack: stackOf(kernel, address, scheduler),
    priority: {
      current: scheduler?.number('priority', 'Priority'),
      base: scheduler?.number('priority', 'BasePriority'),
      decrement: scheduler?.number('priority', 'PriorityDecrement'),
      io: executive?.number('priority', 'ThreadIoPriority'),
      page: executive?.number('priority', 'ThreadPagePriority'),
    },
    missing,
  };
}

/** The process whose address space it is in, by the dump's own offsets. */
const insideOf = ({ target, data }: Kernel, address: Va): Va | undefined =>
  data === undefined ? undefined : readThread(target, data.value, address).process;

function deviceMapOf({ structures }: Kernel, process: Va, missing: string[]): Va | undefined {
  if (structures.find('_EPROCESS') === undefined) return undefined;
  return new MemberReader(structures.at('_EPROCESS', process), missing).pointer('deviceMap', 'DeviceMap');
}

const levels = ['Anonymous', 'Identification', 'Impersonation', 'Delegation'] as const;

/**
 * A token with its level in the low bits. Source: PS_CLIENT_SECURITY_CONTEXT of the PDB types of Windows 7 to 11 (two
 * bits for the level, one for "effective only").
 */
function readImpersonation({ target }: Kernel, thread: MemberReader): ThreadDetails['impersonation'] {
  const active = thread.flag('impersonation', 'ActiveImpersonationInfo');
  if (active === false) return 'none';
  const at = active === true ? thread.address('ClientSecurity') : undefined;
  const value = at === undefined ? undefined : target.readPointer(at);
  return value === undefined ? undefined : { token: value & ~7n, level: levels[Number(value & 3n)]! };
}

function stackOf(kernel: Kernel, address: Va, scheduler: MemberReader | undefined): StackPlace {
  const { target, data } = kernel;
  const known = data === undefined ? undefined : readThread(target, data.value, address);
  return {
    initial: scheduler?.pointer('stack', 'InitialStack'),
    current: known?.kernelStack ?? scheduler?.pointer('stack', 'KernelStack'),
    base: known?.stackBase ?? scheduler?.pointer('stack', 'StackBase'),
    limit: known?.stackLimit ?? scheduler?.pointer('stack', 'StackLimit'),
    call: scheduler?.pointer('stack', 'CallbackStack'),
    resident: scheduler?.flag('stack', 'KernelStackResident'),
  };
}
