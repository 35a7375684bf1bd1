import { Fault } from '../base/index.ts';
import { findEnumeration, reportType } from '../system/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { isStructure, valueOfCpp } from './cpp-result.ts';
import { type CppType, typeName } from './cpp-types.ts';
import { type CppValue, readCpp } from './cpp-value.ts';
import { evaluateCppIn } from './evaluate-in.ts';
import { type Line, plain } from './output.ts';
import { structureLines } from './structure-lines.ts';

export const evaluateCppCommand: Command = {
  names: ['??'],
  usage: 'EXPRESSION',
  summary: 'evaluate a C++ expression: casts, members, pointers',
  group: 'expressions',
  joins: /^[^?]/,
  details: [
    'Numbers are decimal, 0x stands before hexadecimal ones. Registers: @rax, @$proc (an _EPROCESS pointer), @$thread.',
    'Operators: sizeof, casts to types that are known, -> . [] * &, arithmetic, comparisons, && || ?:. Nothing is assigned.',
    '#FIELD_OFFSET(TYPE, MEMBER), #CONTAINING_RECORD(ADDR, TYPE, MEMBER), #RTL_FIELD_SIZE(TYPE, MEMBER) and',
    '#RTL_NUMBER_OF(ARRAY) are those of C; @@(EXPRESSION) and @@masm(EXPRESSION) are expressions as ? has them.',
    'A symbol of itself has no type: *(unsigned long*)&nt!Name reads it as one.',
  ],
  examples: [
    '?? @$proc->UniqueProcessId',
    '?? sizeof(nt!_POOL_HEADER)',
    '?? ((nt!_POOL_HEADER*)0xffffa30ebf6f0090)->PoolTag',
  ],
  run(console, args) {
    if (args === '') throw usageError(evaluateCppCommand, 'an expression is missing');
    const found = evaluateCppIn(console, args);
    return {
      data: valueOfCpp(console, found),
      lines: linesOf(console, found),
      call: `session.evaluateCpp(${JSON.stringify(args)})`,
    };
  },
};

/** Characters of a text that are shown. */
const longestText = 256;

function linesOf(console: Console, found: CppValue): Line[] {
  const { system } = console;
  const { type, at } = found;
  if (isStructure(found) || type.count !== undefined)
    return [
      ...plain(`${typeName(type)} 0x${system.addressText(at!)}${textAt(console, type, at!)}`),
      ...membersAt(console, found, at!),
    ];
  const value = found.value ?? readCpp(console, found);
  if (type.pointers === 0) return plain(`${typeName(type)} ${scalarText(console, value, type)}`);
  const head = plain(`${typeName(type)} 0x${system.addressText(value)}${textAt(console, type, value)}`);
  return type.pointers === 1 && value !== 0n ? [...head, ...membersAt(console, found, value)] : head;
}

/** Characters have their letter behind them, values of an enumeration their name before them. */
function scalarText({ system }: Console, value: bigint, { base, enumeration, module }: CppType): string {
  const number = numberText(system.shortText, value, base);
  if (enumeration !== undefined) {
    const values = findEnumeration(system, `${module}!${enumeration}`)?.values ?? [];
    const name = [...values].find(([, each]) => BigInt(each) === value)?.[0];
    return name === undefined ? number : `${name} (${number})`;
  }
  return base === 'i8' || base === 'u8' ? `${number} '${letterText(value)}'` : number;
}

const letterText = (value: bigint): string =>
  value >= 0x20n && value < 0x7fn ? String.fromCharCode(Number(value)) : '';

/** What an array of characters holds, or a pointer to them leads to: ` "System"`; empty where its bytes are not there. */
function textAt({ memory }: Console, { base, pointers, count, structure }: CppType, at: bigint): string {
  const isText = pointers + (count === undefined ? 0 : 1) === 1 && (base === 'i8' || base === 'u8');
  if (!isText || structure !== undefined || at === 0n) return '';
  const read = memory.tryRead(at, Math.min(count ?? longestText, longestText));
  const bytes = read instanceof Fault ? read.got : read;
  const end = bytes.indexOf(0);
  const whole = bytes.subarray(0, end < 0 ? bytes.length : end);
  return bytes.length === 0 ? '' : ` "${[...whole].map((byte) => letterText(BigInt(byte)) || '.').join('')}"`;
}

function numberText(hex: (value: bigint) => string, value: bigint, base: string): string {
  if (base === 'bool') return value === 0n ? 'false' : 'true';
  if (base.startsWith('i')) return `0n${value}`;
  return `0x${hex(BigInt.asUintN(64, value))}`;
}

/** Members of a structure, as `dt` shows them. */
function membersAt(console: Console, { type }: CppValue, at: bigint): Line[] {
  const { structure, module, prefix, count } = type;
  if (structure === undefined || prefix !== '' || count !== undefined) return [];
  const report = reportType(console.system, module, structure, { address: at, memory: console.memory });
  return structureLines(console.system, report, { values: true });
}
