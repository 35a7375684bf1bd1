import type { Instruction as RawInstruction } from 'iced-x86';
import type { Va } from '../base/index.ts';
import type { OperandText } from './instruction.ts';
import { isStringDestination, stringRegister } from './intel-memory.ts';
import { memoryText } from './intel-memory-text.ts';
import { type IntelTools, isMemoryOperand, toVa } from './intel-tools.ts';
import { addressText, masmNumber } from './number-text.ts';

/** Mnemonic with its prefixes. String instructions lose their size letter: it is in the operands (`rep stos dword ptr`). */
export function mnemonicText({ formatter }: IntelTools, raw: RawInstruction): string {
  const text = formatter.formatMnemonic(raw).replace(/^hn?t /, '');
  return raw.isStringInstruction ? text.slice(0, -1) : text;
}

/** Operands as the debugger prints them, which is not always what the formatter shows. */
export function operandTexts(tools: IntelTools, raw: RawInstruction, mnemonic: string): OperandText[] {
  if (raw.isStringInstruction) return stringOperands(tools, raw);
  if (mnemonic === 'imul' && raw.opCount === 3) return imulOperands(tools, raw);
  if (mnemonic === 'fxch') return [tools.nameOf(raw.opRegister(1))];
  const operands = formattedOperands(tools, raw, mnemonic);
  const accumulator = impliedAccumulator(tools, raw, mnemonic);
  return accumulator === undefined ? operands : [accumulator, ...operands];
}

function formattedOperands(tools: IntelTools, raw: RawInstruction, mnemonic: string): OperandText[] {
  const operands: OperandText[] = [];
  for (let shown = 0; shown < tools.formatter.operandCount(raw); shown++) {
    const operand = tools.formatter.getInstructionOperand(raw, shown);
    const text = tools.formatter.formatOperand(raw, shown);
    if (operand === undefined) operands.push(text);
    else if (isMemoryOperand(tools, raw, operand)) operands.push(memoryText(tools, raw, mnemonic, text));
    else operands.push(branchText(tools, raw, operand) ?? immediateText(tools, raw, operand) ?? text);
  }
  return operands;
}

/** The three-operand imul, of which the formatter leaves out a source that is also the destination. */
function imulOperands(tools: IntelTools, raw: RawInstruction): OperandText[] {
  return [0, 1, 2].map((operand) => {
    if (raw.opKind(operand) === tools.iced.OpKind.Register) return tools.nameOf(raw.opRegister(operand));
    const shown = tools.formatter.getFormatterOperand(raw, operand)!;
    const text = tools.formatter.formatOperand(raw, shown);
    return isMemoryOperand(tools, raw, operand) ? memoryText(tools, raw, 'imul', text) : text;
  });
}

const sizeNames = new Map([
  [1, 'byte'],
  [2, 'word'],
  [4, 'dword'],
  [8, 'qword'],
]);

/** movs, cmps, stos, lods, scas, ins, outs: memory with its size, and dx; the accumulator is implied. */
function stringOperands(tools: IntelTools, raw: RawInstruction): string[] {
  const { iced, nameOf } = tools;
  const size = sizeNames.get(iced.MemorySizeExt.size(raw.memorySize));
  const operands: string[] = [];
  for (let operand = 0; operand < raw.opCount; operand++) {
    if (isMemoryOperand(tools, raw, operand)) {
      operands.push(`${size} ptr ${stringAddressText(tools, raw, operand)}`);
    } else if (raw.opRegister(operand) === iced.Register.DX) {
      operands.push(nameOf(iced.Register.DX));
    }
  }
  return operands;
}

/** `es:[edi]` on x86, `[rdi]` on x64; a source shows its segment only when a prefix names one. */
function stringAddressText(tools: IntelTools, raw: RawInstruction, operand: number): string {
  const kind = raw.opKind(operand);
  const address = `[${stringRegister(tools, kind)}]`;
  if (isStringDestination(tools, kind)) return tools.machine === 'x86' ? `es:${address}` : address;
  return raw.hasSegmentPrefix ? `${tools.nameOf(raw.segmentPrefix)}:${address}` : address;
}

/** `div rax,rcx`, `mul al,byte ptr [..]`, but `imul rcx` and `idiv bh`: seen in real listings. */
function impliedAccumulator(
  { iced, nameOf }: IntelTools,
  raw: RawInstruction,
  mnemonic: string,
): string | undefined {
  if (mnemonic !== 'mul' && mnemonic !== 'div' && mnemonic !== 'idiv') return undefined;
  const { AL, AX, EAX, RAX } = iced.Register;
  const size =
    raw.opKind(0) === iced.OpKind.Register
      ? iced.RegisterExt.size(raw.opRegister(0))
      : iced.MemorySizeExt.size(raw.memorySize);
  if (size === 1 && mnemonic === 'idiv') return undefined;
  return nameOf(size === 1 ? AL : size === 2 ? AX : size === 4 ? EAX : RAX);
}

/** Destination of a direct near branch or call. */
export function branchTarget(tools: IntelTools, raw: RawInstruction): Va | undefined {
  if (raw.opCount === 0) return undefined;
  const { OpKind } = tools.iced;
  const kind = raw.opKind(0);
  const isNear = kind === OpKind.NearBranch16 || kind === OpKind.NearBranch32 || kind === OpKind.NearBranch64;
  return isNear ? toVa(tools, raw.nearBranchTarget) : undefined;
}

function branchText(tools: IntelTools, raw: RawInstruction, operand: number): OperandText | undefined {
  const address = operand === 0 ? branchTarget(tools, raw) : undefined;
  if (address === undefined) return undefined;
  return { address, before: '', after: '', plain: addressText(tools.machine, address) };
}

/** A constant as wide as a pointer may be an address: `push offset nt!KiTrap01 (8053f53d)`. */
function immediateText(tools: IntelTools, raw: RawInstruction, operand: number): OperandText | undefined {
  const { iced, machine } = tools;
  const kind = machine === 'x86' ? iced.OpKind.Immediate32 : iced.OpKind.Immediate64;
  if (raw.opKind(operand) !== kind) return undefined;
  const value = raw.immediate(operand);
  const plain = masmNumber(BigInt.asUintN(machine === 'x86' ? 32 : 64, value));
  return { address: toVa(tools, value), before: 'offset ', after: '', plain };
}
