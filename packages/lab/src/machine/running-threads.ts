import { checkOption } from '../check-option.ts';
import type { BootedKernel } from './kernel-boot.ts';
import { processorSlots } from './kernel-variables.ts';
import type { CrashKind } from './platform.ts';
import {
  createProcess,
  createStack,
  createThread,
  type KernelStack,
  type ProcessObject,
  type ThreadObject,
} from './processes.ts';
import type { CpuState } from './processors.ts';
import { processStory } from './story.ts';
import { userPlaces } from './user-memory.ts';

export interface Processes {
  readonly idle: ProcessObject;
  readonly system: ProcessObject;
  /** The process whose thread crashed: System itself for a thread of the kernel. */
  readonly current: ProcessObject;
  /** The process of user mode, where a thread of the kernel crashed and the process exists all the same. */
  readonly user?: ProcessObject;
}

/** Idle, System and, for a crash in a system call, the process that made it. */
export function createProcesses({ platform, world, loaded }: BootedKernel, crash: CrashKind): Processes {
  const idle = createProcess(world, processStory.idle);
  const system = createProcess(world, processStory.system);
  const { peb } = userPlaces(platform);
  const current = crash === 'system-thread' ? system : createProcess(world, { ...processStory.crashed, peb });
  const listed = [...new Set([system, current])].map((process) => process.at('ActiveProcessLinks'));
  world.linkList(loaded.address('nt!PsActiveProcessHead'), listed);
  return { idle, system, current };
}

export interface IdleThread {
  readonly thread: ThreadObject;
  readonly state: CpuState;
}

/** One idle thread a processor. */
export function createIdleThreads(kernel: BootedKernel, process: ProcessObject, count: number): IdleThread[] {
  const { platform, world, loaded } = kernel;
  const fits = count >= 1 && count <= processorSlots;
  checkOption(fits, `a machine has 1 to ${processorSlots} processors, not ${count}`);
  const made = Array.from({ length: count }, () => {
    const stack = createStack(world);
    const registers = platform.idle(world, loaded, stack);
    return {
      thread: createThread(world, { process, stack, id: 0, processId: 0 }),
      state: { stack, registers },
    };
  });
  const links = made.map(({ thread }) => thread.at('ThreadListEntry'));
  world.linkList(process.at('ThreadListHead'), links);
  return made;
}

/** The thread that will crash. */
export function createCrashThread(
  { platform, world }: BootedKernel,
  { system, current }: Processes,
  stack: KernelStack = createStack(world),
): { thread: ThreadObject; stack: KernelStack } {
  const { id: processId, threadId: id } = current === system ? processStory.system : processStory.crashed;
  const teb = current === system ? 0n : userPlaces(platform).teb;
  const thread = createThread(world, { process: current, stack, id, processId, teb });
  world.linkList(current.at('ThreadListHead'), [thread.at('ThreadListEntry')]);
  return { thread, stack };
}
