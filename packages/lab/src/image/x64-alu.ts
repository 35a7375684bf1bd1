import { truncate } from './x64-operands.ts';
import type { OperandSize, X64Cpu } from './x64-registers.ts';

/** Bits of EFLAGS. */
export const eflagsBits = {
  carry: 1,
  parity: 4,
  adjust: 0x10,
  zero: 0x40,
  sign: 0x80,
  overflow: 0x800,
} as const;

const arithmetic = 0x8d5;

function evenParity(value: bigint): boolean {
  let bits = Number(value & 0xffn);
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 0;
}

function resultFlags(value: bigint, size: OperandSize): number {
  const { zero, sign, parity } = eflagsBits;
  return (
    (value === 0n ? zero : 0) |
    (BigInt.asIntN(8 * size, value) < 0n ? sign : 0) |
    (evenParity(value) ? parity : 0)
  );
}

export interface Sum {
  readonly cpu: X64Cpu;
  readonly size: OperandSize;
  readonly left: bigint;
  readonly right: bigint;
}

/** Flags as the processor sets them; `keepCarry` for inc and dec. */
function setFlags(cpu: X64Cpu, bits: number, keepCarry: boolean): void {
  const carry = keepCarry ? cpu.flags & eflagsBits.carry : bits & eflagsBits.carry;
  cpu.flags = (cpu.flags & ~arithmetic) | (bits & ~eflagsBits.carry) | carry;
}

export function addFlags({ cpu, size, left, right }: Sum, keepCarry = false): bigint {
  const value = truncate(left + right, size);
  const sign = BigInt(8 * size - 1);
  const carry = left + right > value ? eflagsBits.carry : 0;
  const adjust = ((left ^ right ^ value) & 0x10n) === 0n ? 0 : eflagsBits.adjust;
  const overflow = (((left ^ value) & (right ^ value)) >> sign) & 1n ? eflagsBits.overflow : 0;
  setFlags(cpu, resultFlags(value, size) | carry | adjust | overflow, keepCarry);
  return value;
}

export function subtractFlags({ cpu, size, left, right }: Sum, keepCarry = false): bigint {
  const value = truncate(left - right, size);
  const sign = BigInt(8 * size - 1);
  const carry = left < right ? eflagsBits.carry : 0;
  const adjust = ((left ^ right ^ value) & 0x10n) === 0n ? 0 : eflagsBits.adjust;
  const overflow = (((left ^ right) & (left ^ value)) >> sign) & 1n ? eflagsBits.overflow : 0;
  setFlags(cpu, resultFlags(value, size) | carry | adjust | overflow, keepCarry);
  return value;
}

export function logicFlags(cpu: X64Cpu, size: OperandSize, value: bigint): bigint {
  setFlags(cpu, resultFlags(value, size), false);
  return value;
}

/** Conditions by their numbers in the opcodes. */
export const conditions = {
  o: 0x0,
  no: 0x1,
  b: 0x2,
  ae: 0x3,
  e: 0x4,
  ne: 0x5,
  be: 0x6,
  a: 0x7,
  s: 0x8,
  ns: 0x9,
  l: 0xc,
  ge: 0xd,
  le: 0xe,
  g: 0xf,
} as const;
export type Condition = keyof typeof conditions;

export function holds(flags: number, condition: Condition): boolean {
  const { carry, zero, sign, overflow } = eflagsBits;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const number = conditions[condition];
  const less = has(sign) !== has(overflow);
  const positive = (): boolean => {
    switch (number >> 1) {
      case 0:
        return has(overflow);
      case 1:
        return has(carry);
      case 2:
        return has(zero);
      case 3:
        return has(carry | zero);
      case 4:
        return has(sign);
      case 6:
        return less;
      case 7:
        return less || has(zero);
      default:
        return false;
    }
  };
  return (number & 1) === 0 ? positive() : !positive();
}
