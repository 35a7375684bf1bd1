import { readU32 } from '../../base/index.ts';
import { type ExpectedHeader, fieldOf, isPrintableTag, type PoolFormat } from '../../pool/index.ts';

/** Which bytes of a header are not what they were; offsets into it, the end exclusive. */
export interface HeaderChange {
  readonly first: number;
  readonly end: number;
  /** Bits that differ, where every bit of the sizes and the index is known. */
  readonly bits: number | undefined;
}

const fields = ['previousSize', 'size', 'index'] as const;

/**
 * Compares a header with what its neighbours say that it was. Fields that nobody knows count as unchanged; a tag that no
 * driver would choose counts as changed. Undefined: nothing differs.
 */
export function headerChange(
  bytes: Uint8Array,
  at: number,
  format: PoolFormat,
  expected: ExpectedHeader,
): HeaderChange | undefined {
  const word = readU32(bytes, at);
  let differing = 0;
  for (const name of fields) {
    const value = expected[name];
    if (value === undefined) continue;
    const wanted = name === 'index' ? value : value / format.unit;
    differing |= (fieldOf(word, format, name) ^ wanted) << format.fields[name].shift;
  }
  const changed = [0, 1, 2, 3].filter((byte) => ((differing >>> (byte * 8)) & 0xff) !== 0);
  if (!isPrintableTag(readU32(bytes, at + 4))) changed.push(7);
  const [first] = changed;
  return first === undefined ? undefined : { first, end: changed.at(-1)! + 1, bits: differing >>> 0 };
}
