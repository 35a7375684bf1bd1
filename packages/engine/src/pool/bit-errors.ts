import { readU32 } from '../base/index.ts';
import { decodeType } from './block-type.ts';
import type { Chain } from './chains.ts';
import type { PoolFormat } from './format.ts';
import { fieldOf, withField } from './header.ts';
import type { BitError } from './page.ts';
import type { PageBytes } from './page-bytes.ts';

/** More damage than one bit can do. */
const mostPlaces = 8;

/**
 * Looks for one bit, in the first 32 bits of headers next to what does not agree, that would make the page whole. Tags
 * are not tried: nothing tells what a tag was.
 */
export function findBitErrors(
  page: PageBytes,
  format: PoolFormat,
  chains: readonly Chain[],
  index: number | undefined,
): BitError[] {
  const places = new Set<number>(chains[0]?.first === 0 ? [] : [0]);
  for (const chain of chains) {
    places.add(chain.first);
    places.add(chain.last);
    if (chain.end < format.units) places.add(chain.end);
    if (chain.back >= 0) places.add(chain.back);
  }
  if (places.size > mostPlaces || page.mask.includes(0)) return [];
  return [...places].sort((a, b) => a - b).flatMap((unit) => tryBits(page, format, unit, index));
}

/** The same for headers that agree about sizes, one at a time. */
export function tryBits(
  page: PageBytes,
  format: PoolFormat,
  unit: number,
  index: number | undefined,
): BitError[] {
  const at = unit * format.unit;
  const found = readU32(page.bytes, at);
  const words = page.bytes.slice();
  const errors: BitError[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const expected = (found ^ (1 << bit)) >>> 0;
    for (let byte = 0; byte < 4; byte++) words[at + byte] = expected >>> (byte * 8);
    if (isWhole(words, format, index)) errors.push({ at: page.address + BigInt(at), bit, found, expected });
  }
  // Bits that no rule looks at change nothing; they are no find.
  return isWhole(page.bytes, format, index) ? [] : errors;
}

function isWhole(bytes: Uint8Array, format: PoolFormat, index: number | undefined): boolean {
  let previous = 0;
  for (let unit = 0; unit < format.units; ) {
    const word = readU32(bytes, unit * format.unit);
    const size = fieldOf(word, format, 'size');
    if (size === 0 || unit + size > format.units || fieldOf(word, format, 'previousSize') !== previous)
      return false;
    if (!decodeType(fieldOf(word, format, 'type'), format.encoding).isValid) return false;
    if (index !== undefined && fieldOf(word, format, 'index') !== index) return false;
    previous = size;
    unit += size;
  }
  return true;
}

/** The name of the field that a bit is in, and its values: for the user. */
export function fieldOfBit(
  { bit, found, expected }: BitError,
  format: PoolFormat,
): { readonly field: string; readonly found: number; readonly expected: number } {
  for (const name of ['previousSize', 'index', 'size', 'type'] as const) {
    if (withField(found, format, name, fieldOf(expected, format, name)) === expected && expected !== found)
      return { field: name, found: fieldOf(found, format, name), expected: fieldOf(expected, format, name) };
  }
  return { field: `bit ${bit}`, found, expected };
}
