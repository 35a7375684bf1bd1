import { describe, expect, it } from 'vitest';
import { arm64, HandBuiltMemory, la57, pae, root, x64, x86 } from '../../test/hand-built-memory.ts';
import { detectPaging } from './detect-paging.ts';
import type { PagingSetup } from './paging-setup.ts';

const silent = { machine: 'x64', directoryTableBase: root } satisfies PagingSetup;
const silent32 = { machine: 'x86', directoryTableBase: root } satisfies PagingSetup;

describe('detectPaging', () => {
  it('takes the levels under which the probes can be read', () => {
    for (const shape of [x64, la57]) {
      // An address that both kinds of paging could have.
      for (const va of [shape.kernel, 0xffff_f800_1122_3000n]) {
        const built = new HandBuiltMemory(shape);
        built.map(va, 0x7000);
        const found = detectPaging(built.build(), silent, [va]);
        expect(found).toEqual({ ...silent, levels: shape === la57 ? 5 : 4 });
      }
    }
  });

  it('takes the kind of x86 paging under which the probes can be read', () => {
    for (const shape of [x86, pae]) {
      const built = new HandBuiltMemory(shape);
      built.putEntry(built.entryAt(shape.kernel, shape.shifts.length - 1, root), 0x7063n);
      built.fill(0x7000);
      const found = detectPaging(built.build(), silent32, [BigInt.asUintN(32, shape.kernel)]);
      expect(found).toEqual({ ...silent32, pae: shape === pae });
    }
  });

  it('lets more probes win over fewer', () => {
    const built = new HandBuiltMemory(la57);
    const probes = [0n, 1n, 2n].map((index) => la57.kernel + index * 0x1000n);
    built.map(probes[2]!, 0x7000);
    expect(detectPaging(built.build(), silent, probes).levels).toBe(5);
  });

  it('lets a self-map decide where no probe can be read', () => {
    const built = new HandBuiltMemory(pae);
    const base = root;
    const directories = [0, 1, 2, 3].map((index) => built.entryAt(BigInt(index) << 30n, 1, base) & ~0xfff);
    for (const [index, directory] of directories.entries()) {
      built.putEntry(directories[3]! + index * 8, BigInt(directory) | 0x63n);
    }
    expect(detectPaging(built.build(), silent32, [0x8888_0000n]).pae).toBe(true);
  });

  it('P-10: without evidence keeps the usual setup', () => {
    expect(detectPaging(new HandBuiltMemory(x64).build(), silent, [x64.kernel]).levels).toBe(4);
    expect(detectPaging(new HandBuiltMemory(x86).build(), silent32, []).pae).toBe(false);
    const unaligned = { ...silent32, directoryTableBase: root + 0x60 };
    expect(detectPaging(new HandBuiltMemory(x86).build(), unaligned, []).pae).toBe(true);
  });

  it('keeps what is stated', () => {
    const built = new HandBuiltMemory(la57);
    built.map(la57.kernel, 0x7000);
    const physical = built.build();
    for (const setup of [x64.setup, x86.setup, pae.setup, arm64.setup]) {
      const stated = setup.machine === 'x64' ? { ...setup, levels: 4 as const } : setup;
      expect(detectPaging(physical, stated, [la57.kernel])).toEqual(stated);
    }
  });
});
