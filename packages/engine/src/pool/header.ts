import { readU32 } from '../base/index.ts';
import type { HeaderField, PoolFormat } from './format.ts';

/** The header of a block as it stands in memory; sizes in bytes. */
export interface PoolHeader {
  readonly previousSize: number;
  /** Of the pool descriptor. */
  readonly index: number;
  /** Header included. */
  readonly size: number;
  /** As stored. */
  readonly type: number;
  /** As stored: with the bit that marks a protected tag. */
  readonly tag: number;
}

/** Set in the tag of a block that must be freed with that very tag. Source: ReactOS, real logs. */
export const protectedTag = 0x8000_0000;

/** A field of the first 32 bits of a header, in its own unit. */
export const fieldOf = (word: number, { fields }: PoolFormat, name: HeaderField): number =>
  (word >>> fields[name].shift) & fields[name].mask;

/** Those 32 bits with another value in a field. */
export function withField(word: number, { fields }: PoolFormat, name: HeaderField, value: number): number {
  const { shift, mask } = fields[name];
  return ((word & ~(mask << shift)) | ((value & mask) << shift)) >>> 0;
}

/** The header at an index of bytes; the caller has checked that they reach so far. */
export function decodeHeader(bytes: Uint8Array, at: number, format: PoolFormat): PoolHeader {
  const word = readU32(bytes, at);
  const { unit } = format;
  return {
    previousSize: fieldOf(word, format, 'previousSize') * unit,
    index: fieldOf(word, format, 'index'),
    size: fieldOf(word, format, 'size') * unit,
    type: fieldOf(word, format, 'type'),
    tag: readU32(bytes, at + 4),
  };
}

/** A tag as its four characters, without the protection bit. */
export const tagText = (tag: number): string =>
  String.fromCharCode(tag & 0xff, (tag >>> 8) & 0xff, (tag >>> 16) & 0xff, (tag >>> 24) & 0x7f);

/** The same from text of at most four characters; short ones end in blanks. Characters beyond a byte are not in tags. */
export function tagValue(text: string): number {
  const padded = text.padEnd(4).slice(0, 4);
  let value = 0;
  for (let at = 3; at >= 0; at--) value = value * 0x100 + (padded.charCodeAt(at) & 0xff);
  return value;
}

/** Are all four characters printable? Tags of drivers nearly always are. */
export function isPrintableTag(tag: number): boolean {
  const bare = tag & 0x7fff_ffff;
  for (let shift = 0; shift < 32; shift += 8) {
    const code = (bare >>> shift) & 0xff;
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
