import { readU16, readU32, utf8Bytes } from '@poolscope/engine/base';

/** Hash of a name in tables of symbols, types and streams; letters hash alike in both cases. Source: microsoft-pdb, misc.h. */
export function nameHash(name: string): number {
  const bytes = utf8Bytes(name);
  const words = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < words; at += 4) hash ^= readU32(bytes, at);
  let at = words;
  if (bytes.length - at >= 2) {
    hash ^= readU16(bytes, at);
    at += 2;
  }
  if (at < bytes.length) hash ^= bytes[at]!;
  hash |= 0x2020_2020;
  hash ^= hash >>> 11;
  return (hash ^ (hash >>> 16)) >>> 0;
}

const polynomial = 0xedb8_8320;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ polynomial;
  return value;
});

/** Hash of a record of types: CRC-32 that begins with 0 and is not inverted at the end. Source: microsoft-pdb, LLVM. */
export function recordHash(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return crc >>> 0;
}
