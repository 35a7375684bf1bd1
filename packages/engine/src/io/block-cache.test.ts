import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readU32 } from '../base/index.ts';
import { BlockCache, type BlockCacheOptions } from './block-cache.ts';
import type { ByteSource } from './byte-source.ts';

/** A source that counts what it is asked for; `ends` is where its bytes end, whatever its size says. */
class CountingSource implements ByteSource {
  readonly reads: { readonly offset: number; readonly length: number }[] = [];
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #ends: number;
  failing = false;

  constructor(bytes: Uint8Array, ends = bytes.length) {
    this.size = bytes.length;
    this.#bytes = bytes;
    this.#ends = ends;
  }

  readInto(offset: number, target: Uint8Array): number {
    this.reads.push({ offset, length: target.length });
    if (this.failing) throw new Error('unreadable');
    const count = Math.max(0, Math.min(target.length, this.#ends - offset));
    target.set(this.#bytes.subarray(offset, offset + count));
    return count;
  }
}

const bytesOf = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 13 + (index >> 16)) & 0xff);

const kilobyte = 1024;
const bytes = bytesOf(300 * kilobyte + 123);

const options: fc.Arbitrary<BlockCacheOptions> = fc.record({
  blockSize: fc.constantFrom(4096, 8192, 65536),
  capacity: fc.constantFrom(0, 4096, 20_000, 100_000, 1 << 20),
  readAhead: fc.constantFrom(0, 4096, 16384, 65536, 1 << 19),
});

/** Reads at random, and runs of reads that follow one another. */
const reads = fc.array(
  fc.record({
    offset: fc.integer({ min: -20, max: bytes.length + 20 }),
    length: fc.oneof(fc.nat(20), fc.nat(5000), fc.constantFrom(4096, 8192, 65536), fc.nat(150_000)),
    repeat: fc.constantFrom(1, 1, 1, 3, 12),
  }),
  { maxLength: 25 },
);

/** What a read must give when the source's bytes end at `ends`. */
const expected = (offset: number, length: number, ends: number) =>
  offset < 0 ? new Uint8Array(0) : bytes.subarray(offset, Math.max(offset, Math.min(offset + length, ends)));

function check(cache: BlockCache, offset: number, length: number, ends: number): void {
  const target = new Uint8Array(length);
  const count = cache.readInto(offset, target);
  const wanted = expected(offset, length, ends);
  expect(count).toBe(wanted.length);
  expect(Buffer.compare(target.subarray(0, count), wanted)).toBe(0);
  const view = new DataView(bytes.buffer);
  const [has8, has4] = [8, 4].map((size) => offset >= 0 && offset + size <= ends);
  expect(cache.readU64(offset)).toBe(has8 ? view.getBigUint64(offset, true) : undefined);
  expect(cache.readU32(offset)).toBe(has4 ? view.getUint32(offset, true) : -1);
}

describe('BlockCache', () => {
  it('gives what the source holds, whatever its sizes and the order of reads', () => {
    fc.assert(
      fc.property(options, reads, (given, list) => {
        const cache = new BlockCache(new CountingSource(bytes), given);
        for (const { offset, length, repeat } of list) {
          for (let i = 0; i < repeat; i++) check(cache, offset + i * length, length, bytes.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('gives what there is of a source that ends early', () => {
    fc.assert(
      fc.property(options, reads, fc.nat(bytes.length), (given, list, ends) => {
        const cache = new BlockCache(new CountingSource(bytes, ends), given);
        for (const { offset, length, repeat } of list) {
          for (let i = 0; i < repeat; i++) check(cache, offset + i * length, length, ends);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads an array of its own', () => {
    const cache = new BlockCache(new CountingSource(bytes));
    expect(cache.read(100, 50)).toEqual(bytes.slice(100, 150));
    expect(cache.read(bytes.length - 5, 50)).toEqual(bytes.slice(-5));
    expect(cache.read(bytes.length + 5, 50)).toHaveLength(0);
  });

  it('holds nothing of an empty source', () => {
    const cache = new BlockCache(new CountingSource(new Uint8Array(0)));
    expect(cache.readInto(0, new Uint8Array(4))).toBe(0);
    expect(cache.readU32(0)).toBe(-1);
    expect(cache.readU64(0)).toBeUndefined();
  });

  it('refuses a block size that is no power of two', () => {
    for (const blockSize of [0, 512, 5000]) {
      expect(() => new BlockCache(new CountingSource(bytes), { blockSize })).toThrow('block size');
    }
  });
});

describe('what the source is asked for', () => {
  const large = bytesOf(8 << 20);

  it('is one word the first time in a block, the block the second time, then nothing', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source);
    const places = [5_000_000, 1_000_000, 7_000_000];
    for (const at of places) expect(cache.readU32(at)).toBe(readU32(large, at));
    expect(source.reads).toEqual(places.map((offset) => ({ offset, length: 4 })));
    for (const at of [...places, ...places]) expect(cache.readU32(at + 4)).toBe(readU32(large, at + 4));
    expect(source.reads.slice(3)).toEqual(
      [1220, 244, 1708].map((block) => ({ offset: block * 4096, length: 4096 })),
    );
  });

  it('is whole blocks from the first word on where reads are dear', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { blockSize: 65536 });
    cache.readU64(5_000_000);
    cache.readU64(5_000_008);
    expect(source.reads).toEqual([{ offset: 76 * 65536, length: 65536 }]);
  });

  it('grows while reads run on, up to the read-ahead', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { readAhead: 65536 });
    for (let at = 0; at < large.length; at += 512) cache.readU64(at);
    const lengths = source.reads.map(({ length }) => length / 4096);
    expect(lengths.slice(1, 6)).toEqual([1, 2, 4, 8, 16]);
    expect(Math.max(...lengths)).toBe(16);
    expect(lengths.slice(1).reduce((sum, length) => sum + length)).toBe(large.length / 4096);
  });

  it('keeps growing when single reads come between', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { readAhead: 65536 });
    for (let at = 0; at < large.length / 2; at += 4096) {
      cache.readU64(at);
      if (at % 65536 === 0) cache.readU64(large.length - 8 - at);
    }
    const inStream = source.reads.filter(({ offset }) => offset < large.length / 2);
    expect(inStream.length).toBeLessThan(large.length / 2 / 65536 + 12);
  });

  it('stops before what is held already', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source);
    cache.readU32(4 * 4096);
    cache.readU32(4 * 4096);
    for (let block = 0; block < 6; block++) cache.readU32(block * 4096);
    const blocks = source.reads.flatMap(({ offset, length }) =>
      Array.from({ length: length / 4096 }, (_, i) => offset / 4096 + i),
    );
    expect(blocks.filter((block) => block === 4)).toHaveLength(1);
  });

  it('is the whole of a long read, past the cache', () => {
    const source = new CountingSource(large);
    const target = new Uint8Array(1 << 20);
    expect(new BlockCache(source).readInto(12345, target)).toBe(target.length);
    expect(source.reads).toEqual([{ offset: 12345, length: target.length }]);
  });

  it('is asked again after it failed', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source);
    source.failing = true;
    for (let i = 0; i < 3; i++) expect(() => cache.readU32(8192)).toThrow('unreadable');
    expect(() => cache.readInto(0, new Uint8Array(20_000))).toThrow('unreadable');
    source.failing = false;
    expect(cache.readU32(8192)).toBe(new DataView(large.buffer).getUint32(8192, true));
    expect(cache.read(0, 20_000)).toEqual(large.slice(0, 20_000));
  });
});

describe('what is kept', () => {
  const large = bytesOf(8 << 20);
  const touch = (cache: BlockCache, blocks: readonly number[]) => {
    for (const block of blocks) cache.readU32(block * 4096);
  };
  // Every third block, so that none follows another.
  const working = Array.from({ length: 100 }, (_, index) => 1000 + index * 3);

  it('is a working set read twice, however much passes through once', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { capacity: 300 * 4096, readAhead: 4096 });
    for (let round = 0; round < 3; round++) touch(cache, working);
    for (let block = 0; block < 900; block++) cache.readU32(block * 4096);
    const before = source.reads.length;
    touch(cache, working);
    expect(source.reads.length - before).toBeLessThanOrEqual(working.length);
    const settled = source.reads.length;
    touch(cache, working);
    expect(source.reads.length).toBe(settled);
  });

  it('is no more than its capacity', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { capacity: 64 * 4096, readAhead: 4096 });
    for (let round = 0; round < 6; round++) touch(cache, working);
    expect(source.reads.length).toBeGreaterThan(6 * (working.length - 64));
  });

  it('is what is used, when there is room for some only', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { capacity: 60 * 4096, readAhead: 4096 });
    const blocks = Array.from({ length: 610 }, (_, index) => 100 + index * 3);
    const hot = blocks.slice(0, 10);
    for (let phase = 1; phase <= 20; phase++) {
      const passing = blocks.slice(phase * 30 - 20, phase * 30 + 10);
      for (const block of [...passing, ...passing]) touch(cache, [...hot, block]);
    }
    const hotReads = source.reads.filter(({ offset }) => hot.includes(offset / 4096)).length;
    expect(hotReads).toBeLessThanOrEqual(2 * hot.length);
  });

  it('is not what was read before long ago', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source, { capacity: 60 * 4096, readAhead: 4096 });
    const blocks = Array.from({ length: 200 }, (_, index) => 100 + index * 3);
    const old = 1;
    touch(cache, [old, ...blocks.slice(0, 150), old, ...blocks.slice(150), old]);
    expect(source.reads.filter(({ offset }) => offset === old * 4096)).toHaveLength(3);
  });

  it('is a whole block from the second time on: the first goes straight to its reader', () => {
    const source = new CountingSource(large);
    const cache = new BlockCache(source);
    const target = new Uint8Array(4096);
    const readsAfter = [1, 2, 3].map(() => {
      cache.readInto(40 * 4096, target.fill(0));
      expect(Buffer.compare(target, large.subarray(40 * 4096, 41 * 4096))).toBe(0);
      return source.reads.length;
    });
    expect(readsAfter).toEqual([1, 2, 2]);
  });
});
