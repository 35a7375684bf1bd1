import { readU32, readU64 } from '../../base/index.ts';
import {
  type ExpectedHeader,
  fieldOf,
  isPrintableTag,
  type PageBytes,
  type PoolBlock,
  type PoolFormat,
} from '../../pool/index.ts';

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
 * driver would choose counts as changed. `billed` is what the last 8 bytes of a header of x64 were, where that is known.
 * Undefined: nothing differs.
 */
export function headerChange(
  bytes: Uint8Array,
  at: number,
  format: PoolFormat,
  expected: ExpectedHeader,
  billed?: bigint,
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
  if (billed !== undefined && readU64(bytes, at + 8) !== billed) changed.push(15);
  const [first] = changed;
  return first === undefined ? undefined : { first, end: changed.at(-1)! + 1, bits: differing >>> 0 };
}

/** Fewest headers that have to agree about it. */
const fewestAgreeing = 3;

/**
 * The key of a page's headers that no process pays for: from Windows 8 on their last 8 bytes are the header's address, XOR-ed
 * with it. Undefined where they do not agree.
 */
export function billingKey(
  { address, bytes }: PageBytes,
  blocks: readonly PoolBlock[],
  { unit }: PoolFormat,
): bigint | undefined {
  if (unit !== 16) return undefined;
  const counts = new Map<bigint, number>();
  for (const { address: at, quota } of blocks) {
    if (quota) continue;
    const key = readU64(bytes, Number(at - address) + 8) ^ at;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] >= fewestAgreeing ? best[0] : undefined;
}
