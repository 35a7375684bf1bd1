import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolBuilds, poolMachine } from '../../test/pool-machine.ts';
import { poolComplaints } from '../../test/pool-walk.ts';
import type { AdoptedBlock } from './index.ts';
import { PoolType } from './pool-type.ts';

const pageSize = 0x1000;
/** So many pages behind those that are in use already. */
const pagesBefore = 0x700;

/** Blocks of a page: sizes in units, the last one takes the rest. No two free ones meet. */
const shapes = fc.array(fc.record({ units: fc.integer({ min: 2, max: 0x40 }), isFree: fc.boolean() }), {
  minLength: 1,
  maxLength: 12,
});

function blocksOf(shape: readonly { units: number; isFree: boolean }[], unit: number): AdoptedBlock[] {
  const blocks: AdoptedBlock[] = [];
  let at = 0;
  for (const { units, isFree } of shape) {
    const size = units * unit;
    if (at + size > pageSize - 2 * unit) break;
    blocks.push({ tag: 'Test', size, isFree: isFree && blocks.at(-1)?.isFree !== true });
    at += size;
  }
  return [...blocks, { tag: 'Last', size: pageSize - at }];
}

describe.each(poolBuilds)('a page that the pool takes over, %s build %i', (...build) => {
  const address = (machine: ReturnType<typeof poolMachine>): bigint =>
    machine.pool.allocate(PoolType.NonPagedPool, 0x40, 'None') & -0x1000n;

  it('is one of its own', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const machine = poolMachine(build);
        const { pool } = machine;
        const page = address(machine) + BigInt(pagesBefore * pageSize);
        const blocks = blocksOf(shape, pool.generation.unit);
        pool.adoptPage(PoolType.NonPagedPool, page, blocks);
        expect(poolComplaints(machine)).toEqual([]);
        const there = pool.truth().blocks.filter(({ header }) => header >= page && header < page + 0x1000n);
        expect(there.map(({ size, state }) => [size, state])).toEqual(
          blocks.map(({ size, isFree }) => [size, isFree === true ? 'free' : 'allocated']),
        );
        for (const { address: va, state } of there) if (state === 'allocated') pool.free(va, 0);
        pool.drainDeferred();
        expect(poolComplaints(machine)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('has to be free, and full', () => {
    const machine = poolMachine(build);
    const page = address(machine);
    const whole = [{ tag: 'Test', size: pageSize }];
    const part = [{ tag: 'Test', size: 0x100 }];
    expect(() => machine.pool.adoptPage(PoolType.NonPagedPool, page, whole)).toThrow('free');
    const next = page + BigInt(pagesBefore * pageSize);
    expect(() => machine.pool.adoptPage(PoolType.NonPagedPool, next, part)).toThrow('fill');
  });
});
