import type { KernelStack, ThreadObject } from '../machine/processes.ts';

/** A thread that code runs in: a system call, a thread of the kernel, or a processor that has nothing else to do. */
export interface RunningThread {
  readonly kind: 'service' | 'thread' | 'idle';
  readonly thread: ThreadObject;
  readonly stack: KernelStack;
}
