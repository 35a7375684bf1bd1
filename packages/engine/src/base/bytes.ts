/** Little-endian integers and text out of byte arrays. The caller has checked the bounds. */

export const readU16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8);

/** A 32-bit value, little-endian. The caller has checked that the bytes are there. */
export const readU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

/** A signed 32-bit value. The caller has checked that the bytes are there. */
export const readI32 = (bytes: Uint8Array, at: number): number => readU32(bytes, at) | 0;

/** A 64-bit value, little-endian. The caller has checked that the bytes are there. */
export const readU64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readU32(bytes, at + 4)) << 32n) | BigInt(readU32(bytes, at));

/** A 64-bit value as a number; exact below 2^53, which callers check by comparing with real sizes. */
export const readU64AsNumber = (bytes: Uint8Array, at: number): number =>
  readU32(bytes, at + 4) * 0x1_0000_0000 + readU32(bytes, at);

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Bytes up to the first NUL as text, one character a byte. */
export function latin1z(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1(end < 0 ? bytes : bytes.subarray(0, end));
}

/** UTF-16LE code units as text; an odd last byte is ignored. */
export function utf16(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(readU16(bytes, at));
  return text;
}

/** Is every byte a printable ASCII character? False for an empty array. */
export function isPrintable(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** Are these the same bytes? */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
