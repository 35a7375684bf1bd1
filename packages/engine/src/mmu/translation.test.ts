import { describe, expect, it } from 'vitest';
import {
  arm64,
  HandBuiltMemory,
  la57,
  pae,
  root,
  type TableShape,
  x64,
  x86,
} from '../../test/hand-built-memory.ts';
import { PagedMemory } from './paged-memory.ts';

const open = (built: HandBuiltMemory) => new PagedMemory(built.build(), built.shape.setup);

/** Rights of a page whose entry at `level` is changed by `change`; all entries allow everything else. */
function rightsWith(shape: TableShape, va: bigint, level: number, change: (entry: bigint) => bigint) {
  const built = new HandBuiltMemory(shape);
  built.map(va, 0x7000);
  const last = shape.shifts.length - 1;
  const all = shape === arm64 ? 0x7443n : 0x7067n;
  built.putEntry(built.entryAt(va, last), all);
  const entry = built.entryAt(va, level);
  const value =
    level === last
      ? all
      : BigInt(built.entryAt(va, level + 1) & ~0xfff) | (isPaeRoot(shape, level) ? 1n : shape.table);
  built.putEntry(entry, change(value));
  const { writable, user, executable } = open(built).translate(va);
  return [writable && 'writable', user && 'user', executable && 'executable'].filter(Boolean).join(' ');
}

/** The entries of a PAE root have no rights. */
const isPaeRoot = (shape: TableShape, level: number) => shape === pae && level === 0;

const everything = 'writable user executable';

describe('translate', () => {
  it('lists the entries root first, with their places and contents', () => {
    const built = new HandBuiltMemory(la57);
    built.map(la57.kernel, 0x7000);
    const { entries } = open(built).translate(la57.kernel);
    expect(entries.map(({ level }) => level)).toEqual(['PX5', 'PXE', 'PPE', 'PDE', 'PTE']);
    for (const [level, { address, value }] of entries.entries()) {
      expect(address).toBe(built.entryAt(la57.kernel, level));
      expect(value).toBe(
        level === 4 ? 0x7063n : BigInt(built.entryAt(la57.kernel, level + 1) & ~0xfff) | 0x67n,
      );
    }
  });

  it('lists nothing for an address that cannot be', () => {
    const translation = open(new HandBuiltMemory(x64)).translate(0x8000_0000_0000n);
    expect(translation).toMatchObject({ state: 'non-canonical', entries: [], pageSize: 0x1000 });
    expect(translation.writable || translation.user || translation.executable).toBe(false);
  });

  it('sees the tables themselves through an entry that points to its own table', () => {
    const built = new HandBuiltMemory(x64);
    built.map(x64.kernel, 0x7000);
    built.putEntry(root + 0x1ed * 8, BigInt(root) | 0x63n);
    const memory = open(built);
    const pxe = 0xffff_f6fb_7dbe_d000n;
    expect(memory.translate(pxe)).toMatchObject({ state: 'valid', pa: root });
    expect(memory.tryReadU64(pxe + 0x1edn * 8n)).toBe(BigInt(root) | 0x63n);
    expect(memory.tryReadU64(0xffff_f680_0000_0000n + ((x64.kernel >> 9n) & 0x7f_ffff_fff8n))).toBe(0x7063n);
  });
});

describe('P-3: rights', () => {
  it.each([x64, la57, pae, x86])('of $name need every level', (shape) => {
    for (let level = 0; level < shape.shifts.length; level++) {
      const isRoot = isPaeRoot(shape, level);
      expect(rightsWith(shape, shape.kernel, level, (entry) => entry)).toBe(everything);
      expect(rightsWith(shape, shape.kernel, level, (entry) => entry & ~2n)).toBe(
        isRoot ? everything : 'user executable',
      );
      expect(rightsWith(shape, shape.kernel, level, (entry) => entry & ~4n)).toBe(
        isRoot ? everything : 'writable executable',
      );
      if (shape === x86) continue;
      const forbidden = rightsWith(shape, shape.kernel, level, (entry) => entry | (1n << 63n));
      expect(forbidden).toBe(isRoot ? everything : 'writable user');
    }
  });

  it.each([
    ['kernel', arm64.kernel, 53n, 59n],
    ['user', 0x0000_1234_5678_9000n, 54n, 60n],
  ])('of arm64, %s half', (_, va, noExecute, noExecuteBelow) => {
    expect(rightsWith(arm64, va, 3, (entry) => entry)).toBe(everything);
    expect(rightsWith(arm64, va, 3, (entry) => entry | 0x80n)).toBe('user executable');
    expect(rightsWith(arm64, va, 3, (entry) => entry & ~0x40n)).toBe('writable executable');
    expect(rightsWith(arm64, va, 3, (entry) => entry | (1n << noExecute))).toBe('writable user');
    expect(rightsWith(arm64, va, 3, (entry) => entry | (1n << (107n - noExecute)))).toBe(everything);
    for (const level of [0, 1, 2]) {
      expect(rightsWith(arm64, va, level, (entry) => entry | (1n << 62n))).toBe('user executable');
      expect(rightsWith(arm64, va, level, (entry) => entry | (1n << 61n))).toBe('writable executable');
      expect(rightsWith(arm64, va, level, (entry) => entry | (1n << noExecuteBelow))).toBe('writable user');
    }
  });

  it.each([
    [1n, 'user'],
    [2n, 'user executable'],
    [3n, 'user executable'],
    [4n, 'writable user'],
    [5n, 'user'],
    [6n, 'writable user executable'],
    [7n, 'user executable'],
    [0x1cn, 'writable user'],
  ])('of a page in transition are its protection %d', (protection, expected) => {
    const user = 0x0000_1234_5678_9000n;
    expect(rightsWith(x64, user, 3, () => 0x7810n | (protection << 5n))).toBe(expected);
    expect(rightsWith(x64, x64.kernel, 3, () => 0x7810n | (protection << 5n))).toBe(
      expected.replace(/ ?user/, '').trim(),
    );
  });
});
