import type { Va } from '../../base/index.ts';
import {
  decodeHeader,
  decodeType,
  isPrintableTag,
  type PoolFormat,
  type PoolHeader,
  poolFormat,
  readPage,
  tagText,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { driversWithTag } from './tag-users.ts';

/** The header in front of an address in free memory, where it is left of a block that began there. */
export function mergedBlock(system: CrashedSystem, address: Va): PoolHeader | undefined {
  const format = poolFormat(system);
  const { bytes } = readPage(system.memory, address & ~0xfffn);
  const at = Number(address & 0xfffn) - format.unit;
  return at < 0 ? undefined : staleHeader(system, bytes, at, format);
}

/**
 * What was a header before the block was merged with its neighbours: it agrees with the one before it or the one behind, or a
 * driver names its tag.
 */
export function staleHeader(
  system: CrashedSystem,
  bytes: Uint8Array,
  at: number,
  format: PoolFormat,
): PoolHeader | undefined {
  const header = decodeHeader(bytes, at, format);
  const end = at + header.size;
  const { isValid } = decodeType(header.type, format.encoding);
  const fits = header.size > format.unit && end <= bytes.length && isValid && isPrintableTag(header.tag);
  if (!fits) return undefined;
  const before = at - header.previousSize;
  const isBehind = header.previousSize > 0 && before >= 0 && leadsTo(bytes, before, { at, end }, format);
  const isBefore = end < bytes.length && decodeHeader(bytes, end, format).previousSize === header.size;
  const isKnown = isBehind || isBefore || driversWithTag(system, tagText(header.tag)).size > 0;
  return isKnown ? header : undefined;
}

/** Is the block before one that ends there, or that has taken in what was there when it was free? */
function leadsTo(
  bytes: Uint8Array,
  before: number,
  { at, end }: { readonly at: number; readonly end: number },
  format: PoolFormat,
): boolean {
  const { size, type } = decodeHeader(bytes, before, format);
  const { state, isValid } = decodeType(type, format.encoding);
  return before + size === at || (isValid && state === 'free' && before + size >= end);
}
