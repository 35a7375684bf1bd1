import { describe, expect, it } from 'vitest';
import { arm64, HandBuiltMemory, la57, pae, root, shapes, x64, x86 } from '../../test/hand-built-memory.ts';
import { Fault, readU32, readU64 } from '../base/index.ts';
import { PagedMemory } from './paged-memory.ts';

const open = (built: HandBuiltMemory) => new PagedMemory(built.build(), built.shape.setup);

/** The fault of a read that must fail. */
function faultOf(read: Uint8Array | bigint | number | Fault): Fault {
  if (!(read instanceof Fault)) throw new Error('was read');
  return read;
}

describe.each(shapes)('$name', (shape) => {
  const { kernel } = shape;

  it('reads a mapped page in any length and at any alignment', () => {
    const built = new HandBuiltMemory(shape);
    const page = built.map(kernel, 0x7000);
    const memory = open(built);
    for (const [at, length] of [
      [0, 4096],
      [1, 4095],
      [4095, 1],
      [17, 100],
      [0, 0],
    ] as const) {
      expect(memory.tryRead(kernel + BigInt(at), length)).toEqual(page.slice(at, at + length));
    }
    for (const at of [0, 1, 8, 4088]) expect(memory.tryReadU64(kernel + BigInt(at))).toBe(readU64(page, at));
    for (const at of [0, 3, 4092]) expect(memory.tryReadU32(kernel + BigInt(at))).toBe(readU32(page, at));
  });

  it('reads across pages that lie apart and pages that follow one another', () => {
    const built = new HandBuiltMemory(shape);
    const frames = [0x9000, 0xa000, 0x7000, 0x8000, 0x20_0000];
    const pages = frames.map((pa, index) => built.map(kernel + BigInt(index * 0x1000), pa));
    const all = Uint8Array.from(pages.flatMap((page) => [...page]));
    const memory = open(built);
    expect(memory.tryRead(kernel, all.length)).toEqual(all);
    expect(memory.tryRead(kernel + 0x800n, 0x3000)).toEqual(all.slice(0x800, 0x3800));
    for (const at of [0xff9, 0xfff, 0x1ffd, 0x2ffe]) {
      expect(memory.tryReadU64(kernel + BigInt(at))).toBe(readU64(all, at));
      expect(memory.tryReadU32(kernel + BigInt(at))).toBe(readU32(all, at));
    }
  });

  it('keeps what lies before a hole and names the first missing byte', () => {
    const built = new HandBuiltMemory(shape);
    const page = built.map(kernel, 0x7000);
    built.map(kernel + 0x2000n, 0x8000);
    const memory = open(built);
    const fault = faultOf(memory.tryRead(kernel + 0xff0n, 0x1800));
    expect(fault).toMatchObject({ kind: 'not-present', at: kernel + 0x1000n, level: 'PTE', entry: 0n });
    expect(fault.got).toEqual(page.slice(0xff0));
    expect(faultOf(memory.tryReadU64(kernel + 0xffcn))).toMatchObject({ at: kernel + 0x1000n });
    expect(faultOf(memory.tryReadU64(kernel + 0xffcn)).got).toEqual(page.slice(0xffc));
    expect(faultOf(memory.tryReadU32(kernel + 0xffen)).got).toEqual(page.slice(0xffe));
  });

  it('tells a page that is not in the dump from one that is not mapped', () => {
    const built = new HandBuiltMemory(shape);
    built.map(kernel, 0x7000);
    built.drop(0x7000);
    const memory = open(built);
    for (const read of [memory.tryRead(kernel, 1), memory.tryReadU64(kernel), memory.tryReadU32(kernel)]) {
      expect(faultOf(read)).toMatchObject({ kind: 'not-in-dump', at: kernel, level: 'PTE' });
      expect(faultOf(read).entry).toBe(0x7000n | shape.page);
    }
    expect(memory.translate(kernel)).toMatchObject({ state: 'valid', pa: 0x7000 });
  });

  it('names the byte at which the file ends', () => {
    const built = new HandBuiltMemory(shape);
    built.map(kernel, 0x7000);
    const cutPage = built.map(kernel + 0x1000n, 0x8000);
    built.cut = 0x10;
    const memory = open(built);
    const fault = faultOf(memory.tryRead(kernel + 0x1fe0n, 0x20));
    expect(fault).toMatchObject({ kind: 'truncated', at: kernel + 0x1ff0n });
    expect(fault.got).toEqual(cutPage.slice(0xfe0, 0xff0));
    expect(faultOf(memory.tryReadU64(kernel + 0x1ff4n)).kind).toBe('truncated');
    expect(faultOf(memory.tryReadU32(kernel + 0x1ff4n)).kind).toBe('truncated');
  });

  it('P-8: says of a table that is not in the dump only that', () => {
    for (let level = 1; level < shape.shifts.length; level++) {
      const built = new HandBuiltMemory(shape);
      built.map(kernel, 0x7000);
      built.drop(built.entryAt(kernel, level));
      const memory = open(built);
      const { state, entries, pa } = memory.translate(kernel);
      expect({ state, pa }).toEqual({ state: 'table-not-in-dump', pa: undefined });
      expect(entries).toHaveLength(level + 1);
      expect(entries[level]!.value).toBeUndefined();
      const fault = faultOf(memory.tryReadU64(kernel));
      expect(fault).toMatchObject({
        kind: 'table-not-in-dump',
        level: entries[level]!.level,
        entry: undefined,
      });
    }
  });

  it('names the level that is not valid', () => {
    const names = ['PX5', 'PXE', 'PPE', 'PDE', 'PTE'].slice(-shape.shifts.length);
    const inWindows = shape === x86 ? ['PDE', 'PTE'] : names;
    for (const [level, name] of inWindows.entries()) {
      const built = new HandBuiltMemory(shape);
      built.map(kernel, 0x7000);
      built.putEntry(built.entryAt(kernel, level), 0n);
      const fault = faultOf(open(built).tryRead(kernel, 1));
      expect(fault).toMatchObject({ kind: 'not-present', level: name, entry: 0n });
    }
  });

  it('answers the same again, from what it remembers', () => {
    const built = new HandBuiltMemory(shape);
    const page = built.map(kernel, 0x7000);
    const memory = open(built);
    for (let round = 0; round < 3; round++) {
      expect(memory.tryReadU64(kernel + 8n)).toBe(readU64(page, 8));
      expect(faultOf(memory.tryReadU64(kernel + 0x1000n)).kind).toBe('not-present');
    }
  });

  it('sees another process through its own root', () => {
    const built = new HandBuiltMemory(shape);
    const mine = built.map(kernel, 0x7000);
    const theirs = built.fill(0x8000);
    const other = 0x50_0000;
    built.page(other);
    built.putEntry(built.entryAt(kernel, shape.shifts.length - 1, other), 0x8000n | shape.page);
    const memory = open(built);
    const process = memory.withDirectoryTableBase(other);
    expect(process.setup).toEqual({ ...shape.setup, directoryTableBase: other });
    expect(memory.tryReadU32(kernel)).toBe(readU32(mine, 0));
    expect(process.tryReadU32(kernel)).toBe(readU32(theirs, 0));
  });
});

describe('large pages', () => {
  const cases = [
    { shape: x64, level: 1, size: 0x4000_0000, base: 0x1_4000_0000, noise: 0x1000n },
    { shape: x64, level: 2, size: 0x20_0000, base: 0x40_0000, noise: 0x1000n },
    { shape: la57, level: 3, size: 0x20_0000, base: 0x40_0000, noise: 0n },
    { shape: arm64, level: 1, size: 0x4000_0000, base: 0x1_4000_0000, noise: 0n },
    { shape: arm64, level: 2, size: 0x20_0000, base: 0x40_0000, noise: 0n },
    { shape: pae, level: 1, size: 0x20_0000, base: 0x8040_0000, noise: 0x1000n },
    { shape: x86, level: 0, size: 0x40_0000, base: 0x80_0000, noise: 0x1000n },
    { shape: x86, level: 0, size: 0x40_0000, base: 0xab_0080_0000, noise: 0xabn << 13n },
  ];

  it.each(cases)('of $size bytes at $base, $shape.name', ({ shape, level, size, base, noise }) => {
    const va = (shape.kernel / BigInt(size)) * BigInt(size);
    const built = new HandBuiltMemory(shape);
    const frame = shape === x86 ? BigInt(base) & 0xffff_ffffn : BigInt(base);
    built.putEntry(built.entryAt(va, level), frame | noise | shape.largePage);
    built.limit = 0x10_0000_0000;
    const [first, last] = [built.fill(base), built.fill(base + size - 0x1000)];
    const memory = open(built);
    expect(memory.translate(va + 5n)).toMatchObject({ state: 'valid', pa: base + 5, pageSize: size });
    expect(memory.tryRead(va + 16n, 32)).toEqual(first.slice(16, 48));
    const end = va + BigInt(size) - 8n;
    expect(memory.tryReadU64(end)).toBe(readU64(last, 4088));
    // From either end first: what is remembered of the whole page is the same.
    const backwards = open(built);
    expect(backwards.tryReadU64(end)).toBe(readU64(last, 4088));
    expect(backwards.tryReadU64(va)).toBe(readU64(first, 0));
    expect(backwards.tryReadU64(end)).toBe(readU64(last, 4088));
    expect(faultOf(memory.tryRead(va + 0xff8n, 16))).toMatchObject({ kind: 'not-in-dump', at: va + 0x1000n });
  });

  it('are not what reserved bits mean', () => {
    const reserved = [
      [x64, 0, 0xe3n],
      [la57, 0, 0xe3n],
      [pae, 0, 0x81n],
      [arm64, 0, 0x401n],
      [arm64, 3, 0x401n],
    ] as const;
    for (const [shape, level, flags] of reserved) {
      const built = new HandBuiltMemory(shape);
      built.putEntry(built.entryAt(shape.kernel, level), flags);
      expect(open(built).translate(shape.kernel).state).toBe('not-present');
    }
  });
});

describe('addresses', () => {
  it('P-1: repeat their highest significant bit above it', () => {
    const x64Cases = [0x0000_8000_0000_0000n, 0xffff_7fff_ffff_ffffn, 0x0010_0000_0000_0000n];
    for (const va of x64Cases)
      expect(open(new HandBuiltMemory(x64)).translate(va).state).toBe('non-canonical');
    for (const va of [0x0100_0000_0000_0000n, 0xfeff_ffff_ffff_ffffn]) {
      expect(open(new HandBuiltMemory(la57)).translate(va).state).toBe('non-canonical');
    }
    for (const va of [0x0000_7fff_ffff_ffffn, 0xffff_8000_0000_0000n]) {
      expect(open(new HandBuiltMemory(x64)).translate(va).state).toBe('not-present');
    }
    expect(open(new HandBuiltMemory(la57)).translate(0xff00_0000_0000_0000n).state).toBe('not-present');
    const fault = faultOf(open(new HandBuiltMemory(x64)).tryReadU64(0x1_0000_0000_0000n));
    expect(fault).toMatchObject({ kind: 'non-canonical', at: 0x1_0000_0000_0000n, level: undefined });
  });

  it.each([pae, x86])(
    'P-1: of $name stand in 32 bits or sign-extended, and are reported as given',
    (shape) => {
      const built = new HandBuiltMemory(shape);
      const page = built.map(shape.kernel, 0x7000);
      const memory = open(built);
      const short = BigInt.asUintN(32, shape.kernel);
      for (const va of [short, shape.kernel]) {
        expect(memory.tryReadU32(va + 4n)).toBe(readU32(page, 4));
        expect(faultOf(memory.tryRead(va + 0xff8n, 16)).at).toBe(va + 0x1000n);
      }
      for (const va of [0x1_8052_3000n, 0xffff_ffff_7052_3000n, 0x8000_0000_8052_3000n]) {
        expect(faultOf(memory.tryRead(va, 4)).kind).toBe('non-canonical');
      }
    },
  );

  it('end where memory ends', () => {
    for (const [shape, last, at] of [
      [x64, 0xffff_ffff_ffff_f000n, 0n],
      [x86, 0xffff_f000n, 0x1_0000_0000n],
    ] as const) {
      const built = new HandBuiltMemory(shape);
      const page = built.map(last, 0x7000);
      built.map(0n, 0x8000);
      const fault = faultOf(open(built).tryRead(last + 0xff0n, 32));
      expect(fault).toMatchObject({ kind: 'non-canonical', at });
      expect(fault.got).toEqual(page.slice(0xff0));
    }
  });

  it('cross 4 GB', () => {
    const built = new HandBuiltMemory(x64);
    const pages = [built.map(0xffff_f000n, 0x7000), built.map(0x1_0000_0000n, 0x8000)];
    const read = open(built).tryRead(0xffff_fff0n, 32);
    expect(read).toEqual(Uint8Array.from([...pages[0]!.slice(0xff0), ...pages[1]!.slice(0, 16)]));
  });

  it('of arm64 use the two halves of one root page', () => {
    const built = new HandBuiltMemory(arm64);
    const user = built.map(0x0000_1234_5678_9000n, 0x7000);
    const kernel = built.map(0xffff_9234_5678_9000n, 0x8000);
    // TTBR0 with an ASID above and CnP below the address.
    const memory = open(built).withDirectoryTableBase(root + 0x42 * 2 ** 48 + 1);
    expect(memory.tryReadU32(0x0000_1234_5678_9000n)).toBe(readU32(user, 0));
    expect(memory.tryReadU32(0xffff_9234_5678_9000n)).toBe(readU32(kernel, 0));
    const { entries } = memory.translate(0xffff_9234_5678_9000n);
    expect(entries[0]!.address).toBeGreaterThanOrEqual(root + 0x800);
  });

  it('ignore PCID and flags in the base', () => {
    const built = new HandBuiltMemory(x64);
    const page = built.map(x64.kernel, 0x7000);
    expect(
      open(built)
        .withDirectoryTableBase(root + 0x2)
        .tryReadU32(x64.kernel),
    ).toBe(readU32(page, 0));
  });
});
