/** Little-endian integers and text into byte arrays: the writing twin of the engine's reading functions. */

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = (value >>> 8) & 0xff;
  bytes[at + 2] = (value >>> 16) & 0xff;
  bytes[at + 3] = (value >>> 24) & 0xff;
}

export function writeU64(bytes: Uint8Array, at: number, value: bigint): void {
  writeU32(bytes, at, Number(value & 0xffff_ffffn));
  writeU32(bytes, at + 4, Number((value >> 32n) & 0xffff_ffffn));
}

/** A 64-bit value below 2^53. */
export function writeU64Number(bytes: Uint8Array, at: number, value: number): void {
  writeU32(bytes, at, value >>> 0);
  writeU32(bytes, at + 4, Math.floor(value / 0x1_0000_0000));
}

export function u32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}

export function u64Bytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

/** Text as one byte a character, with a closing NUL when asked for. */
export function asciiBytes(text: string, terminated = false): Uint8Array {
  const bytes = new Uint8Array(text.length + (terminated ? 1 : 0));
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index) & 0xff;
  return bytes;
}

/** Text as UTF-16LE, with a closing NUL when asked for. */
export function utf16Bytes(text: string, terminated = false): Uint8Array {
  const bytes = new Uint8Array(2 * (text.length + (terminated ? 1 : 0)));
  for (let index = 0; index < text.length; index++) writeU16(bytes, 2 * index, text.charCodeAt(index));
  return bytes;
}

/** Four characters as the u32 that has them as its bytes. */
export const fourCc = (text: string): number =>
  (text.charCodeAt(0) |
    (text.charCodeAt(1) << 8) |
    (text.charCodeAt(2) << 16) |
    (text.charCodeAt(3) << 24)) >>>
  0;

export const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

export const alignUpVa = (value: bigint, alignment: bigint): bigint =>
  ((value + alignment - 1n) / alignment) * alignment;

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
