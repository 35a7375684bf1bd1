import type { Va } from '@poolscope/engine/base';
import type { BystanderThread } from './bystander-story.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { ThreadFigures, WaitedKind } from './object-figures.ts';
import type { ThreadObject } from './processes.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';

/** An object that a thread waits for, as it was planted. */
export interface PlantedObject {
  readonly kind: WaitedKind;
  readonly va: Va;
}

export function fillThread(
  world: KernelWorld,
  tables: StructureTable,
  thread: ThreadObject,
  figures: ThreadFigures,
): void {
  new PlantedStructure(world.space, tables, '_KTHREAD', thread.va).set({
    Priority: figures.priority,
    BasePriority: figures.basePriority,
    ContextSwitches: figures.contextSwitches,
    UserTime: figures.userTicks,
    KernelTime: figures.kernelTicks,
    WaitTime: figures.waitTime,
    IdealProcessor: figures.idealProcessor,
    KernelStackResident: 1,
  });
  new PlantedStructure(world.space, tables, '_ETHREAD', thread.va).set({
    Win32StartAddress: figures.win32StartAddress,
    ThreadIoPriority: figures.ioPriority,
    ThreadPagePriority: figures.pagePriority,
  });
}

/** KTHREAD.State. */
const ready = 1;
const waiting = 5;

/** How a thread that does not run waits, and for what. */
export function fillWait(
  world: KernelWorld,
  tables: StructureTable,
  thread: ThreadObject,
  story: BystanderThread,
  owner: Va,
): readonly PlantedObject[] {
  const isKernel = story.kind === 'worker';
  thread.setAll({ State: story.isReady === true ? ready : waiting, WaitReason: story.reason, WaitIrql: 0 });
  const scheduler = new PlantedStructure(world.space, tables, '_KTHREAD', thread.va).set({
    WaitMode: isKernel ? 0 : 1,
    Alertable: story.alertable === true ? 1 : 0,
    NextProcessor: 0,
  });
  if (tables.size('_KWAIT_BLOCK') === undefined) return [];
  const objects = story.objects.map((kind) => plantObject(world, tables, scheduler, kind, owner));
  plantWaitBlocks(world, tables, scheduler, objects);
  return objects;
}

/** DISPATCHER_HEADER.Type and the structure around it. */
const kinds: Readonly<Record<WaitedKind, readonly [type: number, structure: string]>> = {
  'notification-event': [0, '_KEVENT'],
  'synchronization-event': [1, '_KEVENT'],
  mutant: [2, '_KMUTANT'],
  queue: [4, '_KQUEUE'],
  semaphore: [5, '_KSEMAPHORE'],
  timer: [8, '_KTIMER'],
};

const semaphoreLimit = 0x7fff_ffff;

function plantObject(
  world: KernelWorld,
  tables: StructureTable,
  thread: PlantedStructure,
  kind: WaitedKind,
  owner: Va,
): PlantedObject {
  const [type, structure] = kinds[kind];
  const ownTimer = kind === 'timer' ? thread.at('Timer') : undefined;
  const va = ownTimer ?? world.nonPagedPool.allocate(tables.size(structure) ?? 0x40, 16);
  new PlantedStructure(world.space, tables, structure, va).set({
    'Header.Type': type,
    OwnerThread: owner,
    Limit: semaphoreLimit,
  });
  return { kind, va };
}

/** Windows uses the blocks in the thread itself while they are enough. */
function plantWaitBlocks(
  world: KernelWorld,
  tables: StructureTable,
  thread: PlantedStructure,
  objects: readonly PlantedObject[],
): void {
  const first = thread.at('WaitBlock');
  const size = tables.size('_KWAIT_BLOCK');
  if (first === undefined || size === undefined) return;
  for (const [index, { va }] of objects.entries()) {
    const block = new PlantedStructure(world.space, tables, '_KWAIT_BLOCK', first + BigInt(index * size));
    block.set({ Thread: thread.va, Object: va, WaitKey: index });
    const [head, link] = [va + 8n, block.at('WaitListEntry')!];
    world.linkList(head, [link]);
  }
  thread.set({ WaitBlockList: first, WaitBlockCount: objects.length });
}
