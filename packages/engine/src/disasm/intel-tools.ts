import type * as IcedModule from 'iced-x86';
import type { Formatter, Instruction as RawInstruction, Register } from 'iced-x86';
import { signExtend32, type Va } from '../base/index.ts';

/** The library, loaded by the caller. */
export type Iced = typeof IcedModule;

/** What the parts of the x86/x64 adapter share: the loaded library and its one formatter. */
export interface IntelTools {
  readonly iced: Iced;
  readonly machine: 'x64' | 'x86';
  readonly formatter: Formatter;
  /** Lower-case register name; '' for no register. */
  readonly nameOf: (register: Register) => string;
}

export function createIntelTools(iced: Iced, machine: 'x64' | 'x86'): IntelTools {
  const formatter = new iced.Formatter(iced.FormatterSyntax.Masm);
  formatter.spaceAfterOperandSeparator = false;
  formatter.memorySizeOptions = iced.MemorySizeOptions.Always;
  const names: string[] = [];
  const nameOf = (register: Register): string =>
    (names[register] ??= register === iced.Register.None ? '' : formatter.formatRegister(register));
  return { iced, machine, formatter, nameOf };
}

/** Is this operand in memory? The string instructions' forms come first in the library's list of kinds. */
export const isMemoryOperand = ({ iced }: IntelTools, raw: RawInstruction, operand: number): boolean =>
  raw.opKind(operand) >= iced.OpKind.MemorySegSI;

/** An address as the decoder gives it, widened to a Va. */
export const toVa = ({ machine }: IntelTools, address: bigint): Va =>
  machine === 'x86' ? signExtend32(Number(BigInt.asUintN(32, address))) : BigInt.asUintN(64, address);
