import type { Machine, RegisterSet } from '../cpu/index.ts';

/** A register's value and its width in bits. */
export interface RegisterValue {
  readonly value: bigint;
  readonly bits: number;
}

export interface Part {
  readonly whole: string;
  readonly bits: number;
  readonly shift: number;
}

/** The four letters a, b, c, d have a high byte; the index and pointer registers do not. */
function intelParts(): Map<string, Part> {
  const parts = new Map<string, Part>();
  const add = (name: string, whole: string, bits: number, shift = 0) =>
    parts.set(name, { whole, bits, shift });
  for (const letter of ['a', 'b', 'c', 'd']) {
    add(`e${letter}x`, `r${letter}x`, 32);
    add(`${letter}x`, `r${letter}x`, 16);
    add(`${letter}l`, `r${letter}x`, 8);
    add(`${letter}h`, `r${letter}x`, 8, 8);
  }
  for (const name of ['si', 'di', 'bp', 'sp', 'ip']) {
    add(`e${name}`, `r${name}`, 32);
    add(name, `r${name}`, 16);
    if (name !== 'ip') add(`${name}l`, `r${name}`, 8);
  }
  for (let number = 8; number <= 15; number++) {
    add(`r${number}d`, `r${number}`, 32);
    add(`r${number}w`, `r${number}`, 16);
    add(`r${number}b`, `r${number}`, 8);
  }
  return parts;
}

const x64Parts = intelParts();

/** Value of a register or of a part of one (`eax` of `rax`, `w8` of `x8`); undefined when it is not known. */
export function registerValue(registers: RegisterSet, name: string): RegisterValue | undefined {
  if (name === 'xzr' || name === 'wzr') return { value: 0n, bits: name === 'xzr' ? 64 : 32 };
  const { whole, bits, shift } = partOf(registers.machine, name);
  const value = registers.get(whole);
  return value === undefined ? undefined : { value: BigInt.asUintN(bits, value >> BigInt(shift)), bits };
}

/** What a name such as `eax`, `r8d` or `w8` is a part of; undefined for whole registers and for other words. */
export function registerPart(machine: Machine, name: string): Part | undefined {
  const part = partOf(machine, name);
  return part.whole === name ? undefined : part;
}

function partOf(machine: Machine, name: string): Part {
  if (machine === 'arm64') return arm64Part(name);
  const part = x64Parts.get(name);
  if (machine === 'x64') return part ?? { whole: name, bits: 64, shift: 0 };
  const isPart = part !== undefined && part.bits < 32;
  return isPart ? { ...part, whole: part.whole.replace('r', 'e') } : { whole: name, bits: 32, shift: 0 };
}

/** Names that the debugger shows for registers which a register set knows by number. */
const arm64Aliases: Readonly<Record<string, string>> = {
  ip0: 'x16',
  ip1: 'x17',
  pr: 'x18',
  29: 'fp',
  30: 'lr',
  sp: 'sp',
};

/** `w8` is the low half of `x8`, `w29` of `fp`; `xip0` is `x16`. */
function arm64Part(name: string): Part {
  const match = /^([wx])(.+)$/.exec(name);
  if (match === null) return { whole: name, bits: 64, shift: 0 };
  return { whole: arm64Aliases[match[2]!] ?? `x${match[2]}`, bits: match[1] === 'w' ? 32 : 64, shift: 0 };
}
