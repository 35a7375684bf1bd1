import type { Console } from './console.ts';
import { typeName } from './cpp-types.ts';
import { type CppValue, readCpp } from './cpp-value.ts';

/** A structure is its address; all else its number. */
export const isStructure = ({ type, at, value }: CppValue): boolean =>
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
