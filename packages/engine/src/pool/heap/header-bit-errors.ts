import { readU32 } from '../../base/index.ts';
import { fieldOfBit } from '../bit-errors.ts';
import type { PoolFormat } from '../format.ts';
import { fieldOf } from '../header.ts';
import type { PageBytes } from '../page-bytes.ts';
import type { HeapBitError } from './heap-block.ts';
import { brokenHeaderRules, type HeaderLimits } from './heap-header.ts';

/** Bits of the first 32 of a POOL_HEADER of which one alone, the other way, would make it agree with its block. */
export function headerBitErrors(
  page: PageBytes,
  format: PoolFormat,
  at: number,
  limits: HeaderLimits,
): HeapBitError[] {
  const found = readU32(page.bytes, at);
  if (isRight(found, format, limits)) return [];
  const errors: HeapBitError[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const expected = (found ^ (1 << bit)) >>> 0;
    if (!isRight(expected, format, limits)) continue;
    const address = page.address + BigInt(at);
    const named = fieldOfBit({ at: address, bit, found, expected }, format);
    const unit = named.field === 'size' || named.field === 'previousSize' ? format.unit : 1;
    errors.push({
      at: address,
      bit,
      field: named.field,
      found: named.found * unit,
      expected: named.expected * unit,
    });
  }
  return errors;
}

function isRight(word: number, format: PoolFormat, limits: HeaderLimits): boolean {
  const header = {
    size: fieldOf(word, format, 'size') * format.unit,
    previousSize: fieldOf(word, format, 'previousSize') * format.unit,
    type: fieldOf(word, format, 'type'),
  };
  return brokenHeaderRules(header, limits).length === 0;
}
