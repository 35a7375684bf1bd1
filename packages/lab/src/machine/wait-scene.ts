import type { Va } from '@poolscope/engine/base';
import type { CrashDialect } from './crash-scene.ts';
import type { CrashSite } from './platform.ts';
import type { TrueFrame } from './truth.ts';

/**
 * In the middle of what a thread waits.
 * - `worker`: a thread of the kernel that waits for work
 * - `single`, `multiple`: a system call that waits for one object, or for several
 * - `delay`: a system call that waits for time to pass
 */
export type WaitKind = 'worker' | 'single' | 'multiple' | 'delay';

export type WaitSite = Pick<CrashSite, 'world' | 'loaded' | 'stack' | 'user'>;

/** A thread as the switch to another one left it. */
export interface SwitchedThread {
  /** For KTHREAD.KernelStack. */
  readonly kernelStack: Va;
  /** From the caller of nt!SwapContext on. */
  readonly frames: readonly TrueFrame[];
  /** For KTHREAD.TrapFrame, of a thread that came from user mode. */
  readonly trapFrame: Va | undefined;
}

const services: Readonly<Record<WaitKind, readonly string[]>> = {
  worker: ['nt!ExpWorkerThread', 'nt!KeWaitForSingleObject'],
  single: ['nt!NtWaitForSingleObject', 'nt!KeWaitForSingleObject'],
  multiple: ['nt!NtWaitForMultipleObjects', 'nt!KeWaitForMultipleObjects'],
  delay: ['nt!NtDelayExecution', 'nt!KeDelayExecutionThread'],
};

const wayOut = ['nt!KiCommitThreadWait', 'nt!KiSwapThread', 'nt!KiSwapContext', 'nt!SwapContext'];

/** Plays a thread from its beginning, or from user mode, into a wait. */
export function playWait<Step>(
  dialect: CrashDialect<Step>,
  kind: WaitKind,
  { world, loaded, stack, user }: WaitSite,
): SwitchedThread {
  const thread = dialect.newThread({ world, stack });
  let trapFrame: Va | undefined;
  if (kind === 'worker') {
    const [first, second] = dialect.systemThread;
    thread.start(loaded.function<Step>(first)).call(loaded.function<Step>(second));
  } else {
    const { handler, registers } = dialect.systemCall;
    thread.set(registers(user)).enterFromUser(loaded.function<Step>(handler), user);
    trapFrame = thread.trapFrame;
  }
  for (const symbol of [...services[kind], ...wayOut]) thread.call(loaded.function<Step>(symbol));
  // The newest frame is that of nt!SwapContext, which no reader sees: what it left is all there is of it.
  return { kernelStack: thread.stackPointer, frames: thread.frames().slice(1), trapFrame };
}
