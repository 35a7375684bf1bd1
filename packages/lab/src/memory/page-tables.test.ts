import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Walked, walkArm64, walkPae, walkX64, walkX86 } from '../../test/page-walk.ts';
import { PageTables } from './page-tables.ts';
import {
  arm64Paging,
  la57Paging,
  type PagingFormat,
  paePaging,
  x64Paging,
  x86Paging,
} from './paging-format.ts';
import { PhysicalMemory } from './physical-memory.ts';

const ram = () => new PhysicalMemory([{ basePage: 0x10, pageCount: 0x4000 }]);

const kernel48 = fc.bigInt({ min: 0n, max: (1n << 47n) - 1n }).map((low) => low | 0xffff_8000_0000_0000n);
const kernel57 = fc.bigInt({ min: 0n, max: (1n << 56n) - 1n }).map((low) => low | 0xff00_0000_0000_0000n);
const linear32 = fc.integer({ min: 0, max: 0xbfff_ffff }).map((low) => BigInt.asUintN(64, BigInt(low | 0)));

interface Case {
  readonly format: PagingFormat;
  readonly addresses: fc.Arbitrary<bigint>;
  readonly walk: (memory: PhysicalMemory, root: number, va: bigint) => Walked | undefined;
  readonly large: number;
}

const page = (memory: PhysicalMemory) => (pfn: number) => memory.page(pfn);

const cases: Case[] = [
  {
    format: x64Paging,
    addresses: kernel48,
    walk: (memory, root, va) => walkX64(page(memory), root, va),
    large: 512,
  },
  {
    format: la57Paging,
    addresses: kernel57,
    walk: (memory, root, va) => walkX64(page(memory), root, va, 5),
    large: 512,
  },
  {
    format: paePaging,
    addresses: linear32,
    walk: (memory, root, va) => walkPae(page(memory), root, va),
    large: 512,
  },
  {
    format: x86Paging,
    addresses: linear32,
    walk: (memory, root, va) => walkX86(page(memory), root, va),
    large: 1024,
  },
  {
    format: arm64Paging,
    addresses: kernel48,
    walk: (memory, root, va) => walkArm64(page(memory), root, va),
    large: 512,
  },
];

describe.each(cases)('page tables of $format.name', ({ format, addresses, walk, large }) => {
  const rights = fc.record({ writable: fc.boolean(), executable: fc.boolean(), user: fc.boolean() });

  it('translate every mapped address with its rights, and no other', () => {
    fc.assert(
      fc.property(addresses, fc.integer({ min: 0x1000, max: 0xf_ffff }), rights, (va, pfn, options) => {
        const memory = ram();
        const tables = new PageTables(memory, format);
        tables.map(va & ~0xfffn, pfn, options);
        const walked = walk(memory, tables.root, va);
        expect(walked?.pa).toBe(pfn * 4096 + Number(va & 0xfffn));
        expect(walked?.writable).toBe(options.writable);
        expect(walked?.user).toBe(options.user);
        if (format.name !== 'x86') expect(walked?.executable).toBe(options.executable);
        expect(walk(memory, tables.root, va ^ 0x1000n)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('keep neighbours apart', () => {
    const memory = ram();
    const tables = new PageTables(memory, format);
    const start =
      format.entrySize === 8 && format.steps.length > 3 ? 0xffff_8000_003f_d000n : 0xffff_ffff_803f_d000n;
    for (let index = 0; index < 8; index++) tables.map(start + BigInt(index) * 0x1000n, 0x900 + index * 3);
    for (let index = 0; index < 8; index++)
      expect(walk(memory, tables.root, start + BigInt(index) * 0x1000n + 0x123n)?.pa).toBe(
        (0x900 + index * 3) * 4096 + 0x123,
      );
  });

  it('map a large page by a PDE', () => {
    const memory = ram();
    const tables = new PageTables(memory, format);
    const va =
      format.entrySize === 8 && format.steps.length > 3 ? 0xffff_9000_0040_0000n : 0xffff_ffff_9040_0000n;
    tables.map(va, large * 3, { writable: true, at: 'PDE' });
    const walked = walk(memory, tables.root, va + 0x1_2345n);
    expect(walked?.pa).toBe(large * 3 * 4096 + 0x1_2345);
    expect(() => tables.map(va, 1, { at: 'PDE' })).toThrow('not aligned');
  });

  it('share the kernel half with a fork and keep user halves apart', () => {
    const memory = ram();
    const tables = new PageTables(memory, format);
    tables.mapSelf(format.selfMapSlot ?? 0x1ea);
    const kernelVa = format.steps.length > 3 ? 0xffff_9000_0000_1000n : 0xffff_ffff_9000_1000n;
    tables.map(kernelVa, 0x777);
    const twin = tables.fork();
    twin.map(0x1_0000n, 0x888, { user: true });
    expect(twin.root).not.toBe(tables.root);
    expect(walk(memory, twin.root, kernelVa)?.pa).toBe(0x777 * 4096);
    expect(walk(memory, twin.root, 0x1_0000n)?.pa).toBe(0x888 * 4096);
    expect(walk(memory, tables.root, 0x1_0000n)).toBeUndefined();
  });

  it('show every table at the addresses of the self-map, in a fork too', () => {
    const memory = ram();
    const system = new PageTables(memory, format);
    system.mapSelf(format.selfMapSlot ?? 0x1ea);
    const va = format.steps.length > 3 ? 0xffff_9abc_def0_1000n : 0xffff_ffff_9def_1000n;
    system.map(va, 0x321, { writable: true });
    for (const tables of [system, system.fork()]) {
      const walked = walk(memory, tables.root, tables.pteAddress(va));
      const bytes = memory.read(walked!.pa, format.entrySize);
      const entry = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
      expect(entry).toBe(walk(memory, tables.root, va)!.entry);
    }
  });
});

describe('entries', () => {
  const pte = x64Paging.steps[3]!;
  const pde = x64Paging.steps[2]!;

  it('have the values that Windows uses', () => {
    expect(x64Paging.leaf(0x1_2345, pte, { writable: true })).toBe(0x8000_0000_1234_5863n);
    expect(x64Paging.leaf(0x1_2345, pte, { writable: true, executable: true })).toBe(0x1234_5863n);
    expect(x64Paging.leaf(0x1_2345, pte, { writable: true, user: true })).toBe(0x8000_0000_1234_5867n);
    expect(x64Paging.leaf(0x1_2345, pte, { executable: true })).toBe(0x1234_5121n);
    expect(x64Paging.leaf(0x1_2200, pde, { executable: true, at: 'PDE' })).toBe(0x1220_01a1n);
    expect(x64Paging.table(0x8d7, pde, false)).toBe(0x0a00_0000_008d_7863n);
    expect(x86Paging.leaf(0x1_2345, x86Paging.steps[1]!, { writable: true })).toBe(0x1234_5863n);
  });
});

describe('self-map addresses', () => {
  it('are those of a machine with the fixed base', () => {
    const tables = new PageTables(ram(), x64Paging);
    expect(tables.mapSelf(0x1ed)).toBe(0xffff_f680_0000_0000n);
    expect(tables.entryAddresses(0xffff_f980_0b5f_f000n)).toEqual([
      0xffff_f6fc_c005_aff8n,
      0xffff_f6fb_7e60_02d0n,
      0xffff_f6fb_7dbf_3000n,
      0xffff_f6fb_7dbe_df98n,
    ]);
  });

  it('are those of a machine with a base chosen at boot', () => {
    const tables = new PageTables(ram(), x64Paging);
    expect(tables.mapSelf(0x1eb)).toBe(0xffff_f580_0000_0000n);
    expect(tables.entryAddresses(0xffff_a587_dcc2_f650n)).toEqual([
      0xffff_f5d2_c3ee_6178n,
      0xffff_f5fa_e961_f730n,
      0xffff_f5fa_fd74_b0f8n,
      0xffff_f5fa_fd7e_ba58n,
    ]);
  });

  it('are at C0000000 on x86', () => {
    const pae = new PageTables(ram(), paePaging);
    expect(pae.mapSelf(3)).toBe(0xffff_ffff_c000_0000n);
    expect(pae.entryAddresses(0xffff_ffff_8015_44f4n)).toEqual([
      0xffff_ffff_c040_0aa0n,
      0xffff_ffff_c060_2000n,
    ]);
    const plain = new PageTables(ram(), x86Paging);
    plain.mapSelf(0x300);
    expect(plain.entryAddresses(0xffff_ffff_8015_44f4n)).toEqual([
      0xffff_ffff_c020_0550n,
      0xffff_ffff_c030_0800n,
    ]);
  });
});
