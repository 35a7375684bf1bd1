import { reportType } from '../system/index.ts';
import { type Command, usageError } from './command.ts';
import type { Console } from './console.ts';
import { evaluateCpp } from './cpp-parser.ts';
import { typeName } from './cpp-types.ts';
import { type CppValue, readCpp } from './cpp-value.ts';
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
    'Operators: sizeof, casts to types that are known, -> . [] * &, arithmetic, comparisons, && and ||. Nothing is assigned.',
    'A symbol of itself has no type: *(unsigned long*)&nt!Name reads it as one.',
  ],
  examples: [
    '?? @$proc->UniqueProcessId',
    '?? sizeof(nt!_POOL_HEADER)',
    '?? ((nt!_POOL_HEADER*)0xffffa30ebf6f0090)->PoolTag',
  ],
  run(console, args) {
    if (args === '') throw usageError(evaluateCppCommand, 'an expression is missing');
    const found = evaluateCpp(console, args);
    return {
      data: valueOfCpp(console, found),
      lines: linesOf(console, found),
      call: `session.evaluateCpp(${JSON.stringify(args)})`,
    };
  },
};

/** A structure is its address; all else its number. */
const isStructure = ({ type, at, value }: CppValue): boolean =>
  value === undefined &&
  at !== undefined &&
  type.pointers === 0 &&
  (type.structure !== undefined || type.base === 'void');

/** What a C++ expression is: its type, its value as far as it is a number, and where it is in memory. */
export interface CppResult {
  readonly type: string;
  readonly value: bigint | undefined;
  readonly at: bigint | undefined;
}

export function valueOfCpp(console: Console, found: CppValue): CppResult {
  const { type, at, value } = found;
  const isPlace = isStructure(found) || type.count !== undefined;
  return { type: typeName(type), at, value: isPlace ? undefined : (value ?? readCpp(console, found)) };
}

function linesOf(console: Console, found: CppValue): Line[] {
  const { system } = console;
  const { type, at } = found;
  if (isStructure(found) || type.count !== undefined)
    return [...plain(`${typeName(type)} 0x${system.addressText(at!)}`), ...membersAt(console, found, at!)];
  const value = found.value ?? readCpp(console, found);
  if (type.pointers === 0)
    return plain(`${typeName(type)} ${numberText(system.shortText, value, type.base)}`);
  const head = plain(`${typeName(type)} 0x${system.addressText(value)}`);
  return type.pointers === 1 && value !== 0n ? [...head, ...membersAt(console, found, value)] : head;
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
