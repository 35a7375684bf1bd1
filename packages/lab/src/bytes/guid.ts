import { assert } from '@poolscope/engine/base';
import { writeU16, writeU32 } from './integers.ts';

/** A GUID as Windows stores it: u32, u16, u16 little-endian, then eight bytes as written. */
export function guidBytes(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  assert(/^[0-9a-fA-F]{32}$/.test(digits), `${text} is not a GUID`);
  const bytes = Uint8Array.from({ length: 16 }, (_, index) =>
    Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
  );
  writeU32(bytes, 0, Number.parseInt(digits.slice(0, 8), 16));
  writeU16(bytes, 4, Number.parseInt(digits.slice(8, 12), 16));
  writeU16(bytes, 6, Number.parseInt(digits.slice(12, 16), 16));
  return bytes;
}
