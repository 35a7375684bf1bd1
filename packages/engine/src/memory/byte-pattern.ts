import { DebuggerError } from '../base/index.ts';

/** What a search looks for. */
export interface BytePattern {
  readonly bytes: Uint8Array;
  /** A match lies a multiple of so many bytes behind the start of the range. */
  readonly step: 1 | 2 | 4 | 8;
}

/** Longest pattern in bytes. */
export const longestPattern = 1024;

/** Little-endian values of 1, 2, 4 or 8 bytes one after another; only places aligned like the range's start match. */
export function valuePattern(values: readonly bigint[], size: 1 | 2 | 4 | 8): BytePattern {
  const bytes = new Uint8Array(values.length * size);
  values.forEach((value, index) => {
    for (let byte = 0; byte < size; byte++)
      bytes[index * size + byte] = Number((value >> BigInt(byte * 8)) & 0xffn);
  });
  return checked({ bytes, step: size });
}

/**
 * A text of one byte a character, or of two: UTF-16, at any address. Throws a DebuggerError for an empty text, and for characters above
 * 255 in bytes.
 */
export function textPattern(text: string, unit: 1 | 2 = 1): BytePattern {
  const bytes = new Uint8Array(text.length * unit);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (unit === 1 && code > 0xff)
      throw new DebuggerError('COMMAND_USAGE', `'${text[index]}' has no single byte; search with -u`);
    bytes[index * unit] = code & 0xff;
    if (unit === 2) bytes[index * 2 + 1] = code >> 8;
  }
  return checked({ bytes, step: 1 });
}

function checked(pattern: BytePattern): BytePattern {
  const { length } = pattern.bytes;
  if (length === 0) throw new DebuggerError('COMMAND_USAGE', 'the pattern is empty');
  if (length > longestPattern)
    throw new DebuggerError('COMMAND_USAGE', `the pattern is longer than ${longestPattern} bytes`);
  return pattern;
}

/** The two bytes of a pattern that memory holds most seldom, the nearer first; the same twice where there is one. */
export function rareBytes({ bytes }: BytePattern): { readonly first: number; readonly distance: number } {
  const bySeldom = [...bytes.keys()].sort((x, y) => commonness(bytes[x]!) - commonness(bytes[y]!) || x - y);
  const rarest = bySeldom[0]!;
  const second = bySeldom[1] ?? rarest;
  const first = Math.min(rarest, second);
  return { first, distance: Math.max(rarest, second) - first };
}

/** Kernel memory is full of zeros and of sign-extended addresses; then come small numbers and lower-case text. */
function commonness(byte: number): number {
  if (byte === 0) return 4;
  if (byte === 0xff || byte === 1) return 3;
  if (byte < 0x10 || (byte >= 0x61 && byte < 0x7b) || byte === 0x20) return 2;
  return byte >= 0xf0 || byte === 0x48 || byte === 0xcc ? 1 : 0;
}
