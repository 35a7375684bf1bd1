import { describe, expect, it } from 'vitest';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { heapScenarios, scenarios } from './index.ts';
import { playScenario } from './play-scenario.ts';
import { StoryError } from './story-error.ts';

useSegmentHeaps();

const named = (name: string) => [...scenarios, ...heapScenarios].find((each) => each.name === name)!;

/** The scenario with special pool for all of its drivers. */
function playWatched(name: string) {
  const scenario = named(name);
  const drivers = scenario.drivers(() => 0).map((driver) => `${driver.name}.sys`);
  return playScenario(scenario, { verifier: { flags: 1, drivers } });
}

const overrun = { kind: 'pool-overrun', victims: [] } as const;

describe('stories of myfault with special pool', () => {
  it.each([
    ['overrun-text', 0xd6, { ...overrun, state: 'allocated', size: 0x800 }],
    ['overrun-text-worker', 0xd6, { ...overrun, state: 'allocated', size: 0x800 }],
    ['overrun-byte', 0xd6, { ...overrun, state: 'allocated', size: 0x800 }],
    ['bitmap-writer', 0xd6, { ...overrun, state: 'allocated', size: 0x200 }],
    ['double-free', 0x50, { kind: 'double-free', victims: [], state: 'free', size: 0x800 }],
    ['write-after-free', 0x50, { kind: 'use-after-free', victims: [], state: 'free', size: 0x800 }],
    ['free-interior', 0xc1, { kind: 'invalid-free', victims: [], state: 'allocated', size: 0x800 }],
  ])('%s: the truth is that of a block with a page of its own', (name, code, { state, size, ...told }) => {
    const machine = playWatched(name);
    expect(machine.bugCheck.code).toBe(code);
    const { block, ...truth } = machine.truth.scenario!;
    expect(truth).toMatchObject({ ...told, culprit: 'myfault.sys' });
    expect(block).toMatchObject({ allocator: 'special', state, size });
    expect(machine.truth.scenario?.damage).toBeUndefined();
  });

  it.each(['free-wrong-tag', 'bit-flip-header', 'use-after-free-waiting'])(
    '%s cannot happen there, and says so',
    (name) => {
      expect(() => playWatched(name)).toThrow(StoryError);
    },
  );
});

describe('a bit map that is too small', () => {
  it.each([7601, 9200, 17_763])('has one bit too many, whatever the seed: build %i', (build) => {
    for (const seed of [1, 5, 17]) {
      const { truth, bugCheck } = playScenario(named('bitmap-writer'), { build, seed });
      const { damage } = truth.scenario!;
      expect([bugCheck.code, damage?.length, damage?.pattern]).toEqual([0x19, 1, 'bit']);
    }
  });
});

describe('a seed whose numbers do not let a story happen', () => {
  it('gives the story with other numbers, always the same', () => {
    const played = () => playScenario(named('stray-write-header'), { build: 17_763, seed: 3 });
    const [first, second] = [played(), played()];
    expect(first.bugCheck).toEqual(second.bugCheck);
    expect(first.truth.scenario).toEqual(second.truth.scenario);
  });
});
