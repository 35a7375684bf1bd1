import { buildMachine, type DumpKind, dumpBytes, type MachineOptions } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { openSession } from '../session.ts';
import { explainAddress } from './explain-address.ts';

async function open(options: MachineOptions, type: DumpKind) {
  const machine = buildMachine(options);
  const bytes = dumpBytes(machine, { type });
  const { system } = await openSession(new BufferSource(bytes));
  return { machine, bytes, system, why: (va: Va) => explainAddress(system, system.memory, va) };
}

const machines: readonly (readonly [string, MachineOptions, DumpKind])[] = [
  ['x64', {}, 'bitmap-kernel'],
  ['x64 with five levels', { paging: 'la57' }, 'full'],
  ['x86', { architecture: 'x86', paging: 'x86' }, 'full'],
  ['x86 with PAE', { architecture: 'x86' }, 'summary'],
  ['arm64', { architecture: 'arm64' }, 'full'],
  ['x64 small', {}, 'triage'],
];

describe('explainAddress', () => {
  it.each(machines)('finds the byte in the file, or says why not (%s)', async (_, options, type) => {
    const { machine, bytes, system, why } = await open(options, type);
    const known = [
      ...machine.truth.frames.map(({ ip }) => ip),
      machine.stack.pointer,
      machine.thread.va,
      machine.debuggerData.va,
      machine.profile.addresses.pagedPool,
      0n,
      1n << 47n,
    ];
    const addresses = fc.oneof(
      fc
        .tuple(fc.constantFrom(...known), fc.integer({ min: -0x3000, max: 0x3000 }))
        .map(([va, off]) => BigInt.asUintN(64, va + BigInt(off))),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    );
    fc.assert(
      fc.property(addresses, (va) => {
        const answer = why(va);
        const read = system.memory.tryRead(va, 1);
        expect(answer.readable).toBe(!(read instanceof Fault));
        expect(answer.fault).toBe(read instanceof Fault ? read.kind : undefined);
        expect(answer.reason === undefined).toBe(answer.readable);
        if (read instanceof Fault) expect(answer.fileOffset).toBeUndefined();
        else expect(bytes[answer.fileOffset!]).toBe(read[0]);
        for (const { start, end } of answer.places) expect(va >= start && va < end).toBe(true);
        for (const { says } of answer.entries) expect(says).toMatch(/^[^.]+$/);
      }),
      { numRuns: 150 },
    );
  });

  it('says what the last entry of every kind of page says', async () => {
    const { machine, why } = await open({}, 'full');
    const { transition, pageFile, demandZero, prototype, large } = machine.specialPages;
    const last = (va: Va): string => why(va).entries.at(-1)!.says;
    expect(last(transition!.va)).toContain(
      `in transition: the page is still in memory, in page frame ${transition!.pfn.toString(16)}`,
    );
    expect(last(pageFile!.va)).toContain(
      `page file ${pageFile!.pageFile}, at offset ${pageFile!.offset.toString(16)}`,
    );
    expect(last(demandZero!.va)).toContain('demand zero');
    expect(last(prototype!.va)).toContain(`prototype PTE at ${prototype!.prototype.toString(16)}`);
    const marker = Number((large!.marker - large!.va) >> 12n) + large!.pfn;
    expect(last(large!.marker)).toContain(
      `a large page of 2 MB, of which this is page frame ${marker.toString(16)}`,
    );
    expect(last(transition!.va + 0x1000n)).toBe('zero: nothing is mapped here');
  });

  it('knows whom an address belongs to', async () => {
    const { machine, why } = await open({}, 'bitmap-kernel');
    const kinds = (va: Va): string[] => why(va).places.map(({ kind }) => kind);
    // What it belongs to, then the region of kernel addresses around that.
    expect(kinds(machine.truth.modules[0]!.base + 0x1000n)).toEqual(['module', 'region', 'region']);
    expect(kinds(machine.stack.pointer)).toEqual(['stack', 'region']);
    expect(kinds(machine.thread.va)).toEqual(['structure', 'region']);
    expect(kinds(0xffff_f780_0000_0008n)).toEqual(['shared-data']);
    expect(kinds(0x7ff0_0000n)).toEqual(['user']);
    expect(kinds(machine.unloadedDrivers[0]!.start)).toEqual(['unloaded-module', 'region', 'region']);
    expect(kinds(0xffff_f57a_bd5e_a000n)).toEqual(['page-tables', 'region']);
    expect(kinds(0xffff_f123_0000_0000n)).toEqual([]);
  });

  it('names the blocks of a small dump around a missing byte', async () => {
    const { machine, why } = await open({}, 'triage');
    const answer = why(machine.truth.modules[0]!.base);
    expect(answer.readable).toBe(false);
    const [below, above] = answer.nearest;
    expect(below!.va + BigInt(below!.size) + below!.distance - 1n).toBe(answer.address);
    expect(answer.address + above!.distance).toBe(above!.va);
    expect(why(machine.stack.pointer).block?.kind).toBe('stack');
    expect(why(0xffff_ffff_ffff_ffffn).nearest).toHaveLength(1);
  });

  it('tells the halves of the address space apart', async () => {
    const x64 = await open({}, 'full');
    expect([0n, 0xffff_8000_0000_0000n, 1n << 60n].map((va) => x64.why(va).half)).toEqual([
      'user',
      'kernel',
      'none',
    ]);
    const x86 = await open({ architecture: 'x86' }, 'full');
    expect([0x7000_0000n, 0xffff_ffff_8000_0000n].map((va) => x86.why(va).half)).toEqual(['user', 'kernel']);
    const small = await open({ architecture: 'arm64' }, 'triage');
    expect([0n, 0xffff_8000_0000_0000n, 1n << 60n].map((va) => small.why(va).half)).toEqual([
      'user',
      'kernel',
      'none',
    ]);
  });
});
