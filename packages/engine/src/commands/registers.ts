import { DebuggerError, padHex } from '../base/index.ts';
import { generalRegisters, type RegisterSet } from '../cpu/index.ts';
import type { Command } from './command.ts';
import type { Console, Scope } from './console.ts';
import { currentInstructionLines } from './current-instruction.ts';
import { type Line, plain } from './output.ts';
import { findRegister, partOf } from './pseudo-registers.ts';

export const registersCommand: Command = {
  names: ['r'],
  usage: '[REGISTER[, REGISTER]...]',
  summary: 'show the registers of the current context',
  group: 'registers',
  joins: /^(?:m\s|[@$\d])/i,
  details: ['A register that the dump does not tell is shown as ????????.'],
  run(console, args) {
    const scope = requireScope(console);
    const names = args
      .split(/[\s,]+/)
      .filter((name) => name !== '')
      .map((name) => name.replace(/^@/, '').toLowerCase());
    if (names.length > 0) return someRegisters(console, scope.registers, names);
    return { data: Object.fromEntries(scope.registers.entries()), lines: registerBlock(console, scope) };
  },
};

export function requireScope(console: Console): Scope {
  if (console.scope === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump holds no registers of the crash');
  return console.scope;
}

function someRegisters(console: Console, registers: RegisterSet, names: readonly string[]) {
  const known = generalRegisters[registers.machine];
  const values = names.map((name) => {
    const value = registers.get(name) ?? findRegister(console, name);
    if (value === undefined && !known.includes(name))
      throw new DebuggerError('COMMAND_USAGE', `'${name}' is not a register`);
    return { name, value };
  });
  return {
    data: values,
    lines: plain(...values.map(({ name, value }) => `${name}=${valueText(registers, name, value)}`)),
  };
}

/** All registers, the flags, and the current instruction, in the debugger's layout. */
export function registerBlock(console: Console, scope: Scope): Line[] {
  return [...plain(...registerLines(scope)), ...currentInstructionLines(console, scope)];
}

export function registerLines(scope: Scope): string[] {
  const { machine } = scope.registers;
  return machine === 'x64'
    ? x64Lines(scope)
    : machine === 'x86'
      ? x86Lines(scope)
      : arm64Lines(scope.registers);
}

function valueText(registers: RegisterSet, name: string, value: bigint | undefined): string {
  const digits = digitsOf(registers, name);
  return value === undefined ? '?'.repeat(digits) : padHex(BigInt.asUintN(digits * 4, value), digits);
}

/** Hexadecimal digits of a register's width. */
function digitsOf({ machine }: RegisterSet, name: string): number {
  if (['cs', 'ss', 'ds', 'es', 'fs', 'gs'].includes(name)) return 4;
  if (machine === 'arm64') return name === 'cpsr' ? 8 : 16;
  if (machine === 'x86' || name === 'efl') return (partOf(name, 'e')?.bits ?? 32) / 4;
  return (partOf(name, 'r')?.bits ?? 64) / 4;
}

function row(registers: RegisterSet, names: readonly string[], separator: string): string {
  return names
    .map((name) => `${name.padStart(3)}=${valueText(registers, name, registers.get(name))}`)
    .join(separator);
}

function x64Lines(scope: Scope): string[] {
  const { registers } = scope;
  const names = generalRegisters.x64;
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += 3) lines.push(row(registers, names.slice(at, at + 3), ' '));
  return [...lines, ...flagLines(scope)];
}

function x86Lines(scope: Scope): string[] {
  const { registers } = scope;
  const words = flagWords(registers.get('efl'));
  return [
    row(registers, ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi'], ' '),
    `${row(registers, ['eip', 'esp', 'ebp'], ' ')} ${words}`,
    segmentLine(registers),
  ];
}

/** Trap frames lack the segment line, as in the debugger. */
function flagLines(scope: Scope): string[] {
  const words = flagWords(scope.registers.get('efl'));
  return scope.kind === 'trap' ? [words] : [words, segmentLine(scope.registers)];
}

function segmentLine(registers: RegisterSet): string {
  const segments = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'].map(
    (name) => `${name}=${valueText(registers, name, registers.get(name))}`,
  );
  return `${segments.join('  ')}             efl=${valueText(registers, 'efl', registers.get('efl'))}`;
}

/** Bit, word when clear, word when set: in the debugger's order. */
const flags: readonly (readonly [number, string, string])[] = [
  [11, 'nv', 'ov'],
  [10, 'up', 'dn'],
  [9, 'di', 'ei'],
  [7, 'pl', 'ng'],
  [6, 'nz', 'zr'],
  [4, 'na', 'ac'],
  [2, 'po', 'pe'],
  [0, 'nc', 'cy'],
];

function flagWords(efl: bigint | undefined): string {
  if (efl === undefined) return 'iopl=?';
  const value = Number(efl & 0xffff_ffffn);
  const words = flags.map(([bit, clear, set]) => (((value >>> bit) & 1) === 0 ? clear : set));
  return `iopl=${(value >>> 12) & 3}         ${words.join(' ')}`;
}

function arm64Lines(registers: RegisterSet): string[] {
  const names = [...generalRegisters.arm64].filter((name) => name !== 'pc');
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += 4) lines.push(row(registers, names.slice(at, at + 4), '  '));
  return [
    ...lines,
    `${row(registers, ['pc'], '')}  psr=${valueText(registers, 'cpsr', registers.get('cpsr'))} ${arm64Flags(registers.get('cpsr'))}`,
  ];
}

function arm64Flags(cpsr: bigint | undefined): string {
  if (cpsr === undefined) return '????';
  const value = Number(cpsr & 0xffff_ffffn);
  const letters = ['N', 'Z', 'C', 'V'].map((letter, index) =>
    ((value >>> (31 - index)) & 1) === 1 ? letter : '-',
  );
  return `${letters.join('')} EL${(value >>> 2) & 3}`;
}
