import { readU32 } from '../base/index.ts';
import type { StructureTypes } from './structure-types.ts';
import { nameAt } from './symbol-record.ts';
import { leaf } from './type-leaf.ts';
import type { TypeStream } from './type-stream.ts';

/** Name of a function by its index in the stream of items: in its class or namespace where it has one. */
export function functionName(
  index: number,
  items: TypeStream,
  structures: StructureTypes,
): string | undefined {
  const record = items.record(index);
  if (record === undefined || record.bytes.length < 8) return undefined;
  if (record.leaf !== leaf.LF_FUNC_ID && record.leaf !== leaf.LF_MFUNC_ID) return undefined;
  const name = nameAt(record.bytes, 8, record.bytes.length);
  const scope = readU32(record.bytes, 0);
  if (scope === 0) return name;
  const scopeName =
    record.leaf === leaf.LF_MFUNC_ID ? structures.structureAt(scope)?.name : textOf(scope, items);
  return scopeName === undefined ? name : `${scopeName}::${name}`;
}

/** Text of an item, such as a namespace. */
function textOf(index: number, items: TypeStream): string | undefined {
  const record = items.record(index);
  return record?.leaf === leaf.LF_STRING_ID && record.bytes.length > 4
    ? nameAt(record.bytes, 4, record.bytes.length)
    : undefined;
}
