import { padHex, readU32 } from '../base/index.ts';
import type { Instruction, OperandText, Symbolize } from './instruction.ts';
import { addressText } from './number-text.ts';

/**
 * The operands as the debugger prints them, with names in place of addresses that have one:
 * `nt!Foo (fffff807`12345678)`, `qword ptr [Driver+0x2030 (fffff804`789a2030)]`.
 */
export const operandText = (instruction: Instruction, symbolize: Symbolize): string =>
  instruction.operands.map((operand) => oneOperand(instruction, operand, symbolize)).join(',');

function oneOperand({ machine }: Instruction, operand: OperandText, symbolize: Symbolize): string {
  if (typeof operand === 'string') return operand;
  const name = symbolize(operand.address);
  if (name === undefined) return operand.plain;
  return `${operand.before}${name} (${addressText(machine, operand.address)})${operand.after}`;
}

/** `<address> <bytes> <mnemonic> <operands>` in the debugger's columns, without trailing spaces. */
export function instructionLine(instruction: Instruction, symbolize: Symbolize): string {
  const { machine, address, mnemonic } = instruction;
  const start = `${addressText(machine, address)} ${codeText(instruction)} `;
  const operands = operandText(instruction, symbolize);
  if (operands === '') return start + mnemonic;
  return start + padWord(mnemonic, mnemonicWidth(instruction)) + operands;
}

/** Bytes of x86 and x64 fill 15 columns, or as many as they need; an arm64 instruction is one word of 8 digits. */
function codeText({ machine, bytes }: Instruction): string {
  if (machine === 'arm64') return padHex(readU32(bytes, 0), 8);
  return Array.from(bytes, (byte) => padHex(byte, 2))
    .join('')
    .padEnd(15);
}

/** Columns of the mnemonic: 8, less what bytes longer than 8 took away, so that the operands stay in their column. */
function mnemonicWidth({ machine, length }: Instruction): number {
  return machine === 'arm64' ? 12 : 8 - Math.max(0, 2 * length - 16);
}

/** Pads a word, leaving at least one space behind it. */
const padWord = (word: string, width: number): string => `${word} `.padEnd(width);
