import type { KernelStack, ThreadObject } from '../machine/processes.ts';

/** A thread that code runs in. */
export interface RunningThread {
  readonly kind: 'service' | 'thread';
  readonly thread: ThreadObject;
  readonly stack: KernelStack;
}
