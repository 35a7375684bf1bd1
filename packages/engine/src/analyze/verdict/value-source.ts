import { signExtend32 } from '../../base/index.ts';
import type { Instruction, MemoryOperand } from '../../disasm/index.ts';

/** Registers that a call may leave changed. */
const lostByCalls = new Set(['rax', 'rcx', 'rdx', 'r8', 'r9', 'r10', 'r11', 'eax', 'ecx', 'edx']);

export const isCall = (instruction: Instruction | undefined): boolean =>
  instruction?.flow === 'call' || instruction?.flow === 'indirect-call';

export const writes = (instruction: Instruction, register: string): boolean =>
  instruction.writes.includes(register) || (isCall(instruction) && lostByCalls.has(register));

/** Where a register's new value comes from. */
export type Source = { readonly memory: MemoryOperand } | { readonly register: string; readonly add: bigint };

/** Where an instruction takes a register's new value from: memory, or another register with something added. */
export function sourceOf(instruction: Instruction, register: string): Source | undefined {
  const { mnemonic, memory, operands, reads } = instruction;
  const [operand] = memory;
  if (/^(?:mov|movzx|movsx|movsxd|ldr|pop)$/.test(mnemonic)) {
    if (operand !== undefined)
      return operand.access === 'read' && instruction.writes.length === 1 ? { memory: operand } : undefined;
    const from = reads.filter((name) => name !== register);
    return mnemonic === 'mov' && from.length === 1 ? { register: from[0]!, add: 0n } : undefined;
  }
  if (mnemonic === 'lea' && operand?.base !== undefined && operand.index === undefined && !operand.ipRelative)
    return { register: operand.base, add: operand.displacement };
  if (mnemonic === 'add' || mnemonic === 'sub') {
    const amount = immediate(operands[1]);
    return amount === undefined ? undefined : { register, add: mnemonic === 'add' ? amount : -amount };
  }
  return undefined;
}

/** A number as the debugger writes it: hexadecimal, with an h behind it from 10 on. */
function immediate(text: Instruction['operands'][number] | undefined): bigint | undefined {
  if (typeof text !== 'string' || !/^[0-9A-Fa-f]+h?$/.test(text)) return undefined;
  const value = BigInt(`0x${text.replace(/h$/, '')}`);
  return value >> 31n === 1n ? signExtend32(Number(value)) : value;
}
