/** Evidence that only segment heaps have: dumps of the lab that were judged wrong without it. */
import { BufferSource, openSession } from '@poolscope/engine';
import { dumpBytes, heapScenarios, playScenario, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

const all = [...scenarios, ...heapScenarios];

async function verdictOn(name: string, build: number, seed: number) {
  const machine = playScenario(all.find((each) => each.name === name)!, { build, seed });
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));
  const { verdict } = session.analyze().report;
  return { verdict, claims: verdict.evidence.map(({ claim }) => claim).join('\n') };
}

describe('a bit of a header that says that a process pays', () => {
  it.each([
    [18_362, 10],
    [22_000, 5],
    [22_000, 8],
  ])(
    'is wrong where the process is a link out of the time before (build %i, seed %i)',
    async (build, seed) => {
      const { verdict, claims } = await verdictOn('bit-flip-header', build, seed);
      expect(verdict.kind).toBe('single-bit-error');
      expect(claims).toContain("a link of the heap's out of the time when the chunk was free");
    },
  );
});

describe('sixteen bytes over the header of a chunk', () => {
  it('are astray where the count of unused bytes in front of them is whole', async () => {
    const { verdict } = await verdictOn('stray-write-chunk', 19_041, 10);
    expect([verdict.kind, verdict.block]).toEqual(['stray-write', null]);
  });

  it.each([
    [22_000, 5],
    [22_000, 12],
    [18_362, 8],
  ])(
    'are astray where they begin there elsewhere too, and text ends in front (build %i, seed %i)',
    async (build, seed) => {
      expect((await verdictOn('stray-write-chunk', build, seed)).verdict.kind).toBe('stray-write');
    },
  );

  it('are found by where the sizes in them lead', async () => {
    const { verdict, claims } = await verdictOn('stray-write-chunk', 18_362, 9);
    expect(verdict.kind).toBe('stray-write');
    expect(claims).toMatch(/The heap took \w+ for the chunk in front of the chunk at \w+/);
  });

  it('of an array are still an overrun', async () => {
    expect((await verdictOn('overrun-element', 22_000, 9)).verdict.kind).toBe('pool-overrun');
  });
});

it('a text that began before the free chunk in front of the damage names no block', async () => {
  const { verdict } = await verdictOn('chunk-overrun', 19_041, 46);
  expect([verdict.kind, verdict.block, verdict.damage?.length]).toEqual(['pool-overrun', null, 13]);
});
