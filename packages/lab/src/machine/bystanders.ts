import type { Va } from '@poolscope/engine/base';
import {
  type BystanderProcess,
  type BystanderThread,
  bystanderProcesses,
  crashedThreads,
  figuresOf,
  systemThreads,
} from './bystander-story.ts';
import type { BootedKernel } from './kernel-boot.ts';
import type { ProcessFigures, ThreadFigures } from './object-figures.ts';
import { fillProcess, type ProcessHoldings } from './planted-process.ts';
import { fillThread, fillWait, type PlantedObject } from './planted-thread.ts';
import type { SwitchedThread } from './platform.ts';
import {
  createProcess,
  createStack,
  createThread,
  type ProcessObject,
  type ThreadObject,
} from './processes.ts';
import type { Processes } from './running-threads.ts';
import { crashTimes, processStory } from './story.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';
import { userPlaces } from './user-memory.ts';

/** A process with what was planted in it. */
export interface ListedProcess {
  readonly object: ProcessObject;
  readonly id: number;
  readonly parent: number;
  readonly imageName: string;
  readonly session: number | undefined;
  readonly figures: ProcessFigures;
  readonly holdings: ProcessHoldings;
  readonly threads: readonly ListedThread[];
}

/** A thread with what was planted in it. */
export interface ListedThread {
  readonly object: ThreadObject;
  readonly id: number;
  readonly figures: ThreadFigures;
  /** Absent: it runs. */
  readonly story?: BystanderThread;
  readonly switched?: SwitchedThread;
  readonly objects: readonly PlantedObject[];
}

/** Processes in the order of nt!PsActiveProcessHead, each with its threads; all are linked. */
export function createBystanders(
  kernel: BootedKernel,
  tables: StructureTable,
  { system, current, user = current }: Processes,
  crashed: ThreadObject,
): readonly ListedProcess[] {
  const maker = new BystanderMaker(kernel, tables, crashed);
  const own = user === system ? [] : [{ ...processStory.crashed, session: 1, threads: crashedThreads }];
  const stories: BystanderProcess[] = [
    { ...processStory.system, threads: systemThreads },
    ...bystanderProcesses,
    ...own,
  ];
  for (const story of stories)
    maker.addProcess(
      story,
      story.id === processStory.system.id ? system : story.id === processStory.crashed.id ? user : undefined,
    );
  for (const [index, story] of stories.entries()) maker.addThreads(index, story, current);
  return maker.link();
}

/** FILETIME that makes a span of its own for each process. */
const createdAt = (seed: number): bigint =>
  crashTimes.systemTime - 6_000_000_000n - 37_770_000n * BigInt(seed);
const tick = 156_250n;

class BystanderMaker {
  readonly #kernel: BootedKernel;
  readonly #tables: StructureTable;
  readonly #crashed: ThreadObject;
  readonly #processes: (ListedProcess & { readonly threads: ListedThread[] })[] = [];
  #seed = 0;

  constructor(kernel: BootedKernel, tables: StructureTable, crashed: ThreadObject) {
    this.#kernel = kernel;
    this.#tables = tables;
    this.#crashed = crashed;
  }

  addProcess(story: BystanderProcess, existing: ProcessObject | undefined): void {
    const { world, platform } = this.#kernel;
    const { id, parent, imageName, session } = story;
    const { peb } = userPlaces(platform);
    const object = existing ?? createProcess(world, { id, parent, imageName, ...(id > 4 ? { peb } : {}) });
    const seed = this.#processes.length;
    object.set('CreateTime', createdAt(seed));
    const figures = figuresOf(seed);
    const holdings = fillProcess(world, this.#tables, object, figures);
    this.#processes.push({ object, id, parent, imageName, session, figures, holdings, threads: [] });
  }

  addThreads(index: number, { threads }: BystanderProcess, current: ProcessObject): void {
    const process = this.#processes[index]!;
    if (process.object === current) process.threads.push(this.#crashThread());
    for (const story of threads) process.threads.push(this.#waitingThread(process, story));
  }

  /** Links the processes, and each one's threads in both of its lists. */
  link(): readonly ListedProcess[] {
    const { world, loaded } = this.#kernel;
    const links = this.#processes.map(({ object }) => object.at('ActiveProcessLinks'));
    world.linkList(loaded.address('nt!PsActiveProcessHead'), links);
    for (const { object, threads } of this.#processes) {
      world.linkList(
        object.at('ThreadListHead'),
        threads.map((thread) => thread.object.at('ThreadListEntry')),
      );
      this.#linkExecutive(object, threads);
    }
    return this.#processes;
  }

  #linkExecutive(process: ProcessObject, threads: readonly ListedThread[]): void {
    const { world } = this.#kernel;
    const head = this.#view('_EPROCESS', process.va).at('ThreadListHead');
    const links = threads.map(({ object }) => this.#view('_ETHREAD', object.va).at('ThreadListEntry'));
    if (head !== undefined && !links.includes(undefined)) world.linkList(head, links as Va[]);
  }

  #view(name: string, va: Va): PlantedStructure {
    return new PlantedStructure(this.#kernel.world.space, this.#tables, name, va);
  }

  #crashThread(): ListedThread {
    const { world } = this.#kernel;
    const figures = this.#figures(12, 0);
    fillThread(world, this.#tables, this.#crashed, figures);
    const id = Number(this.#crashed.get('UniqueThread'));
    return { object: this.#crashed, id, figures, objects: [] };
  }

  #waitingThread(process: ListedProcess, story: BystanderThread): ListedThread {
    const { world, loaded, platform } = this.#kernel;
    const { ip, sp, teb } = userPlaces(platform);
    const stack = createStack(world);
    const switched = platform.wait(story.kind, { world, loaded, stack, user: { ip, sp } });
    const isKernel = story.kind === 'worker';
    const object = createThread(world, {
      id: story.id,
      processId: process.id,
      process: process.object,
      stack,
      ...(isKernel ? {} : { teb }),
    });
    object.set('KernelStack', switched.kernelStack).set('TrapFrame', switched.trapFrame ?? 0n);
    const start = isKernel ? loaded.address('nt!ExpWorkerThread') : ip - 0x80n;
    const figures = this.#figures(story.priority, start);
    fillThread(world, this.#tables, object, figures);
    const objects = fillWait(world, this.#tables, object, story, this.#crashed.va);
    this.#borrow(object, story, process);
    return { object, id: story.id, figures, story, switched, objects };
  }

  /** Another process's address space, or a token. */
  #borrow(
    thread: ThreadObject,
    { attachedTo, impersonates }: BystanderThread,
    { holdings }: ListedProcess,
  ): void {
    const other = this.#processes.find(({ id }) => id === attachedTo)?.object;
    if (other !== undefined) thread.set('ApcStateProcess', other.va);
    if (impersonates !== true) return;
    const impersonation = 2n;
    this.#view('_ETHREAD', thread.va).set({
      ActiveImpersonationInfo: 1,
      ClientSecurity: holdings.token | impersonation,
    });
  }

  #figures(priority: number, win32StartAddress: Va | number): ThreadFigures {
    const seed = this.#seed++;
    return {
      priority,
      basePriority: Math.min(priority, 8),
      contextSwitches: 120 + 31 * seed,
      userTicks: 3 * seed,
      kernelTicks: 5 + 7 * seed,
      waitTime: Number(crashTimes.upTime / tick) - 38 * seed,
      idealProcessor: seed % 2,
      ioPriority: 2,
      pagePriority: 5,
      win32StartAddress: BigInt(win32StartAddress),
    };
  }
}
