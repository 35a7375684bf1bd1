import { signExtend32, type Va } from '../base/index.ts';
import { findEnumeration, findType } from '../system/index.ts';
import type { Member, StructureType } from '../types/index.ts';
import type { Console } from './console.ts';
import { cppError } from './cpp-tokens.ts';

/** A type of a C++ expression: an integer, `void`, or a structure, behind pointers and in arrays. */
export interface CppType {
  /** `u8` to `i64`, `f32`, `f64`, `void`, or the structure's name. */
  readonly base: string;
  readonly module: string;
  readonly pointers: number;
  readonly count: number | undefined;
  /** The structure, where it is one; of one without a name the owner, and the beginning of its members' paths. */
  readonly structure: StructureType | undefined;
  readonly prefix: string;
  /** Of 32 bits, and called long. */
  readonly isLong?: boolean;
  /** Name of the enumeration that an integer is of. */
  readonly enumeration?: string | undefined;
}

/** Basic types and those of Windows' headers. */
const scalars: Readonly<Record<string, string>> = {
  void: 'void',
  char: 'i8',
  bool: 'u8',
  short: 'i16',
  int: 'i32',
  long: 'i32',
  wchar_t: 'u16',
  __int64: 'i64',
  float: 'f32',
  double: 'f64',
  UCHAR: 'u8',
  CHAR: 'i8',
  BYTE: 'u8',
  BOOLEAN: 'u8',
  USHORT: 'u16',
  SHORT: 'i16',
  WORD: 'u16',
  WCHAR: 'u16',
  ULONG: 'u32',
  LONG: 'i32',
  DWORD: 'u32',
  NTSTATUS: 'i32',
  ULONGLONG: 'u64',
  ULONG64: 'u64',
  LONGLONG: 'i64',
  DWORD64: 'u64',
  VOID: 'void',
  KIRQL: 'u8',
  BOOL: 'i32',
  INT: 'i32',
  UINT: 'u32',
  LONG64: 'i64',
  ...Object.fromEntries(
    [8, 16, 32, 64].flatMap((bits) => [
      [`INT${bits}`, `i${bits}`],
      [`UINT${bits}`, `u${bits}`],
    ]),
  ),
};
const pointerSized: Readonly<Record<string, 'u' | 'i'>> = {
  ULONG_PTR: 'u',
  UINT_PTR: 'u',
  DWORD_PTR: 'u',
  SIZE_T: 'u',
  LONG_PTR: 'i',
  INT_PTR: 'i',
};
/** Types that are called long, and not int. */
const isLong = (name: string): boolean => /^(long|LONG|NTSTATUS)$/.test(name);

export const scalar = (base: string, pointers = 0): CppType => ({
  base,
  module: 'nt',
  pointers,
  count: undefined,
  structure: undefined,
  prefix: '',
});

/** The type of a name: a basic one, or a structure with or without its module; undefined when there is none. */
export function namedType(console: Console, words: readonly string[]): CppType | undefined {
  const bits = console.system.target.pointerSize * 8;
  const isUnsigned = words.includes('unsigned');
  const rest = words.filter(
    (word) => !/^(unsigned|signed|struct|union|class|enum|const|volatile)$/.test(word),
  );
  const name = rest
    .join(' ')
    .replace(/^long long$/, '__int64')
    .replace(/ int$/, '');
  if (name === '') return words.length === 0 ? undefined : scalar(isUnsigned ? 'u32' : 'i32');
  const sized = Object.hasOwn(pointerSized, name) ? pointerSized[name] : undefined;
  if (sized !== undefined) return scalar(`${sized}${bits}`);
  const base = Object.hasOwn(scalars, name) ? scalars[name]! : undefined;
  if (base !== undefined)
    return { ...scalar(isUnsigned ? base.replace(/^i(?=\d)/, 'u') : base), isLong: isLong(name) };
  if (name === 'HANDLE') return scalar('void', 1);
  if (/^P[A-Z_\d]+$/.test(name) && Object.hasOwn(scalars, name.slice(1)))
    return scalar(scalars[name.slice(1)]!, 1);
  return structureType(console, name) ?? enumerationType(console, name);
}

function enumerationType(console: Console, name: string): CppType | undefined {
  try {
    const found = findEnumeration(console.system, name);
    const enumeration = name.slice(name.indexOf('!') + 1);
    return found === undefined ? undefined : { ...scalar('i32'), module: found.module, enumeration };
  } catch {
    return undefined;
  }
}

export function structureType(console: Console, name: string, pointers = 0): CppType | undefined {
  try {
    const { module, type } = findType(console.system, name);
    return { ...scalar(type.name, pointers), module, structure: type };
  } catch {
    return undefined;
  }
}

/** The type of a member of a structure. */
export function memberType(console: Console, of: CppType, member: Member): CppType {
  const count = member.isArray ? member.count : undefined;
  if (member.kind === 'pointer') {
    const target = member.target ?? 'void';
    const stars = /^\**/.exec(target)![0].length;
    const base = target.slice(stars);
    const known = /^[uif](8|16|32|64)$|^void$/.test(base)
      ? undefined
      : structureType(console, `${of.module}!${base}`);
    return {
      ...(known ?? scalar(known === undefined && !isScalar(base) ? 'void' : base)),
      pointers: stars + 1,
      count,
    };
  }
  if (member.kind !== 'structure') {
    const { enumeration, kind } = member;
    return { ...scalar(kind), module: of.module, count, isLong: kind === 'i32', enumeration };
  }
  if (member.structure === undefined)
    return {
      ...scalar('<unnamed-tag>'),
      module: of.module,
      structure: of.structure,
      prefix: `${member.path}.`,
      count,
    };
  const structure = of.structure?.structureOf(member);
  return { ...scalar(member.structure), module: of.module, structure, count };
}

const isScalar = (base: string): boolean => base === 'void' || /^[uif](8|16|32|64)$/.test(base);

/** Bytes of a value of the type. Throws where that is not known. */
export function sizeOfType({ system }: Console, type: CppType): number {
  const one = sizeOfOne(type, system.target.pointerSize);
  if (one === undefined) throw cppError(`the size of ${typeName(type)} is not known`);
  return one * (type.count ?? 1);
}

function sizeOfOne({ base, pointers, structure, prefix }: CppType, pointerSize: number): number | undefined {
  if (pointers > 0) return pointerSize;
  if (base === 'void') return undefined;
  if (base === 'bool') return 1;
  if (structure !== undefined)
    return prefix === '' ? structure.size : structure.member(prefix.slice(0, -1))?.size;
  const bits = /\d+$/.exec(base)?.[0];
  return bits === undefined ? undefined : Number(bits) / 8;
}

const names: Readonly<Record<string, string>> = {
  u8: 'unsigned char',
  i8: 'char',
  u16: 'unsigned short',
  i16: 'short',
  u32: 'unsigned long',
  i32: 'int',
  u64: 'unsigned int64',
  i64: 'int64',
  f32: 'float',
  f64: 'double',
  void: 'void',
  bool: 'bool',
};

/** `unsigned int64`, `struct _EPROCESS *`, `unsigned char [15]`. */
export function typeName({ base, pointers, count, isLong: long, enumeration }: CppType): string {
  const name =
    enumeration !== undefined ? enumeration : long === true && base === 'i32' ? 'long' : nameOfBase(base);
  return `${name}${pointers > 0 ? ` ${'*'.repeat(pointers)}` : ''}${count === undefined ? '' : ` [${count}]`}`;
}

const nameOfBase = (base: string): string => (Object.hasOwn(names, base) ? names[base]! : `struct ${base}`);

/** An integer cut to a type, and addresses in the form of this program. */
export function convert({ system }: Console, value: bigint, { base, pointers }: CppType): bigint {
  if (pointers > 0)
    return system.target.pointerSize === 4
      ? signExtend32(Number(BigInt.asUintN(32, value)))
      : BigInt.asUintN(64, value);
  const width = Number(/\d+$/.exec(base)?.[0] ?? 64);
  return base.startsWith('i') ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

export const addressIn = (value: bigint): Va => BigInt.asUintN(64, value);
