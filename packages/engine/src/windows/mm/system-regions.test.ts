import { describe, expect, it } from 'vitest';
import type { ObjectKernel } from '../objects/index.ts';
import { systemRegions } from './system-regions.ts';

const kernelOf = (machine: string, build: number): ObjectKernel =>
  ({
    target: { machine, pointerSize: machine === 'x86' ? 4 : 8, dump: { header: { build, bits: 64 } } },
    data: undefined,
    symbols: { findAddress: () => undefined },
    structures: { find: () => undefined, offset: () => undefined },
  }) as unknown as ObjectKernel;

describe('regions without any variable', () => {
  it('have a fixed layout on x64 up to Windows 8', () => {
    const regions = systemRegions(kernelOf('x64', 9200));
    const usageAt = (va: bigint) => regions.find(({ start, end }) => va >= start && va < end)?.usage;
    expect(usageAt(0xffff_f800_9267_0000n)).toBe('BootLoaded');
    expect(usageAt(0xffff_f6fb_7dbe_df98n)).toBe('PageTables');
    expect(usageAt(0xffff_f8a0_0000_4720n)).toBe('PagedPool');
    expect(usageAt(0xffff_fa80_0000_0000n)).toBeUndefined();
  });

  it.each([
    ['x64', 9600],
    ['x64', 19041],
    ['arm64', 22000],
    ['x86', 7601],
  ])('are not told of %s build %d', (machine, build) => {
    expect(systemRegions(kernelOf(machine, build))).toEqual([]);
  });
});
