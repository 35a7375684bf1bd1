import type { Va } from '@poolscope/engine/base';
import type { KernelWorld } from './kernel-world.ts';
import type { ProcessorFigures } from './object-figures.ts';
import type { Processor } from './processors.ts';
import { PlantedStructure, type StructureTable } from './structure-table.ts';

export function processorFigures(number: number, region: Va, savedIrql: number): ProcessorFigures {
  return {
    savedIrql,
    interruptCount: 0xb_2bdf + 0x111 * number,
    dpcTicks: 0x28 + number,
    interruptTicks: 0x3ff + number,
    kernelTicks: 0x5ef4 + 0x21 * number,
    userTicks: 0x385 + 0x13 * number,
    model: 0x3c,
    stepping: 3,
    features: 0x1_0020_4211_b3df_en,
    updateSignature: 0x1e_0000_0000n,
    idt: region - 0x3000n,
    gdt: region - 0x2000n,
    tss: region - 0x1000n,
    dpcCount: 1200 + 7 * number,
  };
}

/** Fills in what the tables of the build have places for. */
export function fillProcessor(
  world: KernelWorld,
  tables: StructureTable,
  { prcb, number }: Processor,
  region: Va,
  figures: ProcessorFigures,
): void {
  const { space } = world;
  new PlantedStructure(space, tables, '_KPCR', region).set({
    MajorVersion: 1,
    MinorVersion: 1,
    IdtBase: figures.idt,
    GdtBase: figures.gdt,
    TssBase: figures.tss,
    IDT: figures.idt,
    GDT: figures.gdt,
    TSS: figures.tss,
    IDR: 0xffff_ffff,
  });
  new PlantedStructure(space, tables, '_KPRCB', prcb.va).set({
    DebuggerSavedIRQL: figures.savedIrql,
    InterruptCount: figures.interruptCount,
    DpcTime: figures.dpcTicks,
    InterruptTime: figures.interruptTicks,
    KernelTime: figures.kernelTicks,
    UserTime: figures.userTicks,
    CpuModel: figures.model,
    CpuStepping: figures.stepping,
    FeatureBits: figures.features,
    UpdateSignature: figures.updateSignature,
    GroupIndex: number,
    GroupSetMember: 1n << BigInt(number),
    'DpcData.DpcCount': figures.dpcCount,
  });
}
