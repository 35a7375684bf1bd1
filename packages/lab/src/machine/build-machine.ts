import type { Va } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import { KernelPool, type MachinePool } from '../pool/index.ts';
import { createBystanders, type ListedProcess } from './bystanders.ts';
import { debuggerData, writeDebuggerData } from './debugger-data.ts';
import { headerFacts } from './header-facts.ts';
import { type BootedKernel, bootKernel } from './kernel-boot.ts';
import { writeBugCheckData, writeSystemVariables } from './kernel-values.ts';
import type { DeclaredMachine, Machine, MachineOptions } from './machine.ts';
import { bootPool, type PoolSpans } from './machine-pool.ts';
import type { ProcessorFigures } from './object-figures.ts';
import { objectTruth } from './object-truth.ts';
import { writePageFrames } from './objects/page-frames.ts';
import { type EarlyObjects, plantSystem } from './objects/plant-objects.ts';
import { fillProcessor, processorFigures } from './planted-processor.ts';
import type { Crash } from './platform.ts';
import { platformFor } from './platforms.ts';
import { writeDamagedPoolPage } from './pool-page.ts';
import { populatePool } from './pool-story.ts';
import { keepsClassicPool } from './pool-variables.ts';
import { giveSpaces, type ProcessSpace } from './process-spaces.ts';
import type { KernelStack, ThreadObject } from './processes.ts';
import {
  allocatePcr,
  createProcessor,
  type Processor,
  publishProcessors,
  setControlRegisters,
} from './processors.ts';
import {
  createCrashThread,
  createIdleThreads,
  createProcesses,
  type IdleThread,
  type Processes,
} from './running-threads.ts';
import { StructureTable } from './structure-table.ts';
import { writeTriageTable } from './triage-table.ts';
import { mapUserMemory, userPlaces } from './user-memory.ts';

/** A small machine, consistent in every structure that a dump reader looks at. Same options, same bytes. */
export function buildMachine(options: MachineOptions = {}): DeclaredMachine {
  const { crash: kind = 'service-exception' } = options;
  const { platform, paging } = platformFor(options);
  const kernel = bootKernel(platform, paging, options);
  const pooled = startPool(kernel, options.processors);
  const started = { ...startMachine(options, kernel), ...pooled };
  const { processes } = started;
  const { world, loaded } = kernel;
  if (pooled !== undefined && options.usePool === undefined)
    populatePool(pooled.pool, processes.system.va, pooled.pcrs.length);
  else if (pooled !== undefined) options.usePool?.(pooled.pool, world);
  const { thread, stack } = createCrashThread(kernel, processes);
  const pool = writeDamagedPoolPage(world);
  const crash = platform.crash(kind, { world, loaded, stack, user: userPlaces(platform), pool });
  return { ...finishMachine(started, { thread, stack, crash, triaged: [pool.block] }), pool };
}

/** A machine whose kernel is up; nothing but its idle threads runs yet. */
export interface StartedMachine {
  readonly options: MachineOptions;
  readonly kernel: BootedKernel;
  readonly processes: Processes;
  readonly idle: readonly IdleThread[];
  /** KPCRs by processor, where something needs them before the crash. */
  readonly pcrs?: readonly Va[];
  /** The pool, where it was booted. */
  readonly pool?: MachinePool;
}

/** Boots classic pool, where the kernel keeps it: what is made from here on can live in it. */
export function startPool(
  { platform, world, loaded, system }: BootedKernel,
  processors = 2,
  spans: PoolSpans = {},
): PooledStart | undefined {
  if (!keepsClassicPool(platform.profile)) return undefined;
  const pcrs = Array.from({ length: processors }, () => allocatePcr(world));
  const prcb = BigInt(platform.profile.pcr.members.Prcb[0]);
  const tables = new StructureTable(platform.architecture, platform.profile.build);
  const pool = bootPool(
    { platform, loaded, system },
    tables,
    pcrs.map((pcr) => pcr + prcb),
    spans,
  );
  world.pool = pool;
  return { pcrs, pool };
}

type PooledStart = Required<Pick<StartedMachine, 'pcrs'>> & { readonly pool: KernelPool };

export function startMachine(options: MachineOptions, kernel: BootedKernel): StartedMachine {
  const processes = createProcesses(kernel, options.crash ?? 'service-exception');
  const idle = createIdleThreads(kernel, processes.idle, options.processors ?? 2);
  return { options, kernel, processes, idle };
}

/** How a machine ended. */
export interface MachineEnd {
  readonly thread: ThreadObject;
  readonly stack: KernelStack;
  readonly crash: Crash;
  /** Addresses that small dumps want translated too, beside the bug check's. */
  readonly triaged: readonly Va[];
  /** Objects that were made while it ran. */
  readonly early?: EarlyObjects;
}

/** Everything around the crash that a dump holds. */
export function finishMachine(
  { options, kernel, processes, idle, pcrs = [], pool }: StartedMachine,
  { thread, stack, crash, triaged, early }: MachineEnd,
): Machine {
  const { encodeDebuggerData = false } = options;
  const { platform, world, loaded, specialPages, unloadedDrivers } = kernel;
  const processors = createProcessors(kernel, idle, pcrs, { thread, stack, crash });
  const tables = new StructureTable(platform.architecture, platform.profile.build);
  const listed = createBystanders(kernel, tables, processes, thread);
  const figures = fillProcessors(kernel, tables, processors, crash);
  writeSystemVariables(world, loaded, processes.system.va);
  writeBugCheckData(world, loaded, crash);
  const planted = plantSystem(kernel, tables, listed, thread, early);
  const block = debuggerData(platform.profile, loaded, kernel.pteBase, planted.commitAnchor);
  writeDebuggerData(world, loaded, block, encodeDebuggerData);
  options.prepare?.(world, { loaded, tables, thread: thread.va });
  const { space, spaces } = giveTables(kernel, tables, { ...processes, listed }, processors, crash);
  const pages = writePageFrames(world, tables, space, specialPages);
  const translated = [...crash.parameters, crash.stackPointer, ...triaged];
  return {
    architecture: platform.architecture,
    paging: space.tables.format.name,
    profile: platform.profile,
    memory: space.memory,
    space,
    images: loaded,
    processors,
    crashProcessor: processors.length - 1,
    process: processes.current,
    thread,
    stack: { ...stack, pointer: crash.stackPointer },
    debuggerData: { va: loaded.address('nt!KdDebuggerDataBlock'), bytes: block },
    unloadedDrivers,
    triageTable: writeTriageTable(space, world.pointerSize, loaded, translated),
    bugCheck: { code: crash.code, parameters: crash.parameters },
    header: headerFacts(platform, loaded, space.tables, crash, processors.length),
    exceptionContext: crash.fault && platform.context(crash.fault.registers),
    specialPages,
    ...(pool === undefined ? {} : { kernelPool: pool }),
    truth: {
      ...truthOf(kernel, crash),
      ...objectTruth({ tables, listed, spaces, processors, figures }),
      system: { ...planted.truth, pages },
      ...(pool instanceof KernelPool ? { pool: pool.truth() } : {}),
    },
  };
}

const truthOf = ({ loaded }: BootedKernel, { frames, registers, fault }: Crash) => ({
  frames,
  modules: loaded.truth,
  registers,
  fault,
  symbols: loaded.symbols,
});

/** All processors idle except the last one, which crashed. */
function createProcessors(
  { world, platform, loaded }: BootedKernel,
  idle: readonly IdleThread[],
  pcrs: readonly Va[],
  { thread, stack, crash }: { thread: ThreadObject; stack: KernelStack; crash: Crash },
): Processor[] {
  thread.set('TrapFrame', crash.trapFrame ?? 0n).set('WaitIrql', crash.irql);
  const processors = idle.map(({ thread: idleThread, state }, number) => {
    const running =
      number === idle.length - 1
        ? { thread, state: { stack, registers: crash.registers }, irql: crash.irql }
        : { thread: idleThread, state, irql: 0 };
    const pcr = pcrs[number];
    return createProcessor(world, platform, {
      number,
      idleThread,
      ...running,
      ...(pcr === undefined ? {} : { pcr }),
    });
  });
  publishProcessors(world, loaded, processors);
  return processors;
}

function fillProcessors(
  { world }: BootedKernel,
  tables: StructureTable,
  processors: readonly Processor[],
  { irql }: Crash,
): ProcessorFigures[] {
  const { members } = world.profile.pcr;
  return processors.map((processor) => {
    const region = processor.prcb.va - BigInt(members.Prcb[0]);
    const isCrashed = processor.number === processors.length - 1;
    const figures = processorFigures(processor.number, region, isCrashed ? irql : 0);
    fillProcessor(world, tables, processor, region, figures);
    return figures;
  });
}

/** A PAE root need not begin a page; this one does not. */
const paeRootOffset = 0x60;

/** Page tables of all processes; every processor gets its CR3. */
function giveTables(
  kernel: BootedKernel,
  tables: StructureTable,
  { idle, system, current, listed }: Processes & { readonly listed: readonly ListedProcess[] },
  processors: readonly Processor[],
  { faultAddress }: Crash,
): { space: AddressSpace; spaces: ReadonlyMap<ListedProcess, ProcessSpace> } {
  const { system: kernelSpace, platform, world } = kernel;
  const rootOffset = kernelSpace.tables.format.name === 'pae' ? paeRootOffset : 0;
  const isKernel = current === system || current === idle;
  const space = isKernel ? kernelSpace : kernelSpace.fork(rootOffset);
  if (!isKernel) mapUserMemory(space, platform);
  for (const process of [idle, system]) process.set('DirectoryTableBase', kernelSpace.tables.root);
  current.set('DirectoryTableBase', space.tables.root);
  const own = new Map([
    [system, kernelSpace],
    [current, space],
  ]);
  const spaces = giveSpaces(kernel, tables, listed, own, rootOffset);
  for (const processor of processors) {
    const crashed = processor.number === processors.length - 1;
    const used = crashed ? space : kernelSpace;
    setControlRegisters(world, processor, used.tables, crashed ? faultAddress : 0n);
  }
  return { space, spaces };
}
