import { describe, expect, it } from 'vitest';
import { DumpProbe } from '../test/dump-probe.ts';
import { joinPieces } from './bytes/piece.ts';
import { demoMachine } from './demo-machine.ts';
import { syntheticLargeDump } from './large-dump.ts';
import { buildMachine } from './machine/build-machine.ts';
import { type DumpKind, dumpBytes } from './write-dump.ts';

const machine = buildMachine();
const owned = (owner: 'kernel' | 'user'): number[] =>
  machine.memory.runs.flatMap(({ basePage, pageCount }) =>
    Array.from({ length: pageCount }, (_, index) => basePage + index).filter(
      (pfn) => machine.memory.owner(pfn) === owner,
    ),
  );

describe('writeDump', () => {
  it.each<[DumpKind, number]>([
    ['full', 1],
    ['summary', 2],
    ['header', 3],
    ['triage', 4],
    ['bitmap-full', 5],
    ['bitmap-kernel', 6],
    ['range-kernel', 8],
    ['range-kernel-user', 9],
    ['range-complete', 10],
  ])('writes %s as type %i', (type, number) => {
    expect(new DumpProbe(dumpBytes(machine, { type })).dumpType).toBe(number);
  });

  it.each<DumpKind>(['full', 'bitmap-full', 'range-complete'])('puts all of RAM into %s', (type) => {
    expect(new DumpProbe(dumpBytes(machine, { type })).pageNumbers.length).toBe(4096);
  });

  it.each<DumpKind>(['summary', 'bitmap-kernel', 'range-kernel'])(
    'puts the pages of the kernel into %s',
    (type) => {
      expect(new DumpProbe(dumpBytes(machine, { type })).pageNumbers).toEqual(owned('kernel'));
    },
  );

  it('adds the user’s pages to range-kernel-user', () => {
    const { pageNumbers } = new DumpProbe(dumpBytes(machine, { type: 'range-kernel-user' }));
    expect(new Set(pageNumbers)).toEqual(new Set([...owned('kernel'), ...owned('user')]));
    expect(owned('user').length).toBeGreaterThan(0);
  });

  it('leaves out pages when told so', () => {
    const missing = machine.space.pfnOf(machine.truth.modules[0]!.base)!;
    const dump = new DumpProbe(dumpBytes(machine, { type: 'bitmap-kernel', omit: (pfn) => pfn === missing }));
    expect(dump.pageNumbers).not.toContain(missing);
    expect(dump.pageNumbers.length).toBe(owned('kernel').length - 1);
    expect(() => dump.read(machine.truth.modules[0]!.base, 2)).toThrow('nothing at');
  });

  it('puts the context of the bug check and the run list into the header', () => {
    const dump = new DumpProbe(dumpBytes(machine, { type: 'bitmap-kernel' }));
    expect(dump.u64(0x348 + 0xf8)).toBe(machine.truth.registers['rip']);
    expect(dump.u64(0x348 + 0x98)).toBe(machine.truth.registers['rsp']);
    expect(dump.u32(0x348 + 0x30)).toBe(0x10_001f);
    expect([dump.u32(0x88), dump.u64(0x90), dump.u64(0x98), dump.u64(0xa0)]).toEqual([2, 4096n, 1n, 0x9dn]);
  });
});

describe('demoMachine', () => {
  const machine = demoMachine();
  const dump = new DumpProbe(dumpBytes(machine, { type: 'bitmap-kernel' }));

  it('crashes as in the article', () => {
    expect([dump.dumpType, dump.u32(0x38)]).toEqual([6, 0x3b]);
    expect(machine.truth.scenario).toMatchObject({ kind: 'pool-overrun', culprit: 'myfault.sys' });
  });

  it('has the block, and the text that runs over its end', () => {
    const { block, damage } = machine.truth.scenario!;
    expect(dump.read(block!.address, 4)[2]! * 16).toBe(block!.size);
    expect(damage!.start).toBe(block!.address + BigInt(block!.size));
    const text = String.fromCharCode(...dump.read(damage!.start, damage!.length));
    expect(text).toBe(`${damage!.text}\0`);
    expect(text).toMatch(/^O+VERFLOW\0$/);
  });
});

describe('syntheticLargeDump', () => {
  it.each(['full', 'bitmap-full'] as const)(
    '%s maps every data page, which begins with its number',
    (type) => {
      const pages = 1500;
      const large = syntheticLargeDump({ type, pages });
      const bytes = joinPieces(large.pieces());
      const dump = new DumpProbe(bytes);
      expect(large.pageCount).toBe(4096 + pages + 3);
      expect(dump.u64(0xfa0)).toBe(BigInt(bytes.length));
      for (let index = 0; index < pages; index++) {
        const va = large.mappedAt + BigInt(index) * 4096n;
        expect(dump.walk(va)!.pa).toBe((large.firstPage + index) * 4096);
        expect(dump.readU64(va)).toBe(BigInt(large.firstPage + index));
      }
      expect(dump.walk(large.mappedAt + BigInt(pages) * 4096n)).toBeUndefined();
      const block = dump.u64(0x80);
      expect(String.fromCharCode(...dump.read(block + 0x10n, 4))).toBe('KDBG');
    },
  );

  it('can map the data elsewhere, at the start of a page table', () => {
    const mappedAt = 0xffff_b000_1260_0000n;
    const dump = new DumpProbe(joinPieces(syntheticLargeDump({ type: 'full', pages: 3, mappedAt }).pieces()));
    expect(dump.readU64(mappedAt + 0x2000n)).toBe(0x2002n);
    expect(() => syntheticLargeDump({ type: 'full', pages: 3, mappedAt: 0xffff_b000_1260_1000n })).toThrow(
      'page table',
    );
    expect(() => syntheticLargeDump({ type: 'full', pages: 0 })).toThrow('whole number');
  });

  it('describes files far larger than memory without making them', () => {
    const large = syntheticLargeDump({ type: 'full', pages: 4_194_304 });
    expect(large.pageCount).toBe(4096 + 4_194_304 + 8192);
    const [first] = large.pieces();
    expect(new DataView(first!.bytes.buffer).getBigUint64(0xfa0, true)).toBe(
      BigInt(0x2000 + large.pageCount * 4096),
    );
  });
});
