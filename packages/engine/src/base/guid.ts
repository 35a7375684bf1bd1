import { readU16, readU32 } from './bytes.ts';
import { padHex } from './hex.ts';

/** `270a33fd-3da6-460d-ba89-3c1bae21e39b` from the 16 bytes of a GUID: Data1 to Data3 as numbers, Data4 as bytes. */
export function guidText(bytes: Uint8Array): string {
  const tail = Array.from(bytes.subarray(8, 16), (byte) => padHex(byte, 2)).join('');
  const numbers = [padHex(readU32(bytes, 0), 8), padHex(readU16(bytes, 4), 4), padHex(readU16(bytes, 6), 4)];
  return [...numbers, tail.slice(0, 4), tail.slice(4)].join('-');
}

/** The same as 32 upper-case digits, as symbol stores write it. */
export const guidDigits = (bytes: Uint8Array): string => guidText(bytes).replaceAll('-', '').toUpperCase();
