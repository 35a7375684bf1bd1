import { describe, expect, it } from 'vitest';
import { driverInterfaceStructure } from './driver-interface.ts';
import { StructureType } from './structure-type.ts';

const machines = ['x64', 'x86', 'arm64'] as const;
const shared = ['_DRIVER_OBJECT', '_DEVICE_OBJECT', '_FILE_OBJECT', '_IRP', '_IO_STACK_LOCATION', '_MDL'];

const typeOf = (machine: (typeof machines)[number], build: number, name: string) => {
  const find = (inner: string): StructureType | undefined => {
    const found = driverInterfaceStructure(machine, build, inner);
    return found && new StructureType(found, machine === 'x86' ? 4 : 8, find);
  };
  return find(name);
};

describe('structures that drivers share with the kernel', () => {
  it.each(machines)('%s: lie inside themselves', (machine) => {
    for (const name of shared) {
      const type = typeOf(machine, 22000, name)!;
      expect(type.exact, name).toBe(true);
      expect(type.members.length, name).toBeGreaterThan(5);
      for (const { path, offset, size } of type.members)
        expect(offset + (size ?? 1), `${name}.${path}`).toBeLessThanOrEqual(type.size);
    }
  });

  it('have the sizes that the public headers give them', () => {
    const sizes = (machine: (typeof machines)[number]) =>
      shared.map((name) => typeOf(machine, 19041, name)!.size);
    expect(sizes('x64')).toEqual([0x150, 0x150, 0xd8, 0xd0, 0x48, 0x30]);
    expect(sizes('arm64')).toEqual(sizes('x64'));
    expect(sizes('x86')).toEqual([0xa8, 0xb8, 0x80, 0x70, 0x24, 0x1c]);
  });

  it('leave out on arm64 what the headers do not show', () => {
    const extension = typeOf('arm64', 22000, '_DEVOBJ_EXTENSION')!;
    expect(extension.member('DeviceObject')).toBeDefined();
    expect(extension.member('AttachedTo')).toBeUndefined();
    expect(typeOf('arm64', 22000, '_OBJECT_HEADER')).toBeUndefined();
    expect(typeOf('arm64', 22000, '_EPROCESS')).toBeUndefined();
  });

  it('of x64 between two profiles are what both agree on', () => {
    // Windows 8, and 10 before the first profile.
    for (const build of [9200, 10240]) {
      const header = typeOf('x64', build, '_OBJECT_HEADER')!;
      expect([header.offset('TypeIndex'), header.offset('InfoMask'), header.offset('Body')]).toEqual([
        0x18, 0x1a, 0x30,
      ]);
      expect(header.source).toContain('as far as they agree');
      expect(typeOf('x64', build, '_DEVOBJ_EXTENSION')!.offset('AttachedTo')).toBe(0x30);
      expect(typeOf('x64', build, '_EPROCESS')).toBeUndefined();
    }
    // The two profiles put a node's state at different places.
    expect(typeOf('x64', 9200, '_DEVICE_NODE')!.offset('State')).toBeUndefined();
    expect(typeOf('x64', 6002, '_OBJECT_HEADER')).toBeUndefined();
    expect(typeOf('x64', 6002, '_DEVOBJ_EXTENSION')!.member('AttachedTo')).toBeUndefined();
  });

  it('of x86 begin where their builds do', () => {
    expect(typeOf('x86', 2600, '_FILE_OBJECT')!.size).toBe(0x70);
    expect(typeOf('x86', 6002, '_OBJECT_HEADER')).toBeUndefined();
    expect(typeOf('x86', 7601, '_OBJECT_HEADER')!.offset('Body')).toBe(0x18);
    expect(typeOf('x86', 19041, '_IRP')!.offset('Tail.Overlay.ListEntry')).toBe(0x58);
    expect(typeOf('x86', 30000, '_OBJECT_HEADER')!.exact).toBe(false);
  });
});
