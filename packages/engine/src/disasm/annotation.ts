import { padHex, type Va } from '../base/index.ts';
import { pointerSize, type RegisterSet } from '../cpu/index.ts';
import { isBranchTaken } from './branch-condition.ts';
import { effectiveAddress, segmentOffset } from './effective-address.ts';
import type { Instruction, MemoryOperand, Symbolize } from './instruction.ts';
import { instructionLine } from './instruction-text.ts';
import { addressText } from './number-text.ts';
import { registerValue } from './register-value.ts';

/** Bytes at an address, or undefined when they cannot all be read. */
export type ReadMemory = (address: Va, size: number) => Uint8Array | undefined;

export interface AnnotationOptions {
  /** Names for the targets of indirect branches and for pointers in memory. */
  readonly symbolize?: Symbolize;
  /** Show `ds:002b:`; false for a trap frame, which the debugger shows as `ds:`. Default true. */
  readonly selectors?: boolean;
}

/** Width that the whole line is filled up to, so that annotations end in one column. */
const lineWidth = 79;
/** Largest value that is shown: a zmm register. */
const maximumSize = 64;

interface Scope {
  readonly instruction: Instruction;
  readonly registers: RegisterSet;
  readonly read: ReadMemory;
  readonly symbolize: Symbolize;
  readonly selectors: boolean;
}

/**
 * What the debugger appends to the line of the current instruction: ` ds:002b:4f4f4f4f`4f4f4f57=????????????????`
 * for memory operands, ` [br=1]` for a conditional branch, ` {nt!Foo (fffff800`12345678)}` for an indirect one.
 * Begins with the spaces that separate it from the line; '' when there is nothing to say or a register is not known.
 * No text is known of the debugger for memory operands of arm64: none is made up.
 */
export function annotation(
  instruction: Instruction,
  registers: RegisterSet,
  read: ReadMemory,
  options: AnnotationOptions = {},
): string {
  const { symbolize = () => undefined, selectors = true } = options;
  const scope: Scope = { instruction, registers, read, symbolize, selectors };
  if (isIndirect(instruction) && instruction.memory.length === 0) return registerTarget(scope);
  const text = branchText(scope) ?? accessText(scope);
  if (text === '') return '';
  const used = instructionLine(instruction, symbolize).length;
  return text.padStart(Math.max(lineWidth - used, text.length + 1));
}

function branchText({ instruction, registers }: Scope): string | undefined {
  const taken = isBranchTaken(instruction, registers);
  return taken === undefined ? undefined : `[br=${taken ? 1 : 0}]`;
}

/** Memory operands; none for a repeated string instruction, whose next step is one of many. */
function accessText(scope: Scope): string {
  const { machine, mnemonic, memory } = scope.instruction;
  if (machine === 'arm64' || mnemonic.startsWith('rep')) return '';
  const texts = memory.map((operand) => memoryText(scope, operand));
  return texts.filter((text) => text !== '').join(' ');
}

const isIndirect = ({ flow }: Instruction): boolean => flow === 'indirect-call' || flow === 'indirect-branch';

/** ` {nt!Foo (fffff800`12345678)}` after `jmp rax` or `blr x8`; alone among the annotations it is not aligned. */
function registerTarget({ instruction, registers, symbolize }: Scope): string {
  const operand = instruction.operands[0];
  const target = typeof operand === 'string' ? registerValue(registers, operand)?.value : undefined;
  return target === undefined ? '' : ` ${targetText(instruction, target, symbolize)}`;
}

function targetText({ machine }: Instruction, target: Va, symbolize: Symbolize): string {
  const name = symbolize(target);
  const address = addressText(machine, target);
  return name === undefined ? `{${address}}` : `{${name} (${address})}`;
}

/** `ds:002b:4f4f4f4f`4f4f4f57=????????????????`; '' for an address that is only computed. */
function memoryText(scope: Scope, operand: MemoryOperand): string {
  const { instruction, registers } = scope;
  const offset = segmentOffset(operand, instruction, registers);
  if (operand.access === 'none' || operand.size === 0 || operand.size > maximumSize || offset === undefined)
    return '';
  const address = addressText(instruction.machine, offset);
  return `${operand.segment}:${selectorText(scope, operand)}${address}=${valueText(scope, operand)}`;
}

function selectorText({ registers, selectors }: Scope, { segment }: MemoryOperand): string {
  const selector = selectors ? registers.get(segment) : undefined;
  return selector === undefined ? '' : `${padHex(BigInt.asUintN(16, selector), 4)}:`;
}

/** The value as a number; a pointer that is branched to, or that is exactly a symbol, as its name. */
function valueText({ instruction, registers, read, symbolize }: Scope, operand: MemoryOperand): string {
  const address = effectiveAddress(operand, instruction, registers);
  const bytes = address === undefined ? undefined : read(address, operand.size);
  if (bytes === undefined || bytes.length < operand.size) return '??'.repeat(operand.size);
  const digits = littleEndianHex(bytes.subarray(0, operand.size));
  if (operand.size !== pointerSize(instruction.machine)) return digits;
  const pointer = widened(instruction, BigInt(`0x${digits}`));
  return isIndirect(instruction) || isExactName(symbolize(pointer))
    ? targetText(instruction, pointer, symbolize)
    : digits;
}

const littleEndianHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => padHex(byte, 2))
    .reverse()
    .join('');

const widened = ({ machine }: Instruction, value: bigint): Va =>
  machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : value;

/** A name without an offset: `ntdll!PebLdr`, not `nt+0x1000`. */
const isExactName = (name: string | undefined): boolean =>
  name !== undefined && !/\+0x[0-9a-f]+$/i.test(name);

/** The line of the current instruction with its annotation, as `r`, `.cxr` and `.trap` end. */
export const currentInstructionLine = (
  instruction: Instruction,
  registers: RegisterSet,
  read: ReadMemory,
  options: AnnotationOptions = {},
): string =>
  instructionLine(instruction, options.symbolize ?? (() => undefined)) +
  annotation(instruction, registers, read, options);
