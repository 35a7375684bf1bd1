import { describe, expect, it } from 'vitest';
import { arm64, HandBuiltMemory, la57, pae, root, x64, x86 } from '../../test/hand-built-memory.ts';
import { addressMappedBy, entryAddress, pteBaseOf, selfMapSlot } from './self-map.ts';

const levels = ['PXE', 'PPE', 'PDE', 'PTE'] as const;
const addresses = (pteBase: bigint, va: bigint) =>
  levels.map((level) => entryAddress(x64.setup, pteBase, va, level));

describe('self-map of x64', () => {
  it('has the fixed bases of slot 0x1ED', () => {
    expect(pteBaseOf(x64.setup, 0x1ed)).toBe(0xfffff680_00000000n);
    expect(addresses(0xfffff680_00000000n, 0n)).toEqual([
      0xfffff6fb_7dbed000n,
      0xfffff6fb_7da00000n,
      0xfffff6fb_40000000n,
      0xfffff680_00000000n,
    ]);
  });

  // The first two are from the debugger's output in the article, the third from one of Windows 10.
  it.each([
    [
      0x1ed,
      0xfffff980_0b5ff000n,
      [0xfffff6fb_7dbedf98n, 0xfffff6fb_7dbf3000n, 0xfffff6fb_7e6002d0n, 0xfffff6fc_c005aff8n],
    ],
    [
      0x1ed,
      0xfffff980_0a7fe7f0n,
      [0xfffff6fb_7dbedf98n, 0xfffff6fb_7dbf3000n, 0xfffff6fb_7e600298n, 0xfffff6fc_c0053ff0n],
    ],
    [
      0x1eb,
      0xffffa587_dcc2f650n,
      [0xfffff5fa_fd7eba58n, 0xfffff5fa_fd74b0f8n, 0xfffff5fa_e961f730n, 0xfffff5d2_c3ee6178n],
    ],
  ])('gives the addresses that the debugger shows (slot %x)', (slot, va, expected) => {
    const pteBase = pteBaseOf(x64.setup, slot);
    expect(addresses(pteBase, va)).toEqual(expected);
    expect(addressMappedBy(x64.setup, pteBase, expected[3]!)).toBe(va & ~0xfffn);
  });

  it('undoes only addresses of PTEs', () => {
    const pteBase = pteBaseOf(x64.setup, 0x1ed);
    expect(addressMappedBy(x64.setup, pteBase, pteBase)).toBe(0n);
    expect(addressMappedBy(x64.setup, pteBase, pteBase + 0x7f_ffff_fff8n)).toBe(0xffff_ffff_ffff_f000n);
    expect(addressMappedBy(x64.setup, pteBase, pteBase + 0x80_0000_0000n)).toBeUndefined();
    expect(addressMappedBy(x64.setup, pteBase, pteBase - 8n)).toBeUndefined();
  });
});

describe('self-map of other machines', () => {
  it('is at C0000000 on x86', () => {
    expect(pteBaseOf(x86.setup, 0x300)).toBe(0xffffffff_c0000000n);
    expect(pteBaseOf(pae.setup, 3)).toBe(0xffffffff_c0000000n);
    const base = 0xffffffff_c0000000n;
    // !pte 801544f4 in Microsoft's documentation: PDE at C0300800, PTE at C0200550.
    for (const va of [0x801544f4n, 0xffffffff_801544f4n]) {
      expect(entryAddress(x86.setup, base, va, 'PDE')).toBe(0xffffffff_c0300800n);
      expect(entryAddress(x86.setup, base, va, 'PTE')).toBe(0xffffffff_c0200550n);
      expect(entryAddress(pae.setup, base, va, 'PDE')).toBe(0xffffffff_c0602000n);
      expect(entryAddress(pae.setup, base, va, 'PTE')).toBe(0xffffffff_c0400aa0n);
    }
    expect(entryAddress(x86.setup, base, 0n, 'PPE')).toBeUndefined();
    expect(entryAddress(pae.setup, base, 0n, 'PPE')).toBeUndefined();
    expect(addressMappedBy(x86.setup, base, 0xffffffff_c0200550n)).toBe(0xffffffff_80154000n);
  });

  it('has five levels under LA57', () => {
    const base = pteBaseOf(la57.setup, 0x1ff);
    expect(base).toBe(0xffff_0000_0000_0000n);
    expect(entryAddress(la57.setup, base, 0n, 'PX5')).toBe(0xffff_ffff_ffff_f000n);
    expect(entryAddress(x64.setup, base, 0n, 'PX5')).toBeUndefined();
  });
});

describe('selfMapSlot', () => {
  it.each([
    [x64, 0x1eb],
    [la57, 0x1f0],
    [arm64, 0x10c],
    [x86, 0x300],
  ])('finds the root entry that maps the root, $name', (shape, slot) => {
    const built = new HandBuiltMemory(shape);
    built.map(shape.kernel, 0x7000);
    expect(selfMapSlot(built.build(), shape.setup)).toBeUndefined();
    built.putEntry(root + slot * shape.entrySize, BigInt(root) | shape.table);
    expect(selfMapSlot(built.build(), shape.setup)).toBe(slot);
  });

  it('finds the directory that maps all four directories of PAE', () => {
    const built = new HandBuiltMemory(pae);
    const directories = [0, 1, 2, 3].map((index) => built.entryAt(BigInt(index) << 30n, 1) & ~0xfff);
    for (const [index, directory] of directories.slice(0, 3).entries()) {
      built.putEntry(directories[3]! + index * 8, BigInt(directory) | 0x63n);
    }
    expect(selfMapSlot(built.build(), pae.setup)).toBeUndefined();
    built.putEntry(directories[3]! + 3 * 8, BigInt(directories[3]!) | 0x63n);
    expect(selfMapSlot(built.build(), pae.setup)).toBe(3);
  });

  it('P-9: does not take an entry of the user half', () => {
    const built = new HandBuiltMemory(x64);
    built.putEntry(root + 5 * 8, BigInt(root) | 0x67n);
    expect(selfMapSlot(built.build(), x64.setup)).toBeUndefined();
  });

  it('finds nothing where the root is not in the dump', () => {
    const built = new HandBuiltMemory(x64);
    built.putEntry(root + 0x1ed * 8, BigInt(root) | 0x63n);
    built.drop(root);
    expect(selfMapSlot(built.build(), x64.setup)).toBeUndefined();
  });
});
