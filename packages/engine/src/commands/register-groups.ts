import { padHex } from '../base/index.ts';
import { floatingRegisters, generalRegisters, type Machine } from '../cpu/index.ts';
import type { Console, Scope } from './console.ts';
import { extendedText } from './float-text.ts';
import { type Line, plain, span } from './output.ts';
import { registerLines, segmentLine } from './register-block.ts';
import { vectorText } from './register-format.ts';
import { registerParts as parts } from './register-mask.ts';
import { controlLines, debugLine, descriptorLine } from './special-lines.ts';

/** Registers of the parts that a mask names, in the debugger's order; a part that the dump does not hold is said. */
export function groupLines(console: Console, scope: Scope, mask: number): Line[] {
  const { machine } = scope.registers;
  return [
    ...generalLines(scope, mask),
    ...(has(mask, parts.floatingPoint) ? floatLines(scope) : []),
    ...(has(mask, parts.mmx) ? listLines(scope, mmxNames, 2) : []),
    ...(has(mask, parts.xmm) ? listLines(scope, vectorNames(machine), 1) : []),
    ...(has(mask, parts.control) ? controlLines(console) : []),
    ...(has(mask, parts.debug) ? debugLine(console) : []),
    ...(has(mask, parts.descriptors) ? descriptorLine(console) : []),
  ];
}

/** Names of all registers of these parts, for the data of `r`. */
export function groupNames(machine: Machine, mask: number): string[] {
  const isIntel = machine !== 'arm64';
  const status = isIntel ? ['efl'] : ['cpsr'];
  return [
    ...(has(mask, parts.integer32 | parts.integer64) ? [...generalRegisters[machine], ...status] : []),
    ...(has(mask, parts.segments) && isIntel ? ['cs', 'ss', 'ds', 'es', 'fs', 'gs'] : []),
    ...(has(mask, parts.floatingPoint) ? floatNames(machine) : []),
    ...(has(mask, parts.mmx) ? mmxNames : []),
    ...(has(mask, parts.xmm) ? vectorNames(machine) : []),
    ...(has(mask, parts.control) ? ['cr0', 'cr2', 'cr3', ...(machine === 'x64' ? ['cr8'] : [])] : []),
    ...(has(mask, parts.debug) ? ['dr0', 'dr1', 'dr2', 'dr3', 'dr6', 'dr7', 'cr4'] : []),
    ...(has(mask, parts.descriptors) ? ['gdtr', 'gdtl', 'idtr', 'idtl', 'tr', 'ldtr'] : []),
  ];
}

const has = (mask: number, bits: number): boolean => (mask & bits) !== 0;

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

const mmxNames = numbered('mm', 8);

const vectorNames = (machine: Machine): string[] =>
  machine === 'arm64' ? numbered('v', 32) : numbered('xmm', machine === 'x64' ? 16 : 8);

const floatNames = (machine: Machine): string[] =>
  machine === 'arm64'
    ? [...numbered('v', 32), 'fpcr', 'fpsr']
    : ['fpcw', 'fpsw', 'fptw', 'fopcode', 'fpip', 'fpipsel', 'fpdp', 'fpdpsel', ...numbered('st', 8)];

function generalLines(scope: Scope, mask: number): Line[] {
  const segments = has(mask, parts.segments);
  if (has(mask, parts.integer32 | parts.integer64)) return plain(...registerLines(scope, segments));
  return segments && scope.registers.machine !== 'arm64' ? plain(segmentLine(scope.registers)) : [];
}

const absent = (what: string): Line[] => [
  [span(`The record that these registers are from holds no ${what}.`, 'dim')],
];

function floatLines(scope: Scope): Line[] {
  const values = floatingRegisters(scope.registers);
  if (scope.registers.machine === 'arm64') return listLines(scope, vectorNames('arm64'), 1);
  if (!values.has('fpcw')) return absent('floating point registers');
  const value = (name: string): number => Number(values.get(name) ?? 0n);
  const hex = (name: string, digits = 4): string => padHex(value(name), digits);
  const capitals = (name: string): string => hex(name).toUpperCase();
  const stack = numbered('st', 8).map((name) => `${name}=${extendedText(values.get(name)!)}`);
  return plain(
    `fpcw=${capitals('fpcw')}: ${controlText(value('fpcw'))}  fpsw=${capitals('fpsw')}: ${statusText(value('fpsw'))}  fptw=${capitals('fptw')}`,
    `fopcode=${hex('fopcode')}  fpip=${hex('fpipsel')}:${hex('fpip', 8)}  fpdp=${hex('fpdpsel')}:${hex('fpdp', 8)}`,
    ...inColumns(stack, 2),
  );
}

const roundings = ['rn', 'rd', 'ru', 'rz'];
const precisions = ['24', '??', '53', '64'];

/** `rn 53 puozdi`: rounding, bits of precision, and the exceptions that are masked. */
function controlText(word: number): string {
  return `${roundings[(word >>> 10) & 3]} ${precisions[(word >>> 8) & 3]} ${letters('puozdi', word)}`;
}

/** `top=0 cc=1000 --p-----`: top of the stack, C3 to C0, busy, stack fault and the exceptions that are pending. */
function statusText(word: number): string {
  const conditions = [14, 10, 9, 8].map((bit) => (word >>> bit) & 1).join('');
  const busy = (word >>> 15) & 1 ? 'b' : '-';
  return `top=${(word >>> 11) & 7} cc=${conditions} ${busy}${letters('spuozdi', word)}`;
}

/** A letter for each bit that is set, the lowest bit last. */
const letters = (names: string, word: number): string =>
  Array.from(names, (name, index) => ((word >>> (names.length - 1 - index)) & 1 ? name : '-')).join('');

function inColumns(cells: readonly string[], count: number): string[] {
  return Array.from({ length: Math.ceil(cells.length / count) }, (_, index) =>
    cells.slice(index * count, (index + 1) * count).join('  '),
  );
}

function listLines(scope: Scope, names: readonly string[], columns: number): Line[] {
  const values = floatingRegisters(scope.registers);
  const known = names.filter((name) => values.has(name));
  if (known.length === 0) return absent(columns === 1 ? 'vector registers' : 'MMX registers');
  const cells = known.map((name) => {
    const value = values.get(name)!;
    return `${name}=${columns === 1 ? vectorText(value) : padHex(value, 16)}`;
  });
  return plain(...inColumns(cells, columns));
}
