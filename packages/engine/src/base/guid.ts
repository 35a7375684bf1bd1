import { readU16, readU32 } from './bytes.ts';
import { padHex } from './hex.ts';

/** 16 bytes of a GUID as 32 upper-case digits, as symbol stores write it: Data1 to Data3 as numbers, Data4 as bytes. */
export function guidDigits(bytes: Uint8Array): string {
  const head = padHex(readU32(bytes, 0), 8) + padHex(readU16(bytes, 4), 4) + padHex(readU16(bytes, 6), 4);
  return (head + [...bytes.subarray(8, 16)].map((byte) => padHex(byte, 2)).join('')).toUpperCase();
}
