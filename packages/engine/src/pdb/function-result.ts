import { readU32 } from '../base/index.ts';
import { basicWords } from './basic-type.ts';
import { readNumericLeaf } from './numeric-leaf.ts';
import { nameAt } from './symbol-record.ts';
import { firstIndex, leaf } from './type-leaf.ts';
import type { TypeStream } from './type-stream.ts';

const maxDepth = 8;
/** Of a modifier, the shortest of the records that are read here. */
const leastBytes = 6;

/**
 * What the function at an index returns, as the debugger writes it: `long`, `void*`; empty where that has no name.
 * Undefined for what is no function.
 */
export function resultOf(types: TypeStream, index: number): string | undefined {
  const record = index < firstIndex ? undefined : types.record(index);
  if (record === undefined || (record.leaf !== leaf.LF_PROCEDURE && record.leaf !== leaf.LF_MFUNCTION))
    return undefined;
  return record.bytes.length < 4 ? '' : wordsOf(types, readU32(record.bytes, 0), 0);
}

function wordsOf(types: TypeStream, index: number, depth: number): string {
  if (index < firstIndex) return basicWords(index) ?? '';
  const record = types.record(index);
  if (record === undefined || depth > maxDepth || record.bytes.length < leastBytes) return '';
  const { bytes } = record;
  switch (record.leaf) {
    case leaf.LF_MODIFIER:
      return wordsOf(types, readU32(bytes, 0), depth + 1);
    case leaf.LF_POINTER: {
      const target = wordsOf(types, readU32(bytes, 0), depth + 1);
      return target === '' ? '' : `${target}*`;
    }
    case leaf.LF_ENUM:
      return plainName(nameAt(bytes, 12, bytes.length));
    case leaf.LF_STRUCTURE:
    case leaf.LF_CLASS:
    case leaf.LF_UNION: {
      const size = readNumericLeaf(bytes, record.leaf === leaf.LF_UNION ? 8 : 16);
      return size === undefined ? '' : plainName(nameAt(bytes, size.end, bytes.length));
    }
    default:
      return '';
  }
}

/** A name of other letters than the profiles' form allows is left out. */
const plainName = (name: string): string => (/^\w+$/.test(name) ? name : '');
