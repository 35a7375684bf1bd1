import { describe, expect, it } from 'vitest';
import { foreignExtent } from './foreign-extent.ts';
import type { Likeness } from './siblings.ts';

const word = 8;
/** Offsets and lengths, as a driver has them: some bytes vary, most are zero in all blocks. */
const own = (): Uint8Array =>
  Uint8Array.from({ length: 0x40 }, (_, at) => ([1, 2, 3].includes(at % word) ? 0x40 + at : 0));
const like = (): Likeness =>
  Int16Array.from(own(), (byte, at) => ([1, 2, 3].includes(at % word) ? -1 : byte));
const noise = (length: number): number[] => Array.from({ length }, (_, at) => 0x81 + ((at * 29) % 0x7e));
const mixedAt = (start: number) => ({ start, end: start + word, pattern: 'mixed' as const, text: undefined });

function extent(change: (bytes: Uint8Array) => void, at: number, likeness = like()) {
  const bytes = own();
  change(bytes);
  return foreignExtent(bytes, mixedAt(at), likeness, word);
}

describe('bytes that are not the owner’s', () => {
  it('reach over whole words up to one of the owner’s', () => {
    expect(extent((bytes) => bytes.set(noise(0x18), 0x10), 0x18)).toEqual({
      start: 0x10,
      end: 0x28,
      isEndSeen: true,
    });
  });

  it('end where a byte that is alike in all blocks is as it should be, and the one before it is not', () => {
    const found = extent((bytes) => bytes.set(noise(0x15), 0x10), 0x18);
    expect(found).toEqual({ start: 0x10, end: 0x25, isEndSeen: true });
  });

  it('have no end that is to be seen among bytes that differ from block to block', () => {
    const found = extent((bytes) => bytes.set(noise(0x12), 0x10), 0x18);
    expect(found.start).toBe(0x10);
    expect(found.isEndSeen).toBe(false);
  });

  it('have none either where there are no other blocks to compare with, and data goes on', () => {
    const nobody: Likeness = new Int16Array(0x40).fill(-1);
    const bytes = Uint8Array.from(noise(0x40));
    bytes.fill(7, 0x20, 0x23);
    expect(foreignExtent(bytes.fill(0, 0x23, 0x26), mixedAt(0x10), nobody, word).isEndSeen).toBe(false);
  });

  it('do not reach over addresses, which lists keep', () => {
    const nobody: Likeness = new Int16Array(0x40).fill(-1);
    const bytes = new Uint8Array(0x40);
    bytes.set([0x10, 0x42, 0x33, 0x22, 0x80, 0xfa, 0xff, 0xff], 0x08);
    bytes.set(noise(0x10), 0x10);
    expect(foreignExtent(bytes, mixedAt(0x10), nobody, word)).toEqual({
      start: 0x10,
      end: 0x20,
      isEndSeen: true,
    });
  });
});
