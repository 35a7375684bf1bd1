import { readU32 } from '@poolscope/engine/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examinePage, plainFormat } from '../../../engine/src/pool/index.ts';
import { type PoolMachine, poolBuilds, poolMachine } from '../../test/pool-machine.ts';
import type { TrueBlock } from './index.ts';

/** Requests, each with a number that says which earlier block is freed before it, if any. */
const requests = fc.array(
  fc.record({
    type: fc.constantFrom(0, 1),
    bytes: fc.integer({ min: 1, max: 0xf00 }),
    freed: fc.option(fc.nat(), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 80 },
);

function fill({ pool }: PoolMachine, list: readonly { type: number; bytes: number; freed?: number }[]): void {
  const live: bigint[] = [];
  for (const { type, bytes, freed } of list) {
    if (freed !== undefined && live.length > 0) pool.free(live.splice(freed % live.length, 1)[0]!);
    live.push(pool.allocate(type, bytes, 'Test'));
  }
}

const pageOf = (va: bigint): bigint => va & ~0xfffn;

const examine = ({ pool, space }: PoolMachine, page: bigint) =>
  examinePage(
    {
      address: page,
      bytes: space.read(page, 0x1000),
      mask: new Uint8Array(0x1000).fill(1),
      fault: undefined,
    },
    plainFormat(pool.generation.pointerSize),
  );

const stateOf = ({ state }: TrueBlock): string =>
  state === 'allocated' || state === 'free' ? state : 'cached';

describe.each(poolBuilds.map((build) => ({ build })))('pages of $build', ({ build }) => {
  it('are read back by the engine block by block', () => {
    fc.assert(
      fc.property(requests, (list) => {
        const machine = poolMachine(build);
        fill(machine, list);
        const { blocks } = machine.pool.truth();
        for (const page of new Set(blocks.map(({ header }) => pageOf(header)))) {
          const found = examine(machine, page);
          expect(found.verdict).toBe('whole');
          expect(found.blocks.map(({ address, size, state }) => [address, size, state])).toEqual(
            blocks
              .filter(({ header }) => pageOf(header) === page)
              .map((block) => [block.header, block.size, stateOf(block)]),
          );
        }
      }),
      { numRuns: 10 },
    );
  });

  it('show a header that a text wrote over', () => {
    fc.assert(
      fc.property(requests, fc.nat(), (list, which) => {
        const machine = poolMachine(build);
        fill(machine, list);
        const { unit } = machine.pool.generation;
        const victims = machine.pool.truth().blocks.filter(({ header }) => pageOf(header) !== header);
        if (victims.length === 0) return;
        const { header } = victims[which % victims.length]!;
        machine.space.write(header, new Uint8Array(unit).fill(0x4f));
        expect(readU32(machine.space.read(header, 4), 0)).toBe(0x4f4f_4f4f);
        const { verdict, problems } = examine(machine, pageOf(header));
        expect(verdict).not.toBe('whole');
        expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });
});
