import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandBuiltMemory, pae, x64, x86 } from '../../test/hand-built-memory.ts';
import type { Va } from '../base/index.ts';
import { BlockCache, BufferSource } from '../io/index.ts';
import { BlockMemory, PagedMemory, type VirtualMemory } from '../mmu/index.ts';
import { type BytePattern, longestPattern, textPattern, valuePattern } from './byte-pattern.ts';
import { type FindWindow, giveBack, plainWindow, takeWindow } from './fast-find.ts';
import { keepMatches, runToEnd, searchMemory, searchStrings } from './search.ts';
import { pieceSize } from './search-window.ts';

const base = 0xfffff80000010000n;
const size = 0x5000;

/** A few pages with few different bytes: `x` is mapped and there, `.` not mapped, `-` mapped and not in the dump. */
const layouts = fc.array(fc.constantFrom('x', 'x', 'x', '.', '-'), { minLength: 5, maxLength: 5 });
const contents = fc.tuple(fc.integer({ min: 1, max: 0x7fff_ffff }), fc.constantFrom(2, 3, 256));

interface Plain {
  readonly memory: VirtualMemory;
  /** The byte at an offset from `base`, or -1. */
  readonly at: (offset: number) => number;
}

function build(pages: readonly string[], [seed, alphabet]: readonly [number, number], shape = x64): Plain {
  const built = new HandBuiltMemory(shape);
  const start = shape === x64 ? base : BigInt.asUintN(64, BigInt.asIntN(32, 0x8001_0000n));
  const plain = new Int16Array(size).fill(-1);
  let state = seed;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) % alphabet;
  };
  pages.forEach((kind, index) => {
    if (kind === '.') return;
    // Neighbours in memory are none in the file.
    const pa = 0x80_0000 + ((index * 3) % 5) * 0x1000;
    const page = built.map(start + BigInt(index * 0x1000), pa);
    for (let at = 0; at < 0x1000; at++) page[at] = random();
    if (kind === '-') built.drop(pa);
    else plain.set(page, index * 0x1000);
  });
  return { memory: new PagedMemory(built.build(), shape.setup), at: (offset) => plain[offset] ?? -1 };
}

function oracle({ at }: Plain, from: number, to: number, { bytes, step }: BytePattern): Va[] {
  const hits: Va[] = [];
  for (let offset = from; offset + bytes.length <= to; offset += step)
    if (bytes.every((byte, index) => at(offset + index) === byte)) hits.push(base + BigInt(offset));
  return hits;
}

const patterns = fc.oneof(
  fc
    .array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 9 })
    .map((bytes) => valuePattern(bytes.map(BigInt), 1)),
  fc
    .tuple(
      fc.constantFrom(2 as const, 4 as const, 8 as const),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 }),
    )
    .map(([width, values]) => valuePattern(values.map(BigInt), width)),
  fc
    .string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('\u0000', '\u0001') })
    .map((text) => textPattern(text, 2)),
);

const everything = { limit: 1 << 20 };

describe('searchMemory', () => {
  it('finds what a plain loop finds, over holes, page borders and any start', () => {
    fc.assert(
      fc.property(
        layouts,
        contents,
        patterns,
        fc.nat(size),
        fc.nat(size),
        (pages, content, pattern, a, b) => {
          const plain = build(pages, content);
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const range = { start: base + BigInt(from), end: base + BigInt(to) };
          const result = runToEnd(searchMemory(plain.memory, range, pattern, everything));
          expect(result.hits).toEqual(oracle(plain, from, to, pattern));
          let present = 0;
          for (let offset = from; offset < to; offset++) if (plain.at(offset) >= 0) present++;
          expect(result).toMatchObject({
            searched: present,
            missing: BigInt(to - from - present),
            resumeAt: undefined,
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds what a plain loop finds where pieces meet', () => {
    const bytes = new Uint8Array(pieceSize * 2 + 0x3000);
    // The cache keeps what it read, and the bytes change from run to run.
    const open = () =>
      new BlockMemory(new BlockCache(new BufferSource(bytes)), [
        { kind: 'data-block', va: base, size: bytes.length, offset: 0 },
      ]);
    fc.assert(
      fc.property(
        fc.nat(0x1fff),
        fc.integer({ min: 1, max: longestPattern }),
        fc.array(fc.integer({ min: -2 * longestPattern, max: longestPattern }), {
          minLength: 1,
          maxLength: 4,
        }),
        (from, length, places) => {
          bytes.fill(0);
          const pattern = textPattern('a'.repeat(length - 1) + 'b');
          const expected = new Set<number>();
          for (const [index, place] of places.entries()) {
            const at = from + pieceSize * (1 + (index & 1)) + place;
            bytes.set(pattern.bytes, at);
          }
          const text = Buffer.from(bytes.buffer);
          for (let at = text.indexOf(pattern.bytes, from); at >= 0; at = text.indexOf(pattern.bytes, at + 1))
            expected.add(at);
          const range = { start: base + BigInt(from), end: base + BigInt(bytes.length) };
          const { hits } = runToEnd(searchMemory(open(), range, pattern));
          expect(hits.map((hit) => Number(hit - base))).toEqual([...expected]);
          expect(hits.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([pae, x86])('reaches the top of a 32-bit address space ($name)', (shape) => {
    const built = new HandBuiltMemory(shape);
    const top = 0xffff_ffff_ffff_f000n;
    built.map(top, 0x7000).set([1, 2, 3, 4], 0xffc);
    const memory = new PagedMemory(built.build(), shape.setup);
    const range = { start: 0xffff_ffff_8000_0000n, end: 1n << 64n };
    const { hits, searched } = runToEnd(searchMemory(memory, range, valuePattern([0x0403_0201n], 4)));
    expect(hits).toEqual([0xffff_ffff_ffff_fffcn]);
    expect(searched).toBe(0x1000);
  });

  it('looks through all of the address space by what is mapped', () => {
    const plain = build(['x', '.', 'x', '-', 'x'], [77, 256]);
    const range = { start: 0n, end: 1n << 64n };
    const pattern = valuePattern(
      [BigInt(plain.at(0x2010)), BigInt(plain.at(0x2011)), BigInt(plain.at(0x2012))],
      1,
    );
    const { hits, searched, missing } = runToEnd(searchMemory(plain.memory, range, pattern));
    expect(hits).toContain(base + 0x2010n);
    expect(searched).toBe(0x3000);
    expect(missing).toBe((1n << 64n) - 0x3000n);
  });

  it('ends at the limit, and says where to go on', () => {
    const plain = build(['x', 'x', 'x', 'x', 'x'], [5, 2]);
    const range = { start: base, end: base + BigInt(size) };
    const pattern = valuePattern([0n], 2);
    const all = runToEnd(searchMemory(plain.memory, range, pattern)).hits;
    const first = runToEnd(searchMemory(plain.memory, range, pattern, { limit: 7 }));
    expect(first.hits).toEqual(all.slice(0, 7));
    const rest = { start: first.resumeAt!, end: range.end };
    expect(runToEnd(searchMemory(plain.memory, rest, pattern)).hits).toEqual(all.slice(7));
  });

  it('searches writable pages only when told to', () => {
    const built = new HandBuiltMemory(x64);
    for (const index of [0, 1, 2]) built.map(base + BigInt(index * 0x1000), 0x9000 + index * 0x1000).fill(7);
    built.putPte(base + 0x1000n, 0xa061n);
    const memory = new PagedMemory(built.build(), x64.setup);
    const range = { start: base, end: base + 0x3000n };
    const pattern = valuePattern([0x0707_0707_0707_0707n], 8);
    const { hits, missing } = runToEnd(searchMemory(memory, range, pattern, { writable: true }));
    expect(hits).toHaveLength(1024);
    expect(hits.some((hit) => hit >= base + 0xff9n && hit < base + 0x2000n)).toBe(false);
    expect(missing).toBe(0x1000n);
  });

  it('tells at every piece how far it is, and may be stopped there', () => {
    const bytes = new Uint8Array(pieceSize * 3);
    const memory = new BlockMemory(new BlockCache(new BufferSource(bytes)), [
      { kind: 'stack', va: base, size: bytes.length, offset: 0 },
    ]);
    const run = searchMemory(memory, { start: base, end: base + BigInt(bytes.length) }, textPattern('x'));
    expect(run.next()).toMatchObject({ done: false, value: { hits: [], at: base + BigInt(pieceSize) } });
    expect(run.return(undefined as never).done).toBe(true);
    expect(run.next().done).toBe(true);
  });
});

/** The printable runs of a text, with the offsets of their first characters. */
function runsOf(codes: readonly number[], unit: 1 | 2, shortest: number): [number, string][] {
  const pattern = unit === 1 ? /[ -~]+/g : /(?:[ -~]\0)+/g;
  const text = String.fromCharCode(...codes.map((code) => (code < 0 ? 0xff : code)));
  return [...text.matchAll(pattern)]
    .map((found): [number, string] => [found.index, found[0].replaceAll('\0', '')])
    .filter(([, run]) => run.length >= shortest);
}

describe('searchStrings', () => {
  it.each([1, 2] as const)('finds the runs that a regular expression finds (%d byte a character)', (unit) => {
    fc.assert(
      fc.property(
        layouts,
        fc.array(
          fc.tuple(fc.nat(size - 40), fc.string({ minLength: 1, maxLength: 12, unit: 'binary-ascii' })),
          { maxLength: 30 },
        ),
        fc.integer({ min: 1, max: 5 }),
        (pages, texts, shortest) => {
          const built = new HandBuiltMemory(x64);
          const plain = new Int16Array(size).fill(-1);
          pages.forEach((kind, index) => {
            if (kind === '.') return;
            const page = built.map(base + BigInt(index * 0x1000), 0x80_0000 + index * 0x1000).fill(0);
            for (const [at, text] of texts)
              for (const [offset, code] of [...textPattern(text, unit).bytes].entries()) {
                const place = at + offset - index * 0x1000;
                if (place >= 0 && place < 0x1000) page[place] = code;
              }
            if (kind === '-') built.drop(0x80_0000 + index * 0x1000);
            else plain.set(page, index * 0x1000);
          });
          const memory = new PagedMemory(built.build(), x64.setup);
          const range = { start: base, end: base + BigInt(size) };
          const { hits } = runToEnd(searchStrings(memory, range, { unit, shortest, limit: 1 << 20 }));
          const found = hits.map(({ at, text }) => [Number(at - base), text]);
          expect(found).toEqual(runsOf([...plain], unit, shortest));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('gives a long text in parts, and one that goes on in the next piece whole', () => {
    const bytes = new Uint8Array(pieceSize + 0x2000);
    bytes.fill(0x41, pieceSize - 10, pieceSize + 10);
    bytes.fill(0x42, 0x100, 0x100 + 2050);
    const memory = new BlockMemory(new BlockCache(new BufferSource(bytes)), [
      { kind: 'stack', va: base, size: bytes.length, offset: 0 },
    ]);
    const { hits } = runToEnd(
      searchStrings(memory, { start: base, end: base + BigInt(bytes.length) }, { unit: 1 }),
    );
    expect(hits.map(({ at, text }) => [Number(at - base), text.length])).toEqual([
      [0x100, 1024],
      [0x100 + 1024, 1024],
      [0x100 + 2048, 2],
      [pieceSize - 10, 20],
    ]);
  });
});

describe('keepMatches', () => {
  it('keeps the addresses where the pattern lies', () => {
    const plain = build(['x', '.', 'x', 'x', 'x'], [9, 2]);
    const pattern = valuePattern([1n, 0n], 1);
    const candidates = [0, 1, 2, 3, 0xfff, 0x1fff, 0x2000].map((offset) => base + BigInt(offset));
    const expected = candidates.filter((va) => {
      const offset = Number(va - base);
      return plain.at(offset) === 1 && plain.at(offset + 1) === 0;
    });
    expect(keepMatches(plain.memory, candidates, pattern)).toEqual(expected);
  });
});

describe('the two ways to find a pair of bytes', () => {
  it('agree', () => {
    const fast: FindWindow = takeWindow();
    const plain = plainWindow();
    expect(fast.find).not.toBe(plain.find);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300, max: 3 }),
        fc.nat(500),
        fc.nat(300),
        fc.nat(3),
        fc.nat(3),
        fc.nat(longestPattern),
        (bytes, at, length, a, b, distance) => {
          for (const window of [fast, plain]) window.bytes.fill(9, 0, 0x1000).set(bytes, at);
          for (let from = 0; from <= at + length; from += 17)
            expect(fast.find(from, at + length, a, b, distance)).toBe(
              plain.find(from, at + length, a, b, distance),
            );
        },
      ),
    );
    giveBack(fast);
  });
});
