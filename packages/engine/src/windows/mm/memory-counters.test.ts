import { describe, expect, it } from 'vitest';
import { SparseMemory } from '../../../test/sparse-memory.ts';
import { Fault } from '../../base/index.ts';
import { KDDEBUGGER_DATA64 } from '../../layouts/index.ts';
import { profileTypes, Structure } from '../../types/index.ts';
import { DebuggerData } from '../debugger-data.ts';
import type { ObjectKernel } from '../objects/index.ts';
import { readMemoryTotals } from './memory-counters.ts';

type FieldName = keyof typeof KDDEBUGGER_DATA64.fields;

/** A kernel whose debugger data block names variables, one every 16 bytes from 0x1000 on. */
function kernelWith(
  build: number,
  variables: Readonly<Partial<Record<FieldName, bigint>>>,
  symbols: Readonly<Record<string, bigint>> = {},
  memory = new SparseMemory(),
): ObjectKernel {
  const block = new Uint8Array(KDDEBUGGER_DATA64.size);
  for (const [index, [name, value]] of Object.entries(variables).entries()) {
    const at = 0x1000n + BigInt(index * 16);
    new DataView(block.buffer).setBigUint64(KDDEBUGGER_DATA64.fields[name as FieldName].offset, at, true);
    memory.putInteger(at, value!, 8);
  }
  const types = profileTypes('x64', build)!;
  const word = (read: bigint | number | Fault) => (read instanceof Fault ? undefined : read);
  return {
    target: {
      pointerSize: 8,
      machine: 'x64',
      memory,
      dump: { header: { build, bits: 64, physicalMemoryBlock: undefined } },
      readPointer: (va: bigint) => word(memory.tryReadU64(va)),
      readU32: (va: bigint) => word(memory.tryReadU32(va)),
    },
    data: { value: new DebuggerData(block), from: 'test' },
    symbols: { findAddress: (name: string) => symbols[name] },
    structures: {
      find: types.find,
      offset: (name: string, path: string) => types.offset(name, path),
      at: (name: string, va: bigint) => new Structure(types.find(name)!, memory, va),
    },
  } as unknown as ObjectKernel;
}

const tell = (kernel: ObjectKernel) =>
  readMemoryTotals(kernel).counters.map(({ name, pages, from }) => `${name} ${pages} ${from}`);

describe('counters of memory', () => {
  it('are variables of their own up to Windows 8.1', () => {
    const kernel = kernelWith(9600, {
      MmNumberOfPhysicalPages: 0x100n,
      MmAvailablePages: 0x40n,
      MmModifiedPageListHead: 5n,
      MmMaximumNonPagedPoolInBytes: 0x8_0000n,
      MmPagedPoolCommit: 0x33n,
      // A number of four bytes, with another behind it.
      MmDriverCommit: 0x7_0000_0009n,
      MmTotalCommittedPages: 0x90n,
    });
    expect(tell(kernel)).toEqual([
      'Physical Memory 256 nt!MmNumberOfPhysicalPages',
      'Available Pages 64 nt!MmAvailablePages',
      'Modified Pages 5 nt!MmModifiedPageListHead',
      'NonPagedPool Max 128 nt!MmMaximumNonPagedPoolInBytes',
      'PagedPool Commit 51 nt!MmPagedPoolCommit',
      'Driver Commit 9 nt!MmDriverCommit',
      'Committed pages 144 nt!MmTotalCommittedPages',
    ]);
  });

  it('of Windows 10 do not take MmPagedPoolCommit for what it says', () => {
    const kernel = kernelWith(19041, { MmPagedPoolCommit: 0x33n, MmSizeOfPagedPoolInBytes: 0x1000n });
    expect(tell(kernel)).toEqual(['PagedPool Maximum 1 nt!MmSizeOfPagedPoolInBytes']);
    expect(readMemoryTotals(kernel).unknown).toContain('PagedPool Commit');
  });

  it('of Windows 10 are in the system partition, where symbols name it', () => {
    const types = profileTypes('x64', 19041)!;
    const partition = 0x8000n;
    const visible = partition + BigInt(types.offset('_MI_PARTITION', 'Vp')!);
    const memory = new SparseMemory();
    const put = (path: string, value: bigint) =>
      memory.putInteger(visible + BigInt(types.offset('_MI_VISIBLE_PARTITION', path)!), value, 8);
    put('NumberOfPhysicalPages', 0x2000n);
    put('AvailablePages', 0x321n);
    put('ModifiedPageListHead', 0x77n);
    put('TotalCommittedPages', 0x1111n);
    put('NumberOfPagingFiles', 1n);
    put('PagingFile', 0x9000n);
    const file = (path: string, value: bigint) =>
      memory.putInteger(0x9000n + BigInt(types.offset('_MMPAGING_FILE', path)!), value, 8);
    file('Size', 0x400n);
    file('FreeSpace', 0x3ffn);
    file('MinimumSize', 0x400n);
    file('MaximumSize', 0x800n);
    const kernel = kernelWith(19041, {}, { 'nt!MiSystemPartition': partition }, memory);
    expect(tell(kernel)).toEqual([
      'Physical Memory 8192 nt!MiSystemPartition.Vp.NumberOfPhysicalPages',
      'Available Pages 801 nt!MiSystemPartition.Vp.AvailablePages',
      'Modified Pages 119 nt!MiSystemPartition.Vp.ModifiedPageListHead',
      'Committed pages 4369 nt!MiSystemPartition.Vp.TotalCommittedPages',
    ]);
    expect(readMemoryTotals(kernel).pageFiles).toEqual([
      { name: undefined, size: 0x400n, free: 0x3ffn, minimum: 0x400n, maximum: 0x800n },
    ]);
  });
});
