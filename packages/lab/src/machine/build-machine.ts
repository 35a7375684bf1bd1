import { assert, type Pfn, type Va } from '@poolscope/engine/base';
import { AddressSpace } from '../memory/address-space.ts';
import type { PageRun } from '../memory/page-source.ts';
import { PageTables } from '../memory/page-tables.ts';
import type { PagingFormat } from '../memory/paging-format.ts';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { debuggerData, writeDebuggerData } from './debugger-data.ts';
import { headerFacts } from './header-facts.ts';
import { KernelWorld } from './kernel-world.ts';
import { type LoadedImages, loadImages } from './loaded-images.ts';
import type { Machine, MachineOptions } from './machine.ts';
import { writeBugCheckData, writeSystemVariables } from './kernel-values.ts';
import type { Crash, Platform } from './platform.ts';
import { platformFor } from './platforms.ts';
import { writeDamagedPoolPage } from './pool-page.ts';
import { createProcess, createStack, createThread, type ProcessObject, type ThreadObject } from './processes.ts';
import { type CpuState, createProcessor, type Processor, publishProcessors, setControlRegisters } from './processors.ts';
import { writeSharedUserData } from './shared-user-data.ts';
import { largePageCount, plantSpecialPages } from './special-pages.ts';
import { crashTimes, processStory, unloadedDriverFacts } from './story.ts';
import { writeTriageTable } from './triage-table.ts';
import { writeUnloadedDrivers } from './unloaded-drivers.ts';
import { mapUserMemory, userPlaces } from './user-memory.ts';

/** A small machine, consistent in every structure that a dump reader looks at. Same options, same bytes. */
export function buildMachine(options: MachineOptions = {}): Machine {
  const { platform, paging } = platformFor(options);
  return new MachineBuilder(platform, paging, options).build();
}

/** RAM as firmware leaves it: page 0 unused, and a hole below 1 MB. */
const ramRuns = (pages: number): PageRun[] => [
  { basePage: 1, pageCount: 0x9d },
  { basePage: 0x100, pageCount: pages - 0x9d },
];

/** A PAE root need not begin a page; this one does not. */
const paeRootOffset = 0x60;

class MachineBuilder {
  readonly #platform: Platform;
  readonly #options: MachineOptions;
  readonly #system: AddressSpace;
  readonly #world: KernelWorld;
  readonly #loaded: LoadedImages;
  readonly #pteBase: Va;
  readonly #largePage: Pfn | undefined;

  constructor(platform: Platform, paging: PagingFormat, options: MachineOptions) {
    this.#platform = platform;
    this.#options = options;
    const memory = new PhysicalMemory(ramRuns(options.memoryPages ?? 0x1000));
    // Before everything else, while pages in a row are still free.
    if (options.largePage ?? true) this.#largePage = memory.allocateLarge(largePageCount(paging));
    const tables = new PageTables(memory, paging);
    this.#pteBase = tables.mapSelf(paging.selfMapSlot ?? platform.profile.addresses.selfMapSlot);
    this.#system = new AddressSpace(memory, tables);
    this.#world = new KernelWorld(platform.profile, this.#system);
    this.#loaded = loadImages(this.#world, platform.buildImages());
  }

  build(): Machine {
    const [world, loaded, platform] = [this.#world, this.#loaded, this.#platform];
    const kind = this.#options.crash ?? 'service-exception';
    writeSharedUserData(world, crashTimes);
    const unloadedDrivers = unloadedDriverFacts(platform.profile);
    writeUnloadedDrivers(world, loaded, unloadedDrivers);
    const specialPages = plantSpecialPages(world, this.#largePage);
    const processes = this.#createProcesses(kind !== 'system-thread');
    const idleThreads = this.#createIdleThreads(processes.idle);
    const stack = createStack(world);
    const thread = this.#createCrashThread(processes.current, stack);
    const pool = writeDamagedPoolPage(world);
    const crash = platform.crash(kind, { world, loaded, stack, user: userPlaces(platform), pool });
    const processors = this.#createProcessors(idleThreads, { thread, stack, crash });
    this.#writeKernelVariables(crash, processes.system);
    const block = debuggerData(platform.profile, loaded, this.#pteBase);
    writeDebuggerData(world, loaded, block, this.#options.encodeDebuggerData ?? false);
    this.#options.prepare?.(world);
    const space = this.#giveTables(processes, processors, crash);
    const triaged = [...crash.parameters, crash.stackPointer, pool.block];
    const triageTable = writeTriageTable(space, platform.profile.pointerSize, loaded, triaged);
    return {
      ...{ architecture: platform.architecture, paging: space.tables.format.name, profile: platform.profile },
      ...{ memory: this.#system.memory, space, images: loaded, processors, unloadedDrivers, specialPages, triageTable, pool },
      ...{ crashProcessor: processors.length - 1, process: processes.current, thread },
      stack: { ...stack, pointer: crash.stackPointer },
      debuggerData: { va: loaded.address('nt!KdDebuggerDataBlock'), bytes: block },
      bugCheck: { code: crash.code, parameters: crash.parameters },
      header: headerFacts(platform, loaded, space.tables, crash, processors.length),
      exceptionContext: crash.fault && platform.context(crash.fault.registers),
      truth: {
        ...{ frames: crash.frames, modules: loaded.truth, registers: crash.registers, symbols: loaded.symbols },
        ...(crash.fault === undefined ? {} : { fault: crash.fault }),
      },
    };
  }

  /** Idle, System and, for a crash in a system call, the process that made it. */
  #createProcesses(withUser: boolean): { idle: ProcessObject; system: ProcessObject; current: ProcessObject } {
    const world = this.#world;
    const idle = createProcess(world, processStory.idle);
    const system = createProcess(world, processStory.system);
    const { peb } = userPlaces(this.#platform);
    const current = withUser ? createProcess(world, { ...processStory.crashed, peb }) : system;
    const listed = [...new Set([system, current])].map((process) => process.at('ActiveProcessLinks'));
    world.linkList(this.#loaded.address('nt!PsActiveProcessHead'), listed);
    return { idle, system, current };
  }

  #createIdleThreads(process: ProcessObject): { thread: ThreadObject; state: CpuState }[] {
    const [world, loaded] = [this.#world, this.#loaded];
    const count = this.#options.processors ?? 2;
    assert(count >= 1, 'a machine has a processor');
    const made = Array.from({ length: count }, () => {
      const stack = createStack(world);
      const registers = this.#platform.idle(world, loaded, stack);
      const thread = createThread(world, { process, stack, id: 0, processId: 0 });
      return { thread, state: { stack, registers } };
    });
    const links = made.map(({ thread }) => thread.at('ThreadListEntry'));
    world.linkList(process.at('ThreadListHead'), links);
    return made;
  }

  #createCrashThread(process: ProcessObject, stack: CpuState['stack']): ThreadObject {
    const { id, threadId } = this.#options.crash === 'system-thread' ? processStory.system : processStory.crashed;
    const teb = this.#options.crash === 'system-thread' ? 0n : userPlaces(this.#platform).teb;
    const thread = createThread(this.#world, { process, stack, id: threadId, processId: id, teb });
    this.#world.linkList(process.at('ThreadListHead'), [thread.at('ThreadListEntry')]);
    return thread;
  }

  /** All processors idle except the last one, which crashed. */
  #createProcessors(
    idle: readonly { thread: ThreadObject; state: CpuState }[],
    { thread, stack, crash }: { thread: ThreadObject; stack: CpuState['stack']; crash: Crash },
  ): Processor[] {
    thread.set('TrapFrame', crash.trapFrame ?? 0n).set('WaitIrql', crash.irql);
    const processors = idle.map((idleOne, number) => {
      const crashed = number === idle.length - 1;
      return createProcessor(this.#world, this.#platform, {
        ...{ number, idleThread: idleOne.thread, irql: crashed ? crash.irql : 0 },
        thread: crashed ? thread : idleOne.thread,
        state: crashed ? { stack, registers: crash.registers } : idleOne.state,
      });
    });
    publishProcessors(this.#world, this.#loaded, processors);
    return processors;
  }

  #writeKernelVariables(crash: Crash, system: ProcessObject): void {
    writeSystemVariables(this.#world, this.#loaded, system.va);
    writeBugCheckData(this.#world, this.#loaded, crash);
  }

  /** Page tables of the current process; every process gets its root, every processor its CR3. */
  #giveTables(
    { idle, system, current }: { idle: ProcessObject; system: ProcessObject; current: ProcessObject },
    processors: readonly Processor[],
    crash: Crash,
  ): AddressSpace {
    const ownTables = current !== system;
    const isPae = this.#system.tables.format.name === 'pae';
    const space = ownTables ? this.#system.fork(isPae ? paeRootOffset : 0) : this.#system;
    if (ownTables) mapUserMemory(space, this.#platform);
    for (const process of [idle, system, current])
      process.set('DirectoryTableBase', (process === current ? space : this.#system).tables.root);
    for (const [number, processor] of processors.entries()) {
      const crashed = number === processors.length - 1;
      const { tables } = crashed ? space : this.#system;
      setControlRegisters(this.#world, processor, tables, crashed ? crash.faultAddress : 0n);
    }
    return space;
  }
}
