import type { Va } from '@poolscope/engine/base';
import type { PageTables } from '../memory/page-tables.ts';
import type { KernelObject } from './kernel-structure.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { LoadedImages } from './loaded-images.ts';
import type { Platform } from './platform.ts';
import type { KernelStack, ThreadObject } from './processes.ts';
import type { PrcbMember } from './profiles/profile.ts';
import type { Registers } from './truth.ts';

/** What a processor executes and on which stack. */
export interface CpuState {
  readonly stack: KernelStack;
  readonly registers: Registers;
}

/** A processor as the crash left it. */
export interface Processor extends CpuState {
  readonly number: number;
  readonly prcb: KernelObject<PrcbMember>;
  readonly thread: ThreadObject;
  readonly stackPointer: Va;
  /** The CONTEXT that PRCB.Context points to, and how much room it has there. */
  readonly context: { readonly va: Va; readonly bytes: Uint8Array; readonly room: number };
}

export interface ProcessorFacts {
  readonly number: number;
  readonly thread: ThreadObject;
  readonly idleThread: ThreadObject;
  readonly state: CpuState;
  readonly irql: number;
  /** Its KPCR, where that was made before. */
  readonly pcr?: Va;
}

/** A KPCR with its KPRCB, and the processor's context in both places where debuggers look. */
export function createProcessor(world: KernelWorld, platform: Platform, facts: ProcessorFacts): Processor {
  const { profile } = world;
  const { number, thread, idleThread, state, irql } = facts;
  const pcr = world.view(profile.pcr, facts.pcr ?? allocatePcr(world));
  const prcb = world.view<PrcbMember>(profile.prcb, pcr.at('Prcb'));
  const bytes = platform.context(state.registers);
  const room = platform.contextRoom;
  const context = { va: world.nonPagedPool.allocate(room, 0x40), bytes, room };
  world.space.write(context.va, bytes);
  pcr.setAll({ Self: pcr.va, CurrentPrcb: prcb.va, Irql: irql });
  prcb.setAll({ CurrentThread: thread.va, IdleThread: idleThread.va, Number: number });
  prcb.setAll({ MHz: 2800, CpuType: 6, Context: context.va }).setText('VendorString', platform.vendor);
  world.space.write(prcb.at('ContextFrame'), bytes);
  return { ...state, number, prcb, thread, context, stackPointer: platform.stackPointer(state.registers) };
}

/** Room for a KPCR with its KPRCB. */
export const allocatePcr = ({ processors, profile }: KernelWorld): Va =>
  processors.allocate(profile.pcr.size, 0x1000);

/** Protection, paging, write protection and the rest that Windows runs with. */
const cr0 = 0x8005_0033n;
const cr4Pae = 1n << 5n;
const cr4LargePages = 1n << 4n;
const cr4La57 = 1n << 12n;

/** CR0..CR4 of a processor; arm64 has none. */
export function setControlRegisters(
  world: KernelWorld,
  processor: Processor,
  tables: PageTables,
  cr2: Va,
): void {
  const { specialRegisters } = world.profile;
  if (specialRegisters === undefined) return;
  const { name } = tables.format;
  const cr4 = (name === 'x86' ? cr4LargePages : cr4Pae) | (name === 'la57' ? cr4La57 : 0n);
  const registers = world.view(specialRegisters, processor.prcb.at('SpecialRegisters'));
  registers.setAll({ Cr0: cr0, Cr2: cr2, Cr3: tables.root, Cr4: cr4 });
}

/** Fills nt!KiProcessorBlock. */
export function publishProcessors(
  world: KernelWorld,
  loaded: LoadedImages,
  processors: readonly Processor[],
): void {
  const table = loaded.address('nt!KiProcessorBlock');
  for (const { number, prcb } of processors)
    world.writePointer(table + BigInt(number * world.pointerSize), prcb.va);
  world.space.write(loaded.address('nt!KeNumberProcessors'), Uint8Array.of(processors.length));
}
