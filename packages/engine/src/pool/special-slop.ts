import { pageSize, readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import { headerSizeOf, type SpecialHeader } from './special-header.ts';

/** Neighbouring bytes that are not what the page was filled with. */
export interface ChangedBytes {
  readonly start: Va;
  readonly found: Uint8Array;
  /** Is it one byte that differs by one bit? Memory may be bad then. */
  readonly isSingleBit: boolean;
}

/** Bytes that nobody may write: filled with the pattern, and checked when the block is freed. */
export interface SlopArea {
  /** Before or behind the block. */
  readonly side: 'before' | 'after';
  readonly start: Va;
  readonly length: number;
  readonly changed: readonly ChangedBytes[];
}

/** What is checked of a page. */
export interface Slop {
  readonly areas: readonly SlopArea[];
  /** What stands where the verifier keeps the address of its record of the block; undefined: nothing does. */
  readonly verifierEntry: Va | undefined;
  /** Bytes checked, and those of them that hold the pattern. */
  readonly checked: number;
  readonly intact: number;
}

/** Compares what surrounds a block with the pattern. */
export function checkSlop(page: Va, bytes: Uint8Array, header: SpecialHeader, pointerSize: 4 | 8): Slop {
  const unit = headerSizeOf(pointerSize);
  const verifierEntry = entryIn(bytes, header, unit, pointerSize);
  const behindHeader = unit + (verifierEntry === undefined ? 0 : pointerSize);
  const end = header.data + header.size;
  const areas =
    header.alignment === 'end'
      ? [area('before', behindHeader, Math.max(behindHeader, header.data)), area('after', end, pageSize)]
      : [area('after', end, Math.max(end, header.at))];
  const filled = areas
    .filter(({ length }) => length > 0)
    .map((each) => ({ ...each, changed: changesIn(page, bytes, each, header.pattern) }));
  const checked = filled.reduce((sum, { length }) => sum + length, 0);
  const wrong = filled.flatMap(({ changed }) => changed).reduce((sum, { found }) => sum + found.length, 0);
  return {
    areas: filled.map(({ side, start, length, changed }) => ({
      side,
      start: page + BigInt(start),
      length,
      changed,
    })),
    verifierEntry,
    checked,
    intact: checked - wrong,
  };
}

interface Area {
  readonly side: SlopArea['side'];
  readonly start: number;
  readonly length: number;
}

const area = (side: SlopArea['side'], start: number, end: number): Area => ({
  side,
  start,
  length: end - start,
});

/** Behind the header of a block that the verifier made, where there is room: a kernel address, and not the pattern. */
function entryIn(
  bytes: Uint8Array,
  { at, alignment, data, byVerifier }: SpecialHeader,
  unit: number,
  pointerSize: 4 | 8,
): Va | undefined {
  const slot = at + unit;
  if (!byVerifier || alignment !== 'end' || data < slot + pointerSize) return undefined;
  const value = pointerSize === 8 ? readU64(bytes, slot) : signExtend32(readU32(bytes, slot));
  const isPattern = bytes.subarray(slot, slot + pointerSize).every((byte) => byte === bytes[slot]);
  return !isPattern && value >> 63n === 1n ? value : undefined;
}

function changesIn(page: Va, bytes: Uint8Array, { start, length }: Area, pattern: number): ChangedBytes[] {
  const changed: ChangedBytes[] = [];
  for (let at = start; at < start + length; at++) {
    if (bytes[at] === pattern) continue;
    const from = at;
    while (at + 1 < start + length && bytes[at + 1] !== pattern) at++;
    const found = bytes.slice(from, at + 1);
    changed.push({
      start: page + BigInt(from),
      found,
      isSingleBit: found.length === 1 && isPowerOfTwo(found[0]! ^ pattern),
    });
  }
  return changed;
}

const isPowerOfTwo = (value: number): boolean => value !== 0 && (value & (value - 1)) === 0;
