import {
  addressMap,
  BufferSource,
  describeAddress,
  openSession,
  readMemoryTotals,
  readPageFrame,
  runToEnd,
  type Session,
  systemRegions,
} from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

const machine = buildMachine();
const { pages, regions, counters } = machine.truth.system;

const open = (type: DumpKind = 'full'): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type })));

describe('the page frame database', () => {
  it('tells of every page what was planted', async () => {
    const { system } = await open();
    expect(pages.length).toBeGreaterThan(700);
    for (const { pfn, location, pte, table } of pages) {
      const frame = readPageFrame(system, pfn);
      expect(frame, pfn.toString(16)).toMatchObject({ pfn, location, missing: [] });
      expect(frame.pteAddress).toBe(pte ?? 0n);
      expect(frame.containingPage).toBe(BigInt(table ?? 0));
      expect(frame.shareCount).toBe(location === 'Active' ? 1n : 0n);
    }
  });

  it('agrees with the page tables about pages that are mapped', async () => {
    const { system } = await open();
    const mapped = pages.filter(({ va, location }) => va !== undefined && location === 'Active');
    expect(mapped.length).toBeGreaterThan(150);
    for (const { va, pfn } of mapped) {
      const use = runToEnd(describeAddress(system, system.memory, va!));
      expect(use.page?.pfn).toBe(pfn);
      expect(use.page?.location).toBe('Active');
    }
  });

  it('has no entry where none was planted', async () => {
    const { system } = await open();
    expect(() => readPageFrame(system, 0xf_ffff)).toThrow(/cannot be read/);
    expect(() => readPageFrame(system, 2 ** 40)).toThrow(/40 bits/);
  });
});

describe('regions of kernel addresses', () => {
  it('are those that the memory manager was given', async () => {
    const { system } = await open();
    const found = systemRegions(system).map(({ usage, start, end }) => ({ usage, start, size: end - start }));
    expect(regions).toHaveLength(7);
    expect(found).toEqual(expect.arrayContaining([...regions]));
  });

  it('are not told where the state of the memory manager is not what it seems', async () => {
    // The page frame database elsewhere: what the regions say does not fit any more.
    const variable = machine.truth.symbols.get('nt!MmPfnDatabase')!;
    const other = buildMachine({
      prepare: (kernel) => kernel.writePointer(variable, kernel.pfnDatabase + 0x1000n),
    });
    const { system } = await openSession(new BufferSource(dumpBytes(other, { type: 'full' })));
    expect(systemRegions(system).map(({ usage }) => usage)).toEqual(['PfnDatabase']);
    expect(readMemoryTotals(system).counters.some(({ from }) => from.includes('MiState'))).toBe(false);
  });

  it('lie around what is found in them', async () => {
    const { system } = await open('bitmap-kernel');
    const usesOf = (va: bigint) =>
      runToEnd(describeAddress(system, system.memory, va)).places.map(({ usage }) => usage);
    expect(usesOf(machine.thread.va)).toEqual(['Thread', 'NonPagedPool']);
    expect(usesOf(machine.pool.block)).toEqual(['NonPagedPool']);
    expect(usesOf(machine.stack.pointer)).toEqual(['Stack', 'KernelStacks']);
    expect(usesOf(machine.specialPages.transition!.va)).toEqual(['PagedPool']);
    expect(usesOf(machine.space.tables.pteAddress(machine.thread.va))).toContain('PageTables');
    expect(usesOf(machine.processors[0]!.prcb.va)).toEqual(['Prcb', 'Pcr', 'SystemPtes']);
  });

  it('name the stacks of all threads', async () => {
    const { system } = await open();
    const threads = machine.truth.processes.flatMap((process) => process.threads);
    const stacks = runToEnd(addressMap(system, system.memory)).filter(({ usage }) => usage === 'Stack');
    expect(stacks).toHaveLength(threads.length);
    for (const { address, frames } of threads) {
      if (frames === undefined) continue;
      const { sp } = frames[0]!;
      const [place] = runToEnd(describeAddress(system, system.memory, sp)).places;
      expect(place?.what).toContain(`thread ${address.toString(16)}`);
    }
  });
});

describe('counters of memory', () => {
  it('are those of the memory manager, each with its variable', async () => {
    const { system } = await open();
    const totals = readMemoryTotals(system);
    const byMember = new Map(
      totals.counters.map(({ from, pages: count }) => [from.replace('nt!MiState.Vs.', ''), count]),
    );
    const { SizeOfPagedPoolInPages: size, ...others } = counters;
    for (const [member, value] of Object.entries(others))
      expect(byMember.get(member), member).toBe(BigInt(value));
    expect(byMember.get('nt!MmSizeOfPagedPoolInBytes')).toBe(BigInt(size!));
    expect(totals.counters.find(({ name }) => name === 'Physical Memory')).toMatchObject({
      pages: 0x1000n,
      from: 'nt!MmPhysicalMemoryBlock',
    });
    expect(totals.unknown).toContain('Available Pages');
  });

  it('are fewer in a small dump, and fewest in a header', async () => {
    const namesIn = async (type: DumpKind) =>
      readMemoryTotals((await open(type)).system).counters.map(({ name, from }) => `${name} ${from}`);
    expect(await namesIn('triage')).toEqual([
      'Physical Memory nt!MmPhysicalMemoryBlock',
      'PagedPool Maximum nt!MmSizeOfPagedPoolInBytes',
    ]);
    expect(await namesIn('header')).toEqual(['Physical Memory the header of the dump']);
  });
});
