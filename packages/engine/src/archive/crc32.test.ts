import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc32 } from './crc32.ts';

const crcOf = (...parts: Uint8Array[]) => {
  const crc = new Crc32();
  for (const part of parts) crc.add(part);
  return crc.value;
};
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('Crc32', () => {
  it('gives the published check values', () => {
    expect(crcOf(ascii('123456789'))).toBe(0xcbf43926);
    expect(crcOf(ascii('The quick brown fox jumps over the lazy dog'))).toBe(0x414fa339);
    expect(crcOf()).toBe(0);
  });

  it('does not depend on how the bytes are cut', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(bytes, fc.nat(100), (all, cut) => {
        const at = cut % all.length;
        expect(crcOf(all.subarray(0, at), all.subarray(at))).toBe(
          crcOf(...Array.from(all, (byte) => Uint8Array.of(byte))),
        );
      }),
    );
  });
});
