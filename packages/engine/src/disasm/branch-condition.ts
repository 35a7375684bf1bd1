import type { RegisterSet } from '../cpu/index.ts';
import type { Instruction } from './instruction.ts';
import { registerValue } from './register-value.ts';

type Test = (flags: bigint) => boolean;

const bit =
  (number: number): Test =>
  (flags) =>
    ((flags >> BigInt(number)) & 1n) !== 0n;
const not =
  (test: Test): Test =>
  (flags) =>
    !test(flags);
const either =
  (a: Test, b: Test): Test =>
  (flags) =>
    a(flags) || b(flags);
const differ =
  (a: Test, b: Test): Test =>
  (flags) =>
    a(flags) !== b(flags);

const carry = bit(0);
const parity = bit(2);
const zero = bit(6);
const sign = bit(7);
const overflow = bit(11);
const less = differ(sign, overflow);

/** Conditions of x86 by the letters behind the `j`, tested on efl. */
const intelTests: Readonly<Record<string, Test>> = {
  o: overflow,
  no: not(overflow),
  b: carry,
  ae: not(carry),
  e: zero,
  ne: not(zero),
  be: either(carry, zero),
  a: not(either(carry, zero)),
  s: sign,
  ns: not(sign),
  p: parity,
  np: not(parity),
  l: less,
  ge: not(less),
  le: either(less, zero),
  g: not(either(less, zero)),
};

const n = bit(31);
const z = bit(30);
const c = bit(29);
const v = bit(28);

/** Conditions of arm64 by the letters behind the `b`, tested on cpsr. */
const arm64Tests: Readonly<Record<string, Test>> = {
  eq: z,
  ne: not(z),
  hs: c,
  lo: not(c),
  mi: n,
  pl: not(n),
  vs: v,
  vc: not(v),
  hi: not(either(not(c), z)),
  ls: either(not(c), z),
  ge: not(differ(n, v)),
  lt: differ(n, v),
  gt: not(either(z, differ(n, v))),
  le: either(z, differ(n, v)),
  al: () => true,
  nv: () => true,
};

/** Will this conditional branch be taken? Undefined when it is none, or a flag or register is not known. */
export function isBranchTaken(instruction: Instruction, registers: RegisterSet): boolean | undefined {
  if (instruction.flow !== 'conditional-branch') return undefined;
  return instruction.machine === 'arm64'
    ? arm64Taken(instruction, registers)
    : intelTaken(instruction, registers);
}

function intelTaken(instruction: Instruction, registers: RegisterSet): boolean | undefined {
  // A prefix may stand before the mnemonic: `bnd jne`.
  const name = instruction.mnemonic.slice(instruction.mnemonic.lastIndexOf(' ') + 1);
  if (/^j[er]?cxz$/.test(name)) {
    const count = registerValue(registers, name.slice(1, -1));
    return count === undefined ? undefined : count.value === 0n;
  }
  return name.startsWith('loop')
    ? loopTaken(name, instruction, registers)
    : tested(registers.get('efl'), intelTests[name.slice(1)]);
}

const tested = (flags: bigint | undefined, test: Test | undefined): boolean | undefined =>
  flags === undefined || test === undefined ? undefined : test(flags);

/** loop counts first and then jumps while the count is not 0; loope and loopne look at the zero flag as well. */
function loopTaken(name: string, instruction: Instruction, registers: RegisterSet): boolean | undefined {
  const counter = instruction.reads.find((register) => /^[er]?cx$/.test(register));
  const count =
    counter === undefined ? undefined : registerValue(registers, counterName(counter, instruction));
  if (count === undefined) return undefined;
  if (count.value === 1n) return false;
  return name === 'loop' ? true : tested(registers.get('efl'), intelTests[name.slice(4)]);
}

/** An address-size prefix halves the counter. */
function counterName(counter: string, { bytes }: Instruction): string {
  const isHalved = bytes.subarray(0, -2).includes(0x67);
  return !isHalved ? counter : counter === 'rcx' ? 'ecx' : 'cx';
}

function arm64Taken({ mnemonic, operands }: Instruction, registers: RegisterSet): boolean | undefined {
  const test = /^[ct]b(n?)z$/.exec(mnemonic);
  if (test === null) return tested(registers.get('cpsr'), arm64Tests[mnemonic.slice(1)]);
  const [register, bitNumber] = operands;
  const value = typeof register === 'string' ? registerValue(registers, register)?.value : undefined;
  if (value === undefined) return undefined;
  const isZero = typeof bitNumber === 'string' ? !bit(Number(bitNumber.slice(1)))(value) : value === 0n;
  return isZero !== (test[1] === 'n');
}
