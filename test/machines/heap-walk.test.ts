import {
  BufferSource,
  checkPool,
  findPoolBlocks,
  openSession,
  runToEnd,
  type Session,
  tagPattern,
} from '@poolscope/engine';
import { dumpBytes, RunningMachine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { toldSize } from '../../packages/engine/src/pool/index.ts';

const pools = ['nonpaged', 'paged'] as const;
const everything = { tag: tagPattern('*')!, pools } as const;
/** What is put aside is in use to the heap. */
const states = { allocated: 'allocated', free: 'free', deferred: 'cached', lookaside: 'cached' } as const;
type Truth = Extract<ReturnType<RunningMachine['pool']['truth']>, { readonly blocks: unknown }>;

/** A machine whose heaps were used for a while, and what its memory holds. */
async function used(build: number): Promise<{ readonly truth: Truth; readonly session: Session }> {
  const machine = new RunningMachine({ build, memoryPages: 0x4000 });
  machine.populate(build);
  expect(() => machine.systemThread('nt!KeBugCheckEx', 0xe2n)).toThrow('stopped with a bug check');
  const truth = machine.pool.truth() as Truth;
  return {
    truth,
    session: await openSession(new BufferSource(dumpBytes(machine.finish(), { type: 'full' }))),
  };
}

describe.each([18_362, 19_041, 20_348, 22_000])('heaps of build %d', (build) => {
  let machine: Awaited<ReturnType<typeof used>>;
  beforeAll(async () => {
    machine = await used(build);
  }, 60_000);

  it('every block is found with its size, state, tag and allocator, and no other', () => {
    const { heap } = runToEnd(findPoolBlocks(machine.session.system, everything));
    const line = (...parts: readonly (string | number)[]): string => parts.join(' ');
    // Of a free slot of the LFH nobody knows what it was.
    const tagOf = (state: string, tag: number | '' | undefined): number | string =>
      state === 'free' ? '-' : tag!;
    const found = heap.map(({ block }) => {
      const { address, state, tagValue, allocator } = block;
      return line(address.toString(16), toldSize(block), state, tagOf(state, tagValue), allocator);
    });
    // The free chunks of VS have no tags: they are not found by one.
    const expected = machine.truth.blocks
      .filter(({ state, allocator }) => !(allocator === 'vs' && state === 'free'))
      .map(({ header, size, state, tag, allocator }) =>
        line(header.toString(16), size, states[state], tagOf(state, tag), `${allocator}`),
      );
    expect(expected.length).toBeGreaterThan(500);
    expect(found.sort()).toEqual(expected.sort());
  });

  it('nothing is damaged', () => {
    const check = runToEnd(checkPool(machine.session.system));
    expect(check).toMatchObject({ damaged: [], heapsUnknown: [], cut: undefined });
    expect(check.pages.whole).toBeGreaterThan(50);
    expect(check.pages.incomplete).toBe(0);
  });
});
