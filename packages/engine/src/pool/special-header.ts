import { isPrintable, pageSize, readU32 } from '../base/index.ts';

/** `end`: the block ends where its page does, to catch what runs over; `start`: it begins there. */
export type SpecialAlignment = 'end' | 'start';

/**
 * The header of a block in special pool. Source: ReactOS' description of Server 2003, and Microsoft's pages; that 0x4000
 * stands for the verifier and 0x2000 for sessions is observed, not documented.
 */
export interface SpecialHeader {
  readonly alignment: SpecialAlignment;
  /** Offset of the header in the page. */
  readonly at: number;
  /** Bytes that the caller asked for. */
  readonly size: number;
  /** Offset in the page of what the caller got. */
  readonly data: number;
  /** The byte that the page was filled with. */
  readonly pattern: number;
  readonly tag: number;
  readonly paged: boolean;
  /** Made by the verifier, for a driver that it watches. */
  readonly byVerifier: boolean;
  readonly inSession: boolean;
}

const sizeMask = 0x1fff;
const [sessionFlag, verifierFlag, pagedFlag] = [0x2000, 0x4000, 0x8000];

/** Bytes of a POOL_HEADER, to which blocks are aligned too. */
export const headerSizeOf = (pointerSize: 4 | 8): number => 2 * pointerSize;

/** Both readings of a page: as a block at its end, and at its start; only those whose header can be one. */
export function decodeSpecialHeaders(page: Uint8Array, pointerSize: 4 | 8): SpecialHeader[] {
  const unit = headerSizeOf(pointerSize);
  return (['end', 'start'] as const).flatMap((alignment) => decode(page, alignment, unit) ?? []);
}

function decode(page: Uint8Array, alignment: SpecialAlignment, unit: number): SpecialHeader | undefined {
  const at = alignment === 'end' ? 0 : pageSize - unit;
  const word = readU32(page, at);
  const size = word & sizeMask;
  const pattern = (word >>> 16) & 0xff;
  const tag = readU32(page, at + 4);
  if (size === 0 || size > pageSize - unit || pattern === 0) return undefined;
  const start = page.subarray(at, at + 8);
  // A page that somebody filled with one letter has no header.
  if (start.every((byte) => byte === start[0]) || !isTag(start.subarray(4))) return undefined;
  const data = alignment === 'end' ? (pageSize - size) & ~(unit - 1) : 0;
  return {
    alignment,
    at,
    size,
    data,
    pattern,
    tag,
    paged: (word & pagedFlag) !== 0,
    byVerifier: (word & verifierFlag) !== 0,
    inSession: (word & sessionFlag) !== 0,
  };
}

/** Printable, but for the top bit of the last character, which protects a block against other callers' frees. */
function isTag(bytes: Uint8Array): boolean {
  const letters = bytes.slice();
  letters[3]! &= 0x7f;
  return isPrintable(letters);
}
