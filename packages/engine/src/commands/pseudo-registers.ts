import type { RegisterSet } from '../cpu/index.ts';
import type { Console } from './console.ts';

/** A register, part of one (`eax`, `al`, `r8d`), or pseudo register (`$ip`, `$thread`, `$bug_param1`) by its name. */
export function findRegister(console: Console, name: string): bigint | undefined {
  const registers = console.scope?.registers;
  const { header } = console.system.target.dump;
  switch (name) {
    case '.':
    case '$ip':
      return registers?.ip;
    case '$csp':
      return registers?.sp;
    case '$ra':
      return returnAddress(console);
    case '$retreg':
      return registers?.get(registers.machine === 'x64' ? 'rax' : registers.machine === 'x86' ? 'eax' : 'x0');
    case '$thread':
      return console.thread ?? console.system.thread?.address;
    case '$proc':
      return console.process ?? console.system.process?.address;
    case '$bug_code':
      return BigInt(header.bugCheckCode);
    default: {
      const parameter = /^\$bug_param([1-4])$/.exec(name)?.[1];
      if (parameter !== undefined) return header.bugCheckParameters[Number(parameter) - 1];
      return registerValue(registers, name);
    }
  }
}

function returnAddress(console: Console): bigint | undefined {
  const registers = console.scope?.registers;
  return registers === undefined ? undefined : console.system.stackFrom(registers, 2)[1]?.ip;
}

/** Halves of registers: `eax`, `ax`, `al`, `ah`, `r8d`, `r8w`, `r8b`; 32-bit values are sign-extended as the debugger does. */
function registerValue(registers: RegisterSet | undefined, name: string): bigint | undefined {
  const whole = registers?.get(name);
  if (whole !== undefined)
    return registers?.machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, whole)) : whole;
  const part = partOf(name, registers?.machine === 'x86' ? 'e' : 'r');
  const value = part === undefined ? undefined : registers?.get(part.register);
  return part === undefined || value === undefined
    ? undefined
    : BigInt.asUintN(part.bits, value >> part.shift);
}

/** The register and the bits of it that a name such as `eax`, `r8d` or `ah` means. */
export function partOf(
  name: string,
  prefix: string,
): { register: string; bits: number; shift: bigint } | undefined {
  const numbered = /^(r(?:8|9|1[0-5]))([dwb])$/.exec(name);
  if (numbered !== null)
    return { register: numbered[1]!, bits: { d: 32, w: 16, b: 8 }[numbered[2]!]!, shift: 0n };
  const e = /^e([a-z]{2})$/.exec(name)?.[1];
  if (e !== undefined) return { register: `${prefix}${e}`, bits: 32, shift: 0n };
  const word = /^([abcd]x|[sd]i|[sb]p)$/.exec(name)?.[1];
  if (word !== undefined) return { register: `${prefix}${word}`, bits: 16, shift: 0n };
  const byte = /^([abcd])([lh])$/.exec(name);
  if (byte !== null) return { register: `${prefix}${byte[1]}x`, bits: 8, shift: byte[2] === 'h' ? 8n : 0n };
  return undefined;
}
