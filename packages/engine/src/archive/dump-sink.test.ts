import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../base/index.ts';
import { MemorySink } from './dump-sink.ts';

const megabyte = 1 << 20;
const counted = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7) ^ (i >> 12));

describe('MemorySink', () => {
  it('gives back what was written, across its blocks', () => {
    const all = counted(2 * megabyte + 100);
    const sink = new MemorySink(3 * megabyte);
    for (const [from, to] of [
      [0, 10],
      [10, 10],
      [10, megabyte + 5],
      [megabyte + 5, all.length],
    ])
      sink.write(all.subarray(from, to));
    const source = sink.finish();
    expect(source.size).toBe(all.length);
    const position = fc.integer({ min: 0, max: all.length + 10 });
    fc.assert(
      fc.property(position, fc.nat(megabyte + 20), (offset, length) => {
        const target = new Uint8Array(length);
        const expected = all.subarray(offset, offset + length);
        expect(source.readInto(offset, target)).toBe(expected.length);
        expect(equalBytes(target.subarray(0, expected.length), expected)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the bytes and not the caller's array", () => {
    const sink = new MemorySink(100);
    const chunk = Uint8Array.of(1, 2, 3);
    sink.write(chunk);
    chunk.fill(9);
    const target = new Uint8Array(3);
    sink.finish().readInto(0, target);
    expect(target).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('refuses what is beyond its limit, and not what reaches it', () => {
    const sink = new MemorySink(10);
    sink.write(new Uint8Array(10));
    expect(sink.finish().size).toBe(10);
    expect(() => sink.write(new Uint8Array(1))).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_TOO_LARGE' }),
    );
  });

  it('reads nothing outside the dump', () => {
    const sink = new MemorySink(10);
    sink.write(new Uint8Array(10));
    const source = sink.finish();
    expect(source.readInto(-1, new Uint8Array(4))).toBe(0);
    expect(source.readInto(10, new Uint8Array(4))).toBe(0);
  });

  it('starts anew after discard', () => {
    const sink = new MemorySink(10);
    sink.write(new Uint8Array(10));
    sink.discard();
    expect(sink.finish().size).toBe(0);
  });
});
