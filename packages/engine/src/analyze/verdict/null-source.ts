import type { Va } from '../../base/index.ts';
import { disassembleBefore } from '../../code/index.ts';
import type { RegisterSet } from '../../cpu/index.ts';
import { effectiveAddress, type Instruction } from '../../disasm/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Scene } from './scene.ts';
import { isCall, sourceOf, writes } from './value-source.ts';

/** Instructions before the fault that are looked at. */
const mostInstructions = 32;
/** Where calls leave what they return. */
const returned = new Set(['rax', 'eax', 'x0']);

/** Where a NULL pointer came from: a call that returned it, or memory. */
export type NullSource =
  /** `name` as `nt!ExAllocatePoolWithTag`; undefined where the dump does not tell what was called. */
  { readonly from: 'call'; readonly at: Va; readonly name: string | undefined } | { readonly from: 'memory' };

/**
 * Follows the NULL pointer that the faulting instruction used straight back through moves, as far as the function goes.
 * Undefined: it is from elsewhere, as an argument is, or the code is not in the dump.
 */
export function nullSource({ system, fault }: Scene): NullSource | undefined {
  const { instruction, registers, ip } = fault ?? {};
  if (instruction === undefined || registers === undefined || ip === undefined) return undefined;
  const { rows } = disassembleBefore(system, ip, mostInstructions);
  const code = rows.flatMap(({ instruction: each }) => (each === undefined ? [] : [each]));
  // Code behind a return or a breakpoint is reached from elsewhere.
  const start = code.findLastIndex(({ flow }) => flow === 'return' || flow === 'interrupt') + 1;
  const bases = instruction.memory.filter(({ access }) => access !== 'none').map(({ base }) => base);
  for (const base of bases) {
    if (base === undefined || registers.get(base) !== 0n) continue;
    const writer = writerOf(base, code.slice(start));
    if (writer === undefined) continue;
    if (!isCall(writer)) return { from: 'memory' };
    return { from: 'call', at: writer.address, name: calledBy(system, writer, registers) };
  }
  return undefined;
}

/** The call that left its result in a register, or the load of it, behind all moves. */
function writerOf(register: string, code: readonly Instruction[]): Instruction | undefined {
  let name = register;
  for (const instruction of code.toReversed()) {
    if (!writes(instruction, name)) continue;
    if (isCall(instruction)) return returned.has(name) ? instruction : undefined;
    const source = sourceOf(instruction, name);
    if (source === undefined) return undefined;
    if ('memory' in source) return instruction;
    if (source.add !== 0n) return undefined;
    name = source.register;
  }
  return undefined;
}

/** What a call leads to: its target, or what the table of imports has, else the name of that entry. */
function calledBy(system: CrashedSystem, call: Instruction, registers: RegisterSet): string | undefined {
  const { symbols, target } = system;
  if (call.target !== undefined) return symbols.nameOf(call.target);
  const [operand] = call.memory;
  if (operand?.ipRelative !== true) return undefined;
  const slot = effectiveAddress(operand, call, registers);
  const value = slot === undefined ? undefined : target.readPointer(slot);
  const name = value === undefined ? undefined : symbols.nameOf(value);
  if (name !== undefined && !name.includes('+')) return name;
  return slot === undefined ? undefined : importOf(symbols.nameOf(slot));
}

/** `driver!_imp_ExAllocatePoolWithTag`, as linkers call the entries of the table. */
const importOf = (name: string | undefined): string | undefined =>
  name?.match(/!_+imp_+(\w+)$/)?.[1]?.replace(/^/, 'nt!');

const allocation = /!(?:Ex|Mm|Io|Rtl|Fs|Flt|Ndis)\w*(?:Alloc|Allocate)\w*/;

/** May the NULL pointer be what an allocation returned that failed? What was called is not always known. */
export const mayBeFailedAllocation = (source: NullSource | undefined): boolean =>
  source?.from === 'call' && (source.name === undefined || allocation.test(source.name));
