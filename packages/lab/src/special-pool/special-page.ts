import { pageSize, readU32, type Va } from '@poolscope/engine/base';
import { writeU32, writeU64 } from '../bytes/integers.ts';

/** `end`: the block ends where its page does, to catch what runs over; `start`: it begins there. */
export type SpecialAlignment = 'end' | 'start';

/** What stands on the page of a block. */
export interface SpecialPageFacts {
  /** Bytes that the caller asked for. */
  readonly size: number;
  readonly tag: number;
  /** The byte that the page is filled with; never 0. */
  readonly pattern: number;
  readonly alignment: SpecialAlignment;
  readonly paged: boolean;
  /** Address of the verifier's record of the block, where the verifier made it. */
  readonly entry: Va | undefined;
}

/** Bits of the header's first word above the size. Source: ReactOS' special.c for the paged one; the other is observed. */
export const headerFlags = { verifier: 0x4000, paged: 0x8000 } as const;
export const sizeMask = 0x1fff;

/** Bytes of a POOL_HEADER, to which blocks are aligned too. */
export const unitOf = (pointerSize: 4 | 8): number => 2 * pointerSize;

/** Offset in its page of what the caller gets. */
export const dataOffset = (size: number, alignment: SpecialAlignment, pointerSize: 4 | 8): number =>
  alignment === 'start' ? 0 : (pageSize - size) & ~(unitOf(pointerSize) - 1);

/** Offset of the header: it is at the other end of the page. */
export const headerOffset = (alignment: SpecialAlignment, pointerSize: 4 | 8): number =>
  alignment === 'end' ? 0 : pageSize - unitOf(pointerSize);

/** Bytes that nobody may write, from one offset to another. */
export interface SlopSpan {
  readonly side: 'before' | 'after';
  readonly from: number;
  readonly to: number;
}

/** In the order in which they are checked. A start-aligned block has no room for the address of a record. */
export function slopSpans(
  { size, alignment, entry }: Pick<SpecialPageFacts, 'size' | 'alignment' | 'entry'>,
  pointerSize: 4 | 8,
): SlopSpan[] {
  const data = dataOffset(size, alignment, pointerSize);
  const unit = unitOf(pointerSize);
  const end = data + size;
  if (alignment === 'start') return [{ side: 'after', from: end, to: pageSize - unit }];
  const behindHeader = unit + (entry === undefined ? 0 : pointerSize);
  return [
    { side: 'before', from: behindHeader, to: data },
    { side: 'after', from: end, to: pageSize },
  ];
}

/** A fresh page: pattern, header and, behind that, the address of the verifier's record. */
export function specialPageBytes(facts: SpecialPageFacts, pointerSize: 4 | 8): Uint8Array {
  const { size, tag, pattern, alignment, paged, entry } = facts;
  const unit = unitOf(pointerSize);
  const header = headerOffset(alignment, pointerSize);
  const bytes = new Uint8Array(pageSize).fill(pattern);
  const flags = (entry === undefined ? 0 : headerFlags.verifier) | (paged ? headerFlags.paged : 0);
  bytes.fill(0, header, header + unit);
  writeU32(bytes, header, size | flags | (pattern << 16));
  writeU32(bytes, header + 4, tag);
  if (entry !== undefined && alignment === 'end') writePointer(bytes, unit, entry, pointerSize);
  return bytes;
}

/** The page of an end-aligned block once the verifier has a record of it. */
export function withEntry(page: Uint8Array, entry: Va, pointerSize: 4 | 8): Uint8Array {
  const bytes = page.slice();
  writeU32(bytes, 0, readU32(bytes, 0) | headerFlags.verifier);
  writePointer(bytes, unitOf(pointerSize), entry, pointerSize);
  return bytes;
}

export function writePointer(bytes: Uint8Array, offset: number, value: Va, pointerSize: 4 | 8): void {
  if (pointerSize === 8) writeU64(bytes, offset, value);
  else writeU32(bytes, offset, Number(value & 0xffff_ffffn));
}
