import { describe, expect, it } from 'vitest';
import { tagValue } from './header.ts';
import { restOf } from './pool-ranges.ts';
import { BigSpans } from './walk/big-spans.ts';
import { commonBits, fitsTag, tagPattern } from './walk/tag-pattern.ts';

describe('what is left of a range', () => {
  it('is whole pages, without what others take', () => {
    const others = [
      { start: 0x5000n, end: 0x6001n },
      { start: 0x2800n, end: 0x3000n },
      { start: 0x2000n, end: 0x2900n },
      { start: 0x9000n, end: 0x20000n },
    ];
    expect(restOf({ start: 0x1000n, end: 0xa000n }, others)).toEqual([
      { start: 0x1000n, end: 0x2000n },
      { start: 0x3000n, end: 0x5000n },
      // One byte of a page is the end of a range that names its last byte.
      { start: 0x6000n, end: 0x9000n },
    ]);
    expect(restOf({ start: 0n, end: 0x1000n }, [{ start: 0n, end: 0x1000n }])).toEqual([]);
  });
});

describe('tags that are looked for', () => {
  const fits = (pattern: string, tag: string): boolean =>
    fitsTag(tagPattern(pattern)!, tagValue(tag) | 0x8000_0000);

  it.each([
    ['File', 'File', true],
    ['File', 'file', false],
    ['Irp', 'Irp ', true],
    ['F?le', 'Fale', true],
    ['Mm*', 'MmSt', true],
    ['Mm*', 'Mm  ', true],
    ['*le', 'File', true],
    ['F*e', 'Free', true],
    ['*i*', 'File', true],
    ['*i*', 'Free', false],
    ['*', 'Any1', true],
    ['????', 'Any1', true],
    ['**F**', 'xxxF', true],
  ])('%s and %s: %s', (pattern, tag, expected) => {
    expect(fits(pattern, tag)).toBe(expected);
    const { mask, value } = commonBits(tagPattern(pattern)!);
    if (expected) expect((tagValue(tag) & mask) >>> 0).toBe(value);
  });

  it('have no more than four characters', () => {
    expect([tagPattern('Files'), tagPattern('Fi*les')]).toEqual([undefined, undefined]);
  });
});

describe('pages of large allocations', () => {
  it('are told in any order of asking, overlaps and all', () => {
    const spans = new BigSpans([
      { address: 0x8000n, size: 0x2800n },
      { address: 0x2000n, size: 0x1000n },
      { address: 0x3000n, size: 0x4000n },
      { address: 0x4000n, size: 0x1000n },
    ]);
    const holds = (page: number): boolean => spans.holds(page);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].filter(holds)).toEqual([2, 3, 4, 5, 6, 8, 9, 10]);
    expect([11, 5, 2, 10, 1].filter(holds)).toEqual([5, 2, 10]);
    expect([holds(10), spans.takes(10), holds(9), spans.takes(9)]).toEqual([true, 0x800, true, 0]);
  });
});
