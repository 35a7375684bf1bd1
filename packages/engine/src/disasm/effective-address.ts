import { signExtend32, type Va, wrap64 } from '../base/index.ts';
import { pointerSize, type RegisterSet } from '../cpu/index.ts';
import type { Instruction, MemoryOperand } from './instruction.ts';
import { type RegisterValue, registerValue } from './register-value.ts';

/**
 * Address of a memory operand; undefined when a register of it is not known. fs and gs add their base,
 * which is taken from `fsbase` and `gsbase` of the set.
 */
export function effectiveAddress(
  operand: MemoryOperand,
  instruction: Instruction,
  registers: RegisterSet,
): Va | undefined {
  const offset = segmentOffset(operand, instruction, registers);
  const base = segmentBase(operand, registers);
  if (offset === undefined || base === undefined) return undefined;
  return widen(registers, offset + base);
}

/** The same address before the segment's base is added: what the debugger shows behind `gs:`. */
export function segmentOffset(
  operand: MemoryOperand,
  instruction: Instruction,
  registers: RegisterSet,
): Va | undefined {
  if (operand.ipRelative) return widen(registers, anchorOf(instruction) + operand.displacement);
  const parts = [operand.base, operand.index].map((name) =>
    name === undefined ? zero : registerValue(registers, name),
  );
  const [base, index] = parts;
  if (base === undefined || index === undefined) return undefined;
  const sum = base.value + indexValue(operand, index) * BigInt(operand.scale) + operand.displacement;
  // A 16- or 32-bit x86 register in the address makes all of its arithmetic that narrow.
  const bits = instruction.machine === 'arm64' ? 64 : Math.min(base.bits, index.bits);
  return bits < pointerSize(instruction.machine) * 8 ? BigInt.asUintN(bits, sum) : widen(registers, sum);
}

const zero: RegisterValue = { value: 0n, bits: 64 };

/** What an ip-relative displacement counts from. */
const anchorOf = ({ machine, address, length }: Instruction): Va =>
  machine === 'arm64' ? address : address + BigInt(length);

function indexValue({ indexExtend }: MemoryOperand, { value }: RegisterValue): bigint {
  if (indexExtend === undefined) return value;
  return indexExtend === 'sxtw' ? BigInt.asIntN(32, value) : BigInt.asUintN(32, value);
}

function segmentBase({ segment }: MemoryOperand, registers: RegisterSet): bigint | undefined {
  return segment === 'fs' || segment === 'gs' ? registers.get(`${segment}base`) : 0n;
}

const widen = ({ machine }: RegisterSet, value: bigint): Va =>
  machine === 'x86' ? signExtend32(Number(BigInt.asUintN(32, value))) : wrap64(value);
