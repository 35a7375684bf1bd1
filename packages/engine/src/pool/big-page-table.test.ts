import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlantedKernel } from '../../test/planted-kernel.ts';
import type { Va } from '../base/index.ts';
import { runToEnd } from '../memory/index.ts';
import { findBigPageTable, isPlaced } from './index.ts';

const builds = [
  ['x86', 2600],
  ['x64', 3790],
  ['x86', 6002],
  ['x64', 7601],
  ['x64', 9200],
  ['x64', 17763],
  ['x86', 19041],
  ['x64', 20348],
] as const;

interface Plan {
  readonly entries?: number;
  readonly used?: number;
  /** Where the variable with the size is, from the one with the pointer. */
  readonly sizeAt?: number;
}

/** A table behind a variable without a name, among other variables. */
function plant(
  machine: 'x64' | 'x86',
  build: number,
  { entries = 0x1000, used = 20, sizeAt = 0x18 }: Plan = {},
) {
  const planted = new PlantedKernel(machine, build);
  const { size } = planted.structures.find('_POOL_TRACKER_BIG_PAGES')!;
  const table = planted.allocate(entries * size, 0x1000);
  const variable = planted.variable('some', 0x100);
  planted.pointer(variable + 0x40n, table);
  planted.memory.write(variable + 0x40n + BigInt(sizeAt), entries, 4);
  const top = planted.image & ~0xffff_ffffn;
  for (let index = 0; index < entries; index++) {
    const va = index % 7 === 3 && index / 7 < used ? top + 0x8900_0000n + BigInt(index * 0x5000) : 1n;
    const at = table + BigInt(index * size);
    const freed =
      index % 7 === 5 ? { Va: top + 0x8a00_0001n, Key: 0x6c6f_6f50, NumberOfBytes: 0 } : undefined;
    planted.set('_POOL_TRACKER_BIG_PAGES', at, freed ?? { Va: va, Key: va === 1n ? 0 : 0x6769_4254 });
    if (va !== 1n) planted.set('_POOL_TRACKER_BIG_PAGES', at, { NumberOfBytes: 0x3000, NumberOfPages: 3 });
  }
  return { planted, table, size, variable };
}

const find = ({ kernel }: PlantedKernel) => {
  const found = runToEnd(findBigPageTable(kernel));
  return isPlaced(found) ? { start: found.value.start, count: found.value.count, from: found.from } : found;
};

describe('the table of large allocations without symbols', () => {
  it.each(builds)(
    'PF-13: %s %d: is what a variable of nt points to, with the size next to that',
    (machine, build) => {
      const { planted, table } = plant(machine, build);
      const from = 'a variable of nt that points to entries of its form';
      expect(find(planted)).toEqual({ start: table, count: 0x1000, from });
    },
  );

  it('is as long as its entries make sense, where no variable gives a size', () => {
    const { planted, table, size } = plant('x64', 7601, { sizeAt: 0x1b0, entries: 0x555 });
    const end = table + BigInt(0x555 * size);
    expect(find(planted)).toMatchObject({
      start: table,
      count: expect.toSatisfy((count: number) => count >= 0x555),
    });
    planted.memory.map(end, 0x20);
    const other = plant('x64', 7601, { sizeAt: 0x1b0, entries: 0x555 });
    other.planted.memory.write(other.table + BigInt(0x555 * size), 0x1234_5678_9abc_def0n, 8);
    expect(find(other.planted)).toMatchObject({ start: other.table, count: 0x555 });
  });

  it('is not taken from what only looks a little like it', () => {
    const nothing = plant('x64', 7601, { used: 2 });
    expect(find(nothing.planted)).toContain('no variable of nt points');
    const wrong = plant('x64', 7601);
    wrong.planted.memory.write(wrong.table + BigInt(10 * wrong.size), 0xffff_fa80_1234_5678n, 8);
    expect(find(wrong.planted)).toContain('no variable of nt points');
    const long = plant('x64', 7601);
    long.planted.memory.write(long.table + BigInt(3 * long.size) + 0x10n, 1n << 50n, 8);
    expect(find(long.planted)).toContain('no variable of nt points');
  });

  it('of two the one with more allocations is taken', () => {
    const { planted, table, variable, size } = plant('x64', 7601);
    const other = planted.allocate(0x1000 * size, 0x1000);
    planted.pointer(variable, other);
    for (let index = 0; index < 5; index++) {
      const values = {
        Va: 0xffff_f900_c000_0000n + BigInt(index * 0x9000),
        Key: 0x6b61_7447,
        NumberOfBytes: 0x5000,
      };
      planted.set('_POOL_TRACKER_BIG_PAGES', other + BigInt(index * size), values);
    }
    expect(find(planted)).toMatchObject({ start: table });
  });

  it('any bytes among the variables end the search', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), { maxLength: 40 }), (words) => {
        const planted = new PlantedKernel('x64', 9600);
        words.forEach((word, index) => planted.memory.write(planted.image + BigInt(index * 8), word, 8));
        expect(find(planted)).toContain('no variable of nt points');
      }),
      { numRuns: 30 },
    );
  });

  it('is not known where the layout is not', () => {
    const planted = new PlantedKernel('x64', 7601);
    const kernel = {
      ...planted.kernel,
      structures: { find: () => undefined },
    } as unknown as PlantedKernel['kernel'];
    expect(runToEnd(findBigPageTable(kernel))).toBe('the layout of its entries is not known');
  });

  it('counts its own search as progress', () => {
    const { planted } = plant('x64', 7601, { entries: 0x4000 });
    const steps = [...findBigPageTable(planted.kernel)];
    expect(steps.length).toBeGreaterThan(2);
    const again: Va[] = [...findBigPageTable(planted.kernel)].map(BigInt);
    expect(again).toEqual([]);
  });
});
