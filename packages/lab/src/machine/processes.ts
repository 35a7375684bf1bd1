import type { Va } from '@poolscope/engine/base';
import type { KernelObject } from './kernel-structure.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { KernelProfile } from './profiles/profile.ts';

export type ProcessObject = KernelObject<keyof KernelProfile['process']['members']>;
export type ThreadObject = KernelObject<keyof KernelProfile['thread']['members']>;

/** DISPATCHER_HEADER.Type. */
const processObject = 3;
const threadObject = 6;

/** KTHREAD.State. */
const running = 2;

/** A kernel stack: addresses of its lowest byte and of the byte after its highest. */
export interface KernelStack {
  readonly limit: Va;
  readonly base: Va;
  /** Where the thread's first push goes below. */
  readonly initial: Va;
}

const stackSize = 0x6000;
const guardPage = 0x1000;
/** Space above the first frame that the kernel keeps for itself. */
const stackControlSize = 0x50;

export function createStack(world: KernelWorld): KernelStack {
  world.stacks.skip(guardPage);
  const limit = world.stacks.allocate(stackSize, 0x1000);
  const base = limit + BigInt(stackSize);
  return { limit, base, initial: base - BigInt(stackControlSize) };
}

/** The stack whose first trap frame ends at an address. */
export function placedStack(world: KernelWorld, initial: Va): KernelStack {
  const base = (initial & ~0xfffn) + 0x1000n;
  const limit = base - BigInt(stackSize);
  world.space.allocate(limit, stackSize, { writable: true });
  return { limit, base, initial };
}

export interface ProcessFacts {
  readonly id: number;
  readonly parent: number;
  readonly imageName: string;
  readonly peb?: Va;
}

/** EPROCESS; its page tables are set when they exist. */
export function createProcess(
  world: KernelWorld,
  { id, parent, imageName, peb = 0n }: ProcessFacts,
): ProcessObject {
  const process = world.createObject(world.profile.process, 'Proc');
  process.setAll({
    HeaderType: processObject,
    UniqueProcessId: id,
    InheritedFromUniqueProcessId: parent,
    Peb: peb,
  });
  process.set('CreateTime', 0x01d9_41f7_5c2e_8000n + BigInt(id));
  process.setText('ImageFileName', imageName.slice(0, 15));
  world.linkList(process.at('ThreadListHead'), []);
  return process;
}

export interface ThreadFacts {
  readonly id: number;
  readonly processId: number;
  readonly process: ProcessObject;
  readonly stack: KernelStack;
  readonly teb?: Va;
  readonly startAddress?: Va;
}

/** ETHREAD of a thread that runs on some processor. */
export function createThread(world: KernelWorld, facts: ThreadFacts): ThreadObject {
  const { id, processId, process, stack, teb = 0n, startAddress = 0n } = facts;
  const thread = world.createObject(world.profile.thread, 'Thre');
  thread.setAll({
    HeaderType: threadObject,
    State: running,
    Process: process.va,
    ApcStateProcess: process.va,
    InitialStack: stack.initial,
    StackLimit: stack.limit,
    StackBase: stack.base,
    KernelStack: stack.initial,
    Teb: teb,
    StartAddress: startAddress,
    UniqueProcess: processId,
    UniqueThread: id,
  });
  world.linkList(thread.at('IrpList'), []);
  return thread;
}
