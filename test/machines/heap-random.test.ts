import { BufferSource, checkPool, openSession, runToEnd, type Session } from '@poolscope/engine';
import { dumpBytes, RunningMachine } from '@poolscope/lab';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundBlocks, type HeapTruth, trueBlocks } from './heap-listing.ts';

/** NonPagedPoolNx and PagedPool. */
const types = [0x200, 1] as const;

/** Requests, each with a number that says which earlier block is freed before it, if any. */
const requests = fc.array(
  fc.record({
    type: fc.constantFrom(...types),
    bytes: fc.oneof(fc.integer({ min: 1, max: 0x300 }), fc.integer({ min: 1, max: 0x8000 })),
    freed: fc.option(fc.nat(), { nil: undefined, freq: 2 }),
  }),
  { minLength: 60, maxLength: 300 },
);
/** Each takes a machine and its dump: where one fails it is shown as it is, not made smaller. */
const few = { numRuns: 2, endOnFailure: true } as const;

type Requests = readonly { readonly type: number; readonly bytes: number; readonly freed?: number }[];

/** A machine whose pool got these requests. */
function used(build: number, list: Requests): RunningMachine {
  const machine = new RunningMachine({ build });
  const live: bigint[] = [];
  for (const { type, bytes, freed } of list) {
    if (freed !== undefined && live.length > 0)
      machine.pool.free(live.splice(freed % live.length, 1)[0]!, 'Rand');
    live.push(machine.pool.allocate(type, bytes, 'Rand'));
  }
  return machine;
}

/** The thread that crashes is in pool too: what is there is asked when it has. */
async function crash(machine: RunningMachine): Promise<{ session: Session; truth: HeapTruth }> {
  expect(() => machine.systemThread('nt!KeBugCheckEx', 0xe2n)).toThrow('stopped with a bug check');
  const truth = machine.pool.truth() as HeapTruth;
  const dump = dumpBytes(machine.finish(), { type: 'bitmap-kernel' });
  return { session: await openSession(new BufferSource(dump)), truth };
}

describe.each([18_362, 22_000])('any sequence of requests, on build %d', (build) => {
  it('leaves the blocks that the engine finds, and nothing that it calls damaged', async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const machine = used(build, list);
        const { session, truth } = await crash(machine);
        expect(foundBlocks(session)).toEqual(trueBlocks(truth));
        expect(runToEnd(checkPool(session.system))).toMatchObject({ damaged: [], heapsUnknown: [] });
      }),
      few,
    );
  });

  it('shows where a text was written over the header of a chunk', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.nat(), async (list, which) => {
        const machine = used(build, list);
        const { blocks } = machine.pool.truth() as HeapTruth;
        const chunks = blocks.filter(({ chunk, state }) => chunk !== undefined && state === 'allocated');
        fc.pre(chunks.length > 0);
        const { chunk } = chunks[which % chunks.length]!;
        machine.space.write(chunk!, new Uint8Array(0x10).fill(0x4f));
        const { damaged } = runToEnd(checkPool((await crash(machine)).session.system));
        expect(damaged.length).toBeGreaterThan(0);
      }),
      few,
    );
  });
});
