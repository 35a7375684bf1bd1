import type { AddressSpace } from '../memory/address-space.ts';
import { debuggerData, writeDebuggerData } from './debugger-data.ts';
import { headerFacts } from './header-facts.ts';
import { type BootedKernel, bootKernel } from './kernel-boot.ts';
import { writeBugCheckData, writeSystemVariables } from './kernel-values.ts';
import type { Machine, MachineOptions } from './machine.ts';
import type { Crash } from './platform.ts';
import { platformFor } from './platforms.ts';
import { writeDamagedPoolPage } from './pool-page.ts';
import type { KernelStack, ThreadObject } from './processes.ts';
import { createProcessor, type Processor, publishProcessors, setControlRegisters } from './processors.ts';
import {
  createCrashThread,
  createIdleThreads,
  createProcesses,
  type IdleThread,
  type Processes,
} from './running-threads.ts';
import { writeTriageTable } from './triage-table.ts';
import type { MachineTruth } from './truth.ts';
import { mapUserMemory, userPlaces } from './user-memory.ts';

/** A small machine, consistent in every structure that a dump reader looks at. Same options, same bytes. */
export function buildMachine(options: MachineOptions = {}): Machine {
  const { crash: kind = 'service-exception', processors: count = 2, encodeDebuggerData = false } = options;
  const { platform, paging } = platformFor(options);
  const kernel = bootKernel(platform, paging, options);
  const { world, loaded, specialPages, unloadedDrivers } = kernel;
  const processes = createProcesses(kernel, kind);
  const idle = createIdleThreads(kernel, processes.idle, count);
  const { thread, stack } = createCrashThread(kernel, processes);
  const pool = writeDamagedPoolPage(world);
  const crash = platform.crash(kind, { world, loaded, stack, user: userPlaces(platform), pool });
  const processors = createProcessors(kernel, idle, { thread, stack, crash });
  writeSystemVariables(world, loaded, processes.system.va);
  writeBugCheckData(world, loaded, crash);
  const block = debuggerData(platform.profile, loaded, kernel.pteBase);
  writeDebuggerData(world, loaded, block, encodeDebuggerData);
  options.prepare?.(world);
  const space = giveTables(kernel, processes, processors, crash);
  const triaged = [...crash.parameters, crash.stackPointer, pool.block];
  return {
    architecture: platform.architecture,
    paging: paging.name,
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
    triageTable: writeTriageTable(space, world.pointerSize, loaded, triaged),
    bugCheck: { code: crash.code, parameters: crash.parameters },
    header: headerFacts(platform, loaded, space.tables, crash, processors.length),
    exceptionContext: crash.fault && platform.context(crash.fault.registers),
    specialPages,
    pool,
    truth: truthOf(kernel, crash),
  };
}

const truthOf = ({ loaded }: BootedKernel, { frames, registers, fault }: Crash): MachineTruth => ({
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
  { thread, stack, crash }: { thread: ThreadObject; stack: KernelStack; crash: Crash },
): Processor[] {
  thread.set('TrapFrame', crash.trapFrame ?? 0n).set('WaitIrql', crash.irql);
  const processors = idle.map(({ thread: idleThread, state }, number) => {
    const running =
      number === idle.length - 1
        ? { thread, state: { stack, registers: crash.registers }, irql: crash.irql }
        : { thread: idleThread, state, irql: 0 };
    return createProcessor(world, platform, { number, idleThread, ...running });
  });
  publishProcessors(world, loaded, processors);
  return processors;
}

/** A PAE root need not begin a page; this one does not. */
const paeRootOffset = 0x60;

/** Page tables of the current process; every process gets its root, every processor its CR3. */
function giveTables(
  { system: kernelSpace, platform, world }: BootedKernel,
  { idle, system, current }: Processes,
  processors: readonly Processor[],
  { faultAddress }: Crash,
): AddressSpace {
  const rootOffset = kernelSpace.tables.format.name === 'pae' ? paeRootOffset : 0;
  const space = current === system ? kernelSpace : kernelSpace.fork(rootOffset);
  if (current !== system) mapUserMemory(space, platform);
  for (const process of [idle, system]) process.set('DirectoryTableBase', kernelSpace.tables.root);
  current.set('DirectoryTableBase', space.tables.root);
  for (const processor of processors) {
    const crashed = processor.number === processors.length - 1;
    const { tables } = crashed ? space : kernelSpace;
    setControlRegisters(world, processor, tables, crashed ? faultAddress : 0n);
  }
  return space;
}
