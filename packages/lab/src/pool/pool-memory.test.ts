import { describe, expect, it } from 'vitest';
import { AddressSpace } from '../memory/address-space.ts';
import { PageTables } from '../memory/page-tables.ts';
import { x64Paging } from '../memory/paging-format.ts';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { toKernelAddress, toVa } from './kernel-address.ts';
import { MemoryFault } from './pool-fault.ts';
import { SpacePoolMemory } from './pool-memory.ts';

const start = 0xffff_fa80_0123_4000n;

function memoryOf(pages: number): { space: AddressSpace; memory: SpacePoolMemory } {
  const physical = new PhysicalMemory([{ basePage: 1, pageCount: 0x80 }]);
  const space = new AddressSpace(physical, new PageTables(physical, x64Paging));
  space.allocate(start, pages * 0x1000, { writable: true });
  return { space, memory: new SpacePoolMemory(space, 8) };
}

describe('SpacePoolMemory', () => {
  const at = toKernelAddress(start);

  it('keeps canonical addresses exactly, and others as they were read', () => {
    const { memory } = memoryOf(1);
    for (const va of [start, 0xffff_8000_0000_0000n, 0xffff_ffff_ffff_fff8n, 0n, 0x7fff_ffff_fff0n]) {
      memory.writePointer(at, toKernelAddress(va));
      expect(memory.readU64(at)).toBe(va);
      expect(toVa(memory.readPointer(at))).toBe(va);
    }
    for (const value of [0x4f4f_4f4f_4f4f_4f4fn, 0x8000_0000_0000_0001n, 0xffff_7fff_ffff_ffffn]) {
      memory.writeU64(at, value);
      const pointer = memory.readPointer(at);
      expect(memory.exact(pointer)).toBe(value);
      memory.writePointer(at + 8, pointer);
      expect(memory.readU64(at + 8)).toBe(value);
    }
  });

  it('reads and writes over the end of a page', () => {
    const { memory, space } = memoryOf(2);
    memory.writeU64(at + 0xffd, 0x1122_3344_5566_7788n);
    expect(memory.readU64(at + 0xffd)).toBe(0x1122_3344_5566_7788n);
    expect(memory.readU32(at + 0xfff)).toBe(0x3344_5566);
    expect([...space.read(start + 0x1000n, 2)]).toEqual([0x55, 0x44]);
  });

  it('carries from the low half of a counter to the high one and back', () => {
    const { memory } = memoryOf(1);
    memory.writeU64(at, 0xffff_ffffn);
    memory.add(at, 8, 2);
    expect(memory.readU64(at)).toBe(0x1_0000_0001n);
    memory.add(at, 8, -2);
    expect(memory.readU64(at)).toBe(0xffff_ffffn);
    memory.writeU64(at, 0n);
    memory.add(at, 4, -1);
    expect(memory.readU64(at)).toBe(0xffff_ffffn);
  });

  it('sees what others map, move and take away', () => {
    const { memory, space } = memoryOf(1);
    memory.writeU32(at, 7);
    space.plant(start, 0n);
    expect(() => memory.readU32(at)).toThrow(MemoryFault);
    space.allocate(start, 0x1000);
    expect(memory.readU32(at)).toBe(0);
    expect(() => memory.writeU8(at + 0x1000, 1)).toThrow(MemoryFault);
  });
});
