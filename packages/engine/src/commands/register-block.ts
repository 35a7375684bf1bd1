import { DebuggerError, padHex } from '../base/index.ts';
import { generalRegisters, type RegisterSet } from '../cpu/index.ts';
import type { Console, Scope } from './console.ts';
import { currentInstructionLines } from './current-instruction.ts';
import { type Line, plain } from './output.ts';

export function requireScope(console: Console): Scope {
  if (console.scope === undefined)
    throw new DebuggerError('MEMORY_UNREADABLE', 'this dump holds no registers of the crash');
  return console.scope;
}

/** All registers, the flags, and the current instruction, in the debugger's layout. */
export function registerBlock(console: Console, scope: Scope): Line[] {
  return [...plain(...registerLines(scope)), ...currentInstructionLines(console, scope)];
}

/** `segments`: the line of selectors too; trap frames of x64 have none. */
export function registerLines(scope: Scope, segments = true): string[] {
  const { machine } = scope.registers;
  if (machine === 'arm64') return arm64Lines(scope.registers);
  const lines = machine === 'x64' ? x64Lines(scope.registers) : x86Lines(scope.registers);
  const lacksSegments = scope.kind === 'trap' && machine === 'x64';
  return segments && !lacksSegments ? [...lines, segmentLine(scope.registers)] : lines;
}

function row(registers: RegisterSet, names: readonly string[], separator: string): string {
  return names.map((name) => `${name.padStart(3)}=${valueText(registers, name)}`).join(separator);
}

/** A register of the block in its width; question marks where it is not known. */
function valueText(registers: RegisterSet, name: string): string {
  const isWord = registers.machine === 'x86' || name === 'efl' || name === 'cpsr';
  const digits = /^[c-gs]s$/.test(name) ? 4 : isWord ? 8 : 16;
  const value = registers.get(name);
  return value === undefined ? '?'.repeat(digits) : padHex(BigInt.asUintN(digits * 4, value), digits);
}

function x64Lines(registers: RegisterSet): string[] {
  const names = generalRegisters.x64;
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += 3) lines.push(row(registers, names.slice(at, at + 3), ' '));
  return [...lines, flagWords(registers.get('efl'), 'x64')];
}

const x86Lines = (registers: RegisterSet): string[] => [
  row(registers, ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi'], ' '),
  `${row(registers, ['eip', 'esp', 'ebp'], ' ')} ${flagWords(registers.get('efl'), 'x86')}`,
];

export function segmentLine(registers: RegisterSet): string {
  const segments = ['cs', 'ss', 'ds', 'es', 'fs', 'gs'].map(
    (name) => `${name}=${valueText(registers, name)}`,
  );
  return `${segments.join('  ')}             efl=${valueText(registers, 'efl')}`;
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

const parity = 1 << 2;

/** On x64 the debugger has the two words of the parity flag the other way round: this is its layout, so it is ours. */
function flagWords(efl: bigint | undefined, machine: 'x64' | 'x86'): string {
  if (efl === undefined) return 'iopl=?';
  const value = Number(efl & 0xffff_ffffn) ^ (machine === 'x64' ? parity : 0);
  const words = flags.map(([bit, clear, set]) => (((value >>> bit) & 1) === 0 ? clear : set));
  return `iopl=${(value >>> 12) & 3}         ${words.join(' ')}`;
}

function arm64Lines(registers: RegisterSet): string[] {
  const names = [...generalRegisters.arm64].filter((name) => name !== 'pc');
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += 4) lines.push(row(registers, names.slice(at, at + 4), '  '));
  const psr = registers.get('cpsr');
  return [...lines, `${row(registers, ['pc'], '')}  psr=${valueText(registers, 'cpsr')} ${arm64Flags(psr)}`];
}

function arm64Flags(cpsr: bigint | undefined): string {
  if (cpsr === undefined) return '????';
  const value = Number(cpsr & 0xffff_ffffn);
  const letters = ['N', 'Z', 'C', 'V'].map((letter, index) =>
    ((value >>> (31 - index)) & 1) === 1 ? letter : '-',
  );
  return `${letters.join('')} EL${(value >>> 2) & 3}`;
}
