import { readU16, type Va } from '../base/index.ts';
import { type KernelTypes, Structure } from '../types/index.ts';
import type { DebuggerData } from './debugger-data.ts';
import type { Processor } from './processors.ts';
import { type Sourced, sourced, type Target } from './target.ts';

/** The debugger's name of each register and its place in KSPECIAL_REGISTERS. */
const places: readonly (readonly [name: string, path: string])[] = [
  ['cr0', 'Cr0'],
  ['cr2', 'Cr2'],
  ['cr3', 'Cr3'],
  ['cr4', 'Cr4'],
  ['cr8', 'Cr8'],
  ['dr0', 'KernelDr0'],
  ['dr1', 'KernelDr1'],
  ['dr2', 'KernelDr2'],
  ['dr3', 'KernelDr3'],
  ['dr6', 'KernelDr6'],
  ['dr7', 'KernelDr7'],
  ['tr', 'Tr'],
  ['ldtr', 'Ldtr'],
  ['xcr0', 'Xcr0'],
];

/**
 * Control, debug and descriptor registers that a processor saved in its KPRCB when the machine stopped. Undefined when the
 * dump does not hold them, the debugger data block does not tell where they are, or the machine (arm64) has no known layout.
 */
export function readSpecialRegisters(
  target: Target,
  data: DebuggerData | undefined,
  types: KernelTypes | undefined,
  { prcb }: Pick<Processor, 'prcb'>,
): Sourced<ReadonlyMap<string, bigint>> | undefined {
  const type = types?.find('_KSPECIAL_REGISTERS');
  const at = addressIn(data, types, prcb);
  if (type === undefined || at === undefined) return undefined;
  const structure = new Structure(type, target.memory, at);
  const values = places.flatMap(([name, path]): [string, bigint][] => {
    const value = structure.bigint(path);
    return value === undefined ? [] : [[name, value]];
  });
  if (values.length === 0) return undefined;
  const all = new Map([...values, ...tableRegisters(target, structure)]);
  return sourced(all, 'PRCB.ProcessorState.SpecialRegisters');
}

/** Operands of lgdt and lidt, at the end of their descriptors: 16 bits of limit, and the base behind them. */
function tableRegisters(target: Target, { type, at }: Structure): [string, bigint][] {
  const [gdt, idt] = [type.offset('Gdtr'), type.offset('Idtr')];
  if (gdt === undefined || idt === undefined || idt <= gdt) return [];
  const size = idt - gdt;
  const tables = [
    ['gdt', gdt],
    ['idt', idt],
  ] as const;
  return tables.flatMap(([name, offset]): [string, bigint][] => {
    const base = at + BigInt(offset + size - target.pointerSize);
    const [address, limit] = [target.readPointer(base), target.readBytes(base - 2n, 2)];
    if (address === undefined || limit === undefined) return [];
    return [
      [`${name}r`, address],
      [`${name}l`, BigInt(readU16(limit, 0))],
    ];
  });
}

/** The dump itself tells the place since Windows Vista; before, the layout of the KPRCB does. */
function addressIn(data: DebuggerData | undefined, types: KernelTypes | undefined, prcb: Va): Va | undefined {
  const offset =
    data?.offset('OffsetPrcbProcStateSpecialReg') ??
    types?.offset('_KPRCB', 'ProcessorState.SpecialRegisters');
  return offset === undefined ? undefined : prcb + BigInt(offset);
}
