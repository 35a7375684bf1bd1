import { describe, expect, it } from 'vitest';
import { seriesOver } from './series.ts';

/** Words of 4 bytes behind `from` zeros. */
function memory(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(0x80);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setUint32(0x10 + index * 4, word, true);
  return bytes;
}

const counted = (count: number): number[] => Array.from({ length: count }, (_, index) => 0xb00_0000 + index);

describe('a series', () => {
  it('is followed over the end of a block as far as it goes', () => {
    expect(seriesOver(memory(counted(12)), 0x10, 0x30)).toMatchObject({
      start: 0x10,
      end: 0x40,
      goesOn: true,
    });
  });

  it('is found in records of which one word counts', () => {
    const records = Array.from({ length: 7 }, (_, index) => [0x77, 5 + index]).flat();
    expect(seriesOver(memory([...records, 0x77]), 0x10, 0x30)).toMatchObject({ start: 0x10, end: 0x4c });
  });

  it('goes on behind words that were changed since', () => {
    const words = counted(14).map((word, index) => (index === 10 || index === 11 ? 0xffff_fa80 : word));
    expect(seriesOver(memory(words), 0x10, 0x30)).toMatchObject({ end: 0x48 });
  });

  it('is none where nothing goes on, and nothing counts', () => {
    expect(seriesOver(memory(counted(8)), 0x10, 0x30)).toBeUndefined();
    expect(seriesOver(new Uint8Array(0x80).fill(7), 0x10, 0x30)).toBeUndefined();
    expect(seriesOver(memory(counted(12)), 0x28, 0x30)).toBeUndefined();
  });
});
