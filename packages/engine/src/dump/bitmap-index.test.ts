import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BitmapIndex } from './bitmap-index.ts';

const bitmapAt = 0x38;
const firstPageAt = 0x10000;

function indexOf(bits: readonly boolean[], extra: readonly boolean[] = []): BitmapIndex {
  const bytes = new Uint8Array(bitmapAt + Math.ceil((bits.length + extra.length) / 8));
  [...bits, ...extra].forEach((bit, pfn) => {
    if (bit) bytes[bitmapAt + (pfn >> 3)]! |= 1 << (pfn & 7);
  });
  return new BitmapIndex(
    new BlockCache(new BufferSource(bytes)),
    bitmapAt,
    bits.length,
    firstPageAt,
    bits.filter(Boolean).length,
  );
}

/** Long bitmaps of uniform stretches, so that several pieces and ranks are crossed. */
const stretches = fc
  .array(fc.record({ bit: fc.boolean(), length: fc.nat(20_000) }), { maxLength: 8 })
  .map((list) => list.flatMap(({ bit, length }) => new Array<boolean>(length).fill(bit)));

describe('BitmapIndex', () => {
  it('B-4 places a page behind all present pages below it', () => {
    const index = indexOf([false, true, true, false, true]);
    expect([0, 1, 2, 3, 4, 5].map((pfn) => index.offsetOf(pfn))).toEqual([
      -1,
      firstPageAt,
      firstPageAt + 0x1000,
      -1,
      firstPageAt + 0x2000,
      -1,
    ]);
  });

  it.each([
    ['short', fc.array(fc.boolean(), { maxLength: 300 })],
    ['long', stretches],
  ] as const)('agrees with counting bits (%s)', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.array(fc.nat(170_000), { maxLength: 40 }), (bits, pfns) => {
        const index = indexOf(bits);
        const ranks: number[] = [];
        let rank = 0;
        for (const bit of bits) ranks.push(bit ? rank++ : -1);
        for (const pfn of pfns) {
          const expected = pfn < bits.length && (bits[pfn] ?? false) ? firstPageAt + ranks[pfn]! * 4096 : -1;
          expect(index.offsetOf(pfn)).toBe(expected);
        }
        expect(index.countBits()).toBe(rank);
      }),
      { numRuns: 60 },
    );
  });

  it('lists present pages as runs', () => {
    fc.assert(
      fc.property(stretches, (bits) => {
        const seen = new Uint8Array(bits.length);
        let end = -1;
        for (const { base, count } of indexOf(bits).runs()) {
          expect(base).toBeGreaterThan(end);
          seen.fill(1, base, base + count);
          end = base + count;
        }
        expect(seen.every((bit, pfn) => (bit === 1) === bits[pfn])).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('B-6 ignores bits behind its end', () => {
    const index = indexOf([true, false, true], [true, true, true]);
    expect(index.offsetOf(3)).toBe(-1);
    expect(index.countBits()).toBe(2);
    expect(index.offsetOf(-1)).toBe(-1);
  });

  it('gives a sign of life in long stretches without pages, and parts of long runs', () => {
    const bits = 5 * 2 ** 20;
    const bytes = new Uint8Array(bitmapAt + bits / 8).fill(0xff, bitmapAt + bits / 16);
    const index = new BitmapIndex(
      new BlockCache(new BufferSource(bytes)),
      bitmapAt,
      bits,
      firstPageAt,
      bits / 2,
    );
    expect([...index.runs()]).toEqual([
      { base: 2 ** 21, count: 0 },
      { base: bits / 2, count: 2 ** 22 - bits / 2 },
      { base: 2 ** 22, count: 2 ** 20 },
    ]);
  });
});
