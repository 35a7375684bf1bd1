import { describe, expect, it } from 'vitest';
import { arm64, HandBuiltMemory, pae, type TableShape, x64, x86 } from '../../test/hand-built-memory.ts';
import { Fault, readU32 } from '../base/index.ts';
import { PagedMemory } from './paged-memory.ts';
import type { PagingSetup } from './paging-setup.ts';

const open = (built: HandBuiltMemory, more: Partial<PagingSetup> = {}) =>
  new PagedMemory(built.build(), { ...built.shape.setup, ...more });

/** Translates `shape.kernel` through a PTE of this value. */
function translate(shape: TableShape, pte: bigint, more: Partial<PagingSetup> = {}) {
  const built = new HandBuiltMemory(shape);
  built.putPte(shape.kernel, pte);
  return open(built, more).translate(shape.kernel + 0x123n);
}

const readWrite = 4n << 5n;

describe('entries that are not valid', () => {
  const old = { build: 7601 };
  const unknown = { build: undefined };
  it.each([
    ['zero', x64, 0n, {}, { state: 'not-present' }],
    ['a link of a free list', x64, 0x123_4560_0000_0000n, {}, { state: 'not-present' }],
    ['given back (MM_DECOMMIT)', x64, 0x200n, {}, { state: 'not-present' }],
    ['never touched', x64, readWrite, {}, { state: 'demand-zero' }],
    ['never touched', x86, readWrite, {}, { state: 'demand-zero' }],
    ['never touched', pae, readWrite, {}, { state: 'demand-zero' }],
    ['never touched', arm64, 4n << 1n, {}, { state: 'demand-zero' }],
    ['in page file 2, since 17134', x64, (0x1bbedan << 32n) | 0x2090n, {}, page(2, 0x1bbedan)],
    ['in page file 2, before', x64, (0x1bbedan << 32n) | 0x84n, old, page(2, 0x1bbedan)],
    ['reserved in page file 0, before', x64, 0x1084n, old, page(2, 0n)],
    ['in some page file, build unknown', x64, (7n << 32n) | 0x84n, unknown, { state: 'paged-out' }],
    ['in page file 1', pae, (0x4711n << 32n) | 0x82n, {}, page(1, 0x4711n)],
    ['in page file 1, since 17134', pae, (0x4711n << 32n) | 0x1090n, { build: 19041 }, page(1, 0x4711n)],
    ['in page file 1', x86, 0x12345082n, {}, page(1, 0x12345n)],
    ['in page file 3', arm64, (0x99n << 32n) | (3n << 6n) | (4n << 1n), {}, page(3, 0x99n)],
  ] as const)('$0, $1.name', (_, shape, pte, more, expected) => {
    expect(translate(shape, pte, more)).toMatchObject(expected);
    expect(translate(shape, pte, more).pa).toBeUndefined();
  });

  it('name no page file where the build is unknown', () => {
    expect(translate(x64, (7n << 32n) | 0x84n, unknown).pageFile).toBeUndefined();
  });

  it('of upper levels take the same forms, without prototypes', () => {
    for (const [pde, state] of [
      [readWrite, 'demand-zero'],
      [(5n << 32n) | 0x1090n, 'paged-out'],
      [0xffff_8000_0000_0400n, 'not-present'],
    ] as const) {
      const built = new HandBuiltMemory(x64);
      built.putEntry(built.entryAt(x64.kernel, 2), pde);
      const memory = open(built);
      expect(memory.translate(x64.kernel)).toMatchObject({ state, entries: { length: 3 } });
      expect(memory.tryRead(x64.kernel, 1)).toMatchObject({ kind: state, level: 'PDE', entry: pde });
    }
  });
});

function page(number: number, offset: bigint) {
  return { state: 'paged-out', pageFile: { number, offset } };
}

describe('transition', () => {
  it.each([
    [x64, 0x7000n | 0x890n],
    [pae, 0x7000n | 0x880n],
    [x86, 0x7000n | 0x880n],
    [arm64, 0x7000n | 0x808n],
  ])('P-4: a page in transition is read, $name', (shape, pte) => {
    const built = new HandBuiltMemory(shape);
    built.putPte(shape.kernel, pte);
    const bytes = built.fill(0x7000);
    const memory = open(built);
    expect(memory.translate(shape.kernel + 5n)).toMatchObject({
      state: 'transition',
      pa: 0x7005,
      writable: true,
    });
    for (let round = 0; round < 2; round++) expect(memory.tryReadU32(shape.kernel)).toBe(readU32(bytes, 0));
  });

  it('P-4: a table in transition is read', () => {
    for (const level of [0, 1, 2]) {
      const built = new HandBuiltMemory(x64);
      const bytes = built.map(x64.kernel, 0x7000);
      const entry = built.entryAt(x64.kernel, level);
      const table = BigInt(built.entryAt(x64.kernel, level + 1) & ~0xfff);
      built.putEntry(entry, table | 0x890n);
      expect(open(built).tryReadU32(x64.kernel)).toBe(readU32(bytes, 0));
      expect(open(built).translate(x64.kernel).state).toBe('valid');
    }
  });

  it('P-5: an entry with bits above the frame names none', () => {
    for (const pte of [0x10_0000_0000_7890n << 4n, 0xffff_8000_0000_7800n]) {
      expect(translate(x64, pte & ~0x401n)).toMatchObject({ state: 'not-present', pageSize: 0x1000 });
      expect(translate(x64, pte & ~0x401n).pa).toBeUndefined();
    }
  });
});

describe('swizzled entries', () => {
  const mask = 1n << 45n;
  const known = { invalidPteMask: mask };

  it("P-6: a frame without SwizzleBit loses the mask's bits", () => {
    const cases = [
      [mask | 0x7880n, known, 0x7000],
      [mask | 0x7880n, {}, 0x7000],
      [0x7880n, {}, 0x7000],
      // Bit 33 is below all masks, and with SwizzleBit, before 17134 or on arm64 nothing is undone.
      [(1n << 33n) | 0x7880n, {}, 0x2_0000_7000],
      [mask | 0x7890n, known, 2 ** 45 + 0x7000],
      [mask | 0x7880n, { build: 16299 }, 2 ** 45 + 0x7000],
    ] as const;
    for (const [pte, more, pa] of cases) {
      expect(translate(x64, pte, more)).toMatchObject({ state: 'transition', pa: pa + 0x123 });
    }
    expect(translate(arm64, mask | 0x7808n).pa).toBe(2 ** 45 + 0x7123);
  });

  it('P-6: memory that the dump describes is never taken for the mask', () => {
    const built = new HandBuiltMemory(x64);
    built.limit = 2 ** (40 - 12);
    built.putPte(x64.kernel, mask | (1n << 39n) | 0x7880n);
    expect(open(built).translate(x64.kernel)).toMatchObject({ state: 'transition', pa: 2 ** 39 + 0x7000 });
  });

  it("P-6: an offset without SwizzleBit loses the known mask's bits", () => {
    const offset = (0x4711n << 32n) | mask;
    expect(translate(x64, offset | 0x2080n, known)).toMatchObject(page(2, 0x4711n));
    expect(translate(x64, offset | 0x2090n, known)).toMatchObject(page(2, 0x4711n | (mask >> 32n)));
    expect(translate(x64, offset | 0x2080n)).toMatchObject(page(2, 0x4711n | (mask >> 32n)));
  });

  it('P-6: the mask over nothing is a page that was never touched', () => {
    expect(translate(x64, mask | readWrite, known).state).toBe('demand-zero');
    expect(translate(x64, mask | readWrite).state).toBe('demand-zero');
    expect(translate(x64, mask | (1n << 40n) | readWrite).state).toBe('paged-out');
    expect(translate(x64, mask | readWrite, { build: 7601 }).state).toBe('paged-out');
  });

  it("P-6: a prototype's address loses the known mask's bits", () => {
    const address = 0xffff_a801_0000_7008n;
    const pte = ((address << 16n) & 0xffff_ffff_ffff_ffffn) | 0x480n;
    expect(translate(x64, pte | mask, known).prototype).toBe(address);
    expect(translate(x64, pte | mask | 0x10n, known).prototype).toBe(address | (mask >> 16n));
  });
});

describe('prototype PTEs', () => {
  const prototype = 0xffff_a801_2345_6ff8n;
  const pool = 0x3_0000;
  const pte = ((prototype << 16n) & 0xffff_ffff_ffff_ffffn) | 0x490n;

  /** A page behind a prototype PTE that contains `entry`. */
  function through(entry: bigint, more: Partial<PagingSetup> = {}) {
    const built = new HandBuiltMemory(x64);
    built.putPte(x64.kernel, pte);
    built.map(prototype, pool);
    built.putEntry(pool + 0xff8, entry);
    built.fill(0x7000);
    return open(built, more);
  }

  it('P-7: are followed to a page that is valid or in transition', () => {
    for (const entry of [0x8000_0000_0000_7121n, 0x7890n]) {
      const memory = through(entry);
      expect(memory.translate(x64.kernel + 3n)).toMatchObject({
        state: 'prototype',
        pa: 0x7003,
        prototype,
        writable: true,
      });
      expect(memory.tryReadU32(x64.kernel)).toBe(readU32(new HandBuiltMemory(x64).fill(0x7000), 0));
    }
  });

  it('say of a page in a page file or never touched what an entry of its own would', () => {
    expect(through((9n << 32n) | 0x2090n).translate(x64.kernel)).toMatchObject({ ...page(2, 9n), prototype });
    expect(through(readWrite).translate(x64.kernel)).toMatchObject({ state: 'demand-zero', prototype });
  });

  it('P-7: that lead to a prototype PTE, a subsection or nothing lead nowhere', () => {
    const subsections = [
      ((0xffff_a801_1111_2220n << 16n) & 0xffff_ffff_ffff_ffffn) | 0x4a0n,
      0xffff_a801_2345_6c00n,
      0xffff_a801_2345_6800n,
      0xffff_a801_2345_6120n,
    ];
    for (const entry of [pte, ...subsections, 0n]) {
      const memory = through(entry, { build: 22621 });
      expect(memory.translate(x64.kernel)).toMatchObject({ state: 'prototype', prototype });
      expect(memory.translate(x64.kernel).pa).toBeUndefined();
      expect(memory.tryReadU64(x64.kernel)).toMatchObject({ kind: 'prototype', level: 'PTE', entry: pte });
    }
  });

  it('P-7: that lie behind a prototype PTE themselves lead nowhere', () => {
    const built = new HandBuiltMemory(x64);
    built.putPte(x64.kernel, pte);
    built.putPte(prototype, pte);
    expect(open(built).translate(x64.kernel)).toMatchObject({ state: 'prototype', prototype });
    expect(open(built).translate(x64.kernel).pa).toBeUndefined();
  });

  it('P-7: that cannot be read lead nowhere', () => {
    const built = new HandBuiltMemory(x64);
    built.putPte(x64.kernel, pte);
    expect(open(built).tryRead(x64.kernel, 1)).toMatchObject({ kind: 'prototype', at: x64.kernel });
    built.map(prototype, pool);
    built.cut = 4;
    expect(open(built).tryRead(x64.kernel, 1)).toBeInstanceOf(Fault);
  });

  it('stand for the VAD where the address is all ones', () => {
    for (const [shape, vad] of [
      [x64, 0xffff_ffff_0000_0480n],
      [pae, 0xffff_ffff_0000_0480n],
      [x86, 0xffff_f480n],
      [arm64, 0xffff_ffff_0000_0408n],
    ] as const) {
      const result = translate(shape, vad);
      expect(result.state).toBe('prototype');
      expect(result.prototype).toBeUndefined();
    }
  });

  it('have an address of their own form on each machine', () => {
    expect(translate(pae, (0xe123_4568n << 32n) | 0x480n).prototype).toBe(0xffff_ffff_e123_4568n);
    // Bits 1..8 and 11..31 of the entry.
    const short =
      (((0x6123_4564n >> 10n) << 11n) | (((0x6123_4564n >> 2n) & 0xffn) << 1n) | 0x400n) & 0xffff_ffffn;
    expect(translate(x86, short).prototype).toBe(0xffff_ffff_e123_4564n);
    expect(translate(x86, short, { build: 2600 }).prototype).toBeUndefined();
    expect(translate(arm64, ((prototype << 16n) & 0xffff_ffff_ffff_ffffn) | 0x408n).prototype).toBe(
      prototype,
    );
  });

  it('in user space or out of line are no addresses', () => {
    for (const value of [(0x7fff_1234_5678n << 16n) | 0x480n, pte | 0x1_0000n]) {
      const { state, pa, prototype: address } = translate(x64, value);
      expect({ state, pa, address }).toEqual({ state: 'prototype', pa: undefined, address: undefined });
    }
    expect(translate(pae, (0x7123_4568n << 32n) | 0x480n).prototype).toBeUndefined();
  });

  it('of 32-bit machines are read as 32 bits', () => {
    const built = new HandBuiltMemory(x86);
    const address = 0xffff_ffff_e123_4564n;
    const short =
      (((0x6123_4564n >> 10n) << 11n) | (((0x6123_4564n >> 2n) & 0xffn) << 1n) | 0x400n) & 0xffff_ffffn;
    built.putPte(x86.kernel, short);
    built.map(address, pool);
    built.putEntry(pool + 0x564, 0x7121n);
    const bytes = built.fill(0x7000);
    expect(open(built).tryReadU32(x86.kernel)).toBe(readU32(bytes, 0));
  });
});
