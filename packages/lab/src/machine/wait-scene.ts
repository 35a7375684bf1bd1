import type { Va } from '@poolscope/engine/base';
import type { CrashDialect } from './crash-scene.ts';
import type { WaitKind } from './object-figures.ts';
import type { SwitchedThread, WaitSite } from './platform.ts';

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
    const { handler, part, registers } = dialect.systemCall;
    thread.set(registers(user)).enterFromUser(loaded.function<Step>(handler), user);
    trapFrame = thread.trapFrame;
    if (part !== undefined) thread.moveTo(loaded.function<Step>(part));
  }
  for (const symbol of [...services[kind], ...wayOut]) thread.call(loaded.function<Step>(symbol));
  // The newest frame is that of nt!SwapContext, which no reader sees: what it left is all there is of it.
  return { kernelStack: thread.stackPointer, frames: thread.frames().slice(1), trapFrame };
}
