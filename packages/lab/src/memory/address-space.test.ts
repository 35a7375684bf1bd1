import { describe, expect, it } from 'vitest';
import { AddressSpace, Region } from './address-space.ts';
import { PageTables } from './page-tables.ts';
import { x64Paging } from './paging-format.ts';
import { PhysicalMemory } from './physical-memory.ts';
import { transitionPte } from './software-pte.ts';

const newSpace = (): AddressSpace => {
  const memory = new PhysicalMemory([{ basePage: 1, pageCount: 0x800 }]);
  return new AddressSpace(memory, new PageTables(memory, x64Paging));
};

const va = 0xffff_c000_1234_5000n;

describe('AddressSpace', () => {
  it('reads back what was written over scattered pages', () => {
    const space = newSpace();
    space.allocate(va, 0x3000, { writable: true });
    const bytes = Uint8Array.from({ length: 0x2345 }, (_, index) => index * 13);
    space.write(va + 0xabcn, bytes);
    expect(space.read(va + 0xabcn, bytes.length)).toEqual(bytes);
    expect(space.pfnOf(va)! + 1).not.toBe(space.pfnOf(va + 0x1000n));
  });

  it('refuses addresses that are not mapped', () => {
    const space = newSpace();
    space.allocate(va, 0x1000);
    expect(() => space.read(va + 0xffcn, 8)).toThrow('nothing is mapped');
    expect(space.pfnOf(va + 0x1000n)).toBeUndefined();
  });

  it('counts changes of mappings', () => {
    const space = newSpace();
    const before = space.version;
    space.allocate(va, 0x1000);
    const mapped = space.version;
    expect(mapped).toBeGreaterThan(before);
    space.write(va, Uint8Array.of(1));
    expect(space.version).toBe(mapped);
    space.plant(va, 0n);
    expect(space.version).toBeGreaterThan(mapped);
  });

  it('forgets a page whose entry is replaced', () => {
    const space = newSpace();
    space.allocate(va, 0x1000);
    const entry = transitionPte(space.pfnOf(va)!);
    space.plant(va, entry);
    expect(space.pfnOf(va)).toBeUndefined();
    expect(space.tables.entry(va)).toBe(entry);
  });

  it('shows page tables at the addresses of the self-map', () => {
    const space = newSpace();
    space.tables.mapSelf(0x1ea);
    space.allocate(va, 0x1000);
    const bytes = space.read(space.tables.pteAddress(va), 8);
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(space.tables.entry(va));
    expect(space.pfnOf(space.tables.pteAddress(0xffff_9000_0000_0000n))).toBeUndefined();
  });
});

describe('Region', () => {
  it('hands out addresses upwards, aligned, and leaves gaps when asked', () => {
    const space = newSpace();
    const region = new Region(space, va, { writable: true });
    expect(region.allocate(5)).toBe(va);
    expect(region.allocate(5, 64)).toBe(va + 64n);
    region.skip(0x2000);
    const placed = region.place(Uint8Array.of(1, 2, 3), 0x1000);
    expect(placed).toBe(va + 0x3000n);
    expect(space.read(placed, 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(space.pfnOf(va + 0x1000n)).toBeUndefined();
  });
});
