import { buildMachine, dumpBytes } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { HandBuiltMemory, root, shapes, x64 } from '../../test/hand-built-memory.ts';
import type { Va } from '../base/index.ts';
import { BufferSource } from '../io/index.ts';
import { PagedMemory } from '../mmu/index.ts';
import { openSession } from '../session.ts';
import { addressSpaceOf } from './directory-base.ts';
import { pageNamer, walkMappedPages } from './mapped-pages.ts';

describe('walkMappedPages', () => {
  it.each(shapes)('lists the valid pages of $name in order', (shape) => {
    const built = new HandBuiltMemory(shape);
    const pages: readonly (readonly [Va, number])[] = [
      [0x1_0000n, 0x70_0000],
      [0x1_1000n, 0x71_0000],
      [0x7_0000n, 0x71_0000],
      [shape.kernel, 0x72_0000],
      [shape.kernel + 0x20_0000n, 0x73_0000],
    ];
    for (const [va, pa] of pages) built.map(va, pa);
    // In transition, and not in the dump.
    built.putPte(shape.kernel + 0x1000n, 0x72_0880n);
    built.map(shape.kernel + 0x2000n, 0x74_0000);
    built.drop(0x74_0000);
    const memory = new PagedMemory(built.build(), shape.setup);
    const found = [...walkMappedPages(memory)].filter((page) => page !== undefined);
    // 32-bit addresses are met without their sign.
    const cut = (va: Va): Va => (shape.setup.machine === 'x86' ? BigInt.asUintN(32, va) : va);
    expect(found.map(({ va, pa }) => [cut(va), pa])).toEqual(pages.map(([va, pa]) => [cut(va), pa]));
  });
});

describe('addressSpaceOf', () => {
  const build = (other: number): { memory: PagedMemory; built: HandBuiltMemory } => {
    const built = new HandBuiltMemory(x64);
    built.putEntry(root + 0x1ed * 8, BigInt(root) | 0x63n);
    built.putEntry(other + 0x1f0 * 8, BigInt(other) | 0x63n);
    return { memory: new PagedMemory(built.build(), x64.setup), built };
  };

  it('takes a page frame number for what it is', () => {
    const { memory, built } = build(0x2345_6000);
    const physical = built.build();
    const baseOf = (typed: bigint): number =>
      addressSpaceOf(memory, physical, typed).setup.directoryTableBase;
    expect(baseOf(0n)).toBe(root);
    expect(baseOf(0x2_3456n)).toBe(0x2345_6000);
    expect(baseOf(0x2345_6000n)).toBe(0x2345_6000);
    // Neither is a root: what can be a frame of the machine is one.
    expect(baseOf(0x777n)).toBe(0x77_7000);
    expect(baseOf(0x7777_7000n)).toBe(0x7777_7000);
  });
});

describe('pageNamer', () => {
  /** PteBase of the lab's x64 machine; the size and the member's place are those of 19041's _MMPFN. */
  const pteBase = 0xffff_f500_0000_0000n;
  const sizeOfPfn = 0x30n;
  const pteAddressAt = 8n;

  it('tells the address of a page where the database and the page tables agree', async () => {
    let named: { va: Va; pfn: number } | undefined;
    let wrong: { va: Va; pfn: number } | undefined;
    const machine = buildMachine({
      prepare: ({ nonPagedPool, profile, space }) => {
        const database = profile.addresses.pagedPool - 0x100_0000_0000n;
        const record = (va: Va, pte: Va) => {
          const pfn = space.pfnOf(va)!;
          const at = database + BigInt(pfn) * sizeOfPfn;
          space.allocate(at, Number(sizeOfPfn));
          const bytes = new Uint8Array(8);
          new DataView(bytes.buffer).setBigUint64(0, pte, true);
          space.write(at + pteAddressAt, bytes);
          return { va: (va >> 12n) << 12n, pfn };
        };
        const pteOf = (va: Va): Va => pteBase + ((va & 0xffff_ffff_ffffn) >> 12n) * 8n;
        const va = nonPagedPool.allocate(0x3000, 0x1000);
        // The lowest bit is a lock.
        named = record(va, pteOf(va) | 1n);
        wrong = record(va + 0x1000n, pteOf(va + 0x2000n));
      },
    });
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
    const nameOf = pageNamer(system, system.memory as PagedMemory, system.target.dump.physical!)!;
    expect(nameOf(named!.pfn)).toEqual({
      va: named!.va,
      pte: pteBase + ((named!.va & 0xffff_ffff_ffffn) >> 12n) * 8n,
    });
    expect(nameOf(wrong!.pfn)).toBeUndefined();
    expect(nameOf(0xf_ffff)).toBeUndefined();
  });

  it('is not there where the layout is not known', async () => {
    const machine = buildMachine({ architecture: 'arm64' });
    const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
    expect(pageNamer(system, system.memory as PagedMemory, system.target.dump.physical!)).toBeUndefined();
  });
});
