import { describe, expect, it } from 'vitest';
import { PagedMemory } from '../../mmu/index.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { regionsByPageDirectory } from './va-type-array.ts';

/** A kernel whose memory begins at 80000000 and has these types. */
function kernelOf(pae: boolean, types: readonly number[]): ObjectKernel {
  const memory = Object.assign(Object.create(PagedMemory.prototype) as object, {
    setup: { pae },
    tryRead: (_va: bigint, length: number) => Uint8Array.from({ length }, (_, index) => types[index] ?? 0),
  });
  return {
    symbols: { findAddress: (name: string) => (name === 'nt!MiSystemVaType' ? 0x8280_0000n : undefined) },
    data: { value: { address: () => 0x8280_1000n } },
    target: { memory, pointerSize: 4, readPointer: () => 0xffff_ffff_8000_0000n },
  } as unknown as ObjectKernel;
}

describe('nt!MiSystemVaType', () => {
  it.each([
    [true, 0x20_0000n],
    [false, 0x40_0000n],
  ])('has a type for each entry of the page directory, PAE %s', (pae, span) => {
    const start = 0xffff_ffff_8000_0000n;
    const from = 'nt!MiSystemVaType';
    expect(regionsByPageDirectory(kernelOf(pae, [3, 5, 5, 0, 6]))).toEqual([
      { usage: 'BootLoaded', start, end: start + span, from },
      { usage: 'NonPagedPool', start: start + span, end: start + 3n * span, from },
      { usage: 'PagedPool', start: start + 4n * span, end: start + 5n * span, from },
    ]);
  });
});
