import { BufferSource, checkPool, openSession, runToEnd, type Session } from '@poolscope/engine';
import { dumpBytes, RunningMachine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { foundBlocks, type HeapTruth, trueBlocks } from './heap-listing.ts';

/** A machine whose heaps were used for a while, and what its memory holds. */
async function used(build: number): Promise<{ readonly truth: HeapTruth; readonly session: Session }> {
  const machine = new RunningMachine({ build, memoryPages: 0x4000 });
  machine.populate(build);
  expect(() => machine.systemThread('nt!KeBugCheckEx', 0xe2n)).toThrow('stopped with a bug check');
  const truth = machine.pool.truth() as HeapTruth;
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
    const expected = trueBlocks(machine.truth);
    expect(expected.length).toBeGreaterThan(500);
    expect(foundBlocks(machine.session)).toEqual(expected);
  });

  it('nothing is damaged', () => {
    const check = runToEnd(checkPool(machine.session.system));
    expect(check).toMatchObject({ damaged: [], heapsUnknown: [], cut: undefined });
    expect(check.pages.whole).toBeGreaterThan(50);
    expect(check.pages.incomplete).toBe(0);
  });
});
