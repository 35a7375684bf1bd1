import type { Va } from '../base/index.ts';
import type { Kernel } from './kernel.ts';
import { readThread } from './thread.ts';

/** Processes that the dump names without any list: those of the crash and of the threads that ran, but for idle ones. */
export function runningProcesses({ target, data, process, processors }: Kernel): Va[] {
  const busy = processors.filter(({ currentThread, idleThread }) => currentThread !== idleThread);
  const threads = busy.flatMap(({ currentThread }) => currentThread ?? []);
  const owners =
    data === undefined ? [] : threads.map((thread) => readThread(target, data.value, thread).process);
  const all = [process?.address, ...owners].filter((va) => va !== undefined);
  return [...new Set(all)];
}

/** Threads of a process that a processor ran when the machine stopped. */
export function runningThreads({ processors, data, target }: Kernel, process: Va): Va[] {
  const running = processors.flatMap(({ currentThread }) => currentThread ?? []);
  if (data === undefined) return [];
  return running.filter((thread) => readThread(target, data.value, thread).process === process);
}
