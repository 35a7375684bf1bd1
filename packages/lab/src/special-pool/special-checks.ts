import { pageOf, pageSize, readU32, readU64, type Va } from '@poolscope/engine/base';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import {
  dataOffset,
  headerFlags,
  headerOffset,
  type SpecialAlignment,
  sizeMask,
  slopSpans,
  unitOf,
} from './special-page.ts';

/** SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION: what is wrong is the last parameter. */
const specialPoolCorruption = 0xc1;

export const specialBugCheck = (
  kind: number,
  ...[first, second, third]: [bigint, bigint, bigint]
): PoolBugCheck => new PoolBugCheck(specialPoolCorruption, [first, second, third, BigInt(kind)]);

/** The header of a block as it is found when the block is freed. */
export interface FoundHeader {
  readonly size: number;
  readonly tag: number;
  readonly pattern: number;
  readonly alignment: SpecialAlignment;
  readonly paged: boolean;
  readonly entry: Va | undefined;
}

/** A block that begins its page is start-aligned; the header is at the other end. */
export function readHeader(page: Uint8Array, va: Va, pointerSize: 4 | 8): FoundHeader {
  const alignment = Number(va & 0xfffn) === 0 ? 'start' : 'end';
  const at = headerOffset(alignment, pointerSize);
  const word = readU32(page, at);
  const unit = unitOf(pointerSize);
  const hasEntry = (word & headerFlags.verifier) !== 0 && alignment === 'end';
  const entry = pointerSize === 8 ? readU64(page, unit) : BigInt(readU32(page, unit));
  return {
    alignment,
    size: word & sizeMask,
    tag: readU32(page, at + 4),
    pattern: (word >>> 16) & 0xff,
    paged: (word & headerFlags.paged) !== 0,
    entry: hasEntry ? entry : undefined,
  };
}

/** Does the header fit the address that is freed? Throws 0x21 and 0x22. */
export function checkSize(va: Va, { size, alignment }: FoundHeader, pointerSize: 4 | 8): void {
  const unit = unitOf(pointerSize);
  const calculated = alignment === 'end' ? pageSize - Number(va & 0xfffn) : pageSize - unit;
  const parameters = [va, BigInt(size), BigInt(calculated)] as const;
  if (size > calculated) throw specialBugCheck(0x21, ...parameters);
  if (alignment === 'end' && size + unit < calculated) throw specialBugCheck(0x22, ...parameters);
}

/** The same on kernels with a segment heap: an address that is not that of the block, whichever way, is 0x21. */
export function checkPlace(va: Va, { size, alignment }: FoundHeader, pointerSize: 4 | 8): void {
  if (Number(va & 0xfffn) === dataOffset(size, alignment, pointerSize)) return;
  const calculated = alignment === 'end' ? pageSize - Number(va & 0xfffn) : pageSize - unitOf(pointerSize);
  throw specialBugCheck(0x21, va, BigInt(size), BigInt(calculated));
}

/** The first byte around a block that is not the pattern. */
export interface SlopDamage {
  readonly kind: 0x23 | 0x24 | 0x32;
  readonly at: Va;
}

/** In front of the block first. A byte that differs by one bit alone is told apart: memory may be bad. */
export function findSlopDamage(
  page: Uint8Array,
  va: Va,
  header: FoundHeader,
  pointerSize: 4 | 8,
): SlopDamage | undefined {
  for (const { side, from, to } of slopSpans(header, pointerSize))
    for (let at = from; at < to; at++) {
      const changed = page[at]! ^ header.pattern;
      if (changed === 0) continue;
      const kind = (changed & (changed - 1)) === 0 ? 0x32 : side === 'before' ? 0x23 : 0x24;
      return { kind, at: pageOf(va) + BigInt(at) };
    }
  return undefined;
}
