import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../test/first-difference.ts';
import { checkDump, checkTruth, kernelDump } from '../../test/scenario-checks.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { heapScenarios } from './heap-scenarios.ts';
import { scenarios } from './index.ts';
import { playScenario, suitsBuild } from './play-scenario.ts';

useSegmentHeaps();

/** Each scenario is played on one of them. */
const builds = [19_041, 18_362, 20_348, 22_000];
/** Of the scenarios that suit all kernels so many are played here too. */
const everyThird = 3;

const shared = scenarios.filter((each) => suitsBuild(each, 19_041));
const played = [...heapScenarios, ...shared.filter((_, index) => index % everyThird === 0)];

describe.each(played.map((scenario, index) => [scenario.name, scenario, index] as const))(
  'scenario %s on a segment heap',
  (_name, scenario, index) => {
    const build = builds[index % builds.length]!;
    const machine = playScenario(scenario, { seed: 3 + index, build });

    it('tells a truth that holds in memory', () => {
      checkTruth(machine);
    });

    it('can be read from its dump, stack and all', async () => {
      await checkDump(machine);
    });
  },
);

const named = (name: string) => [...heapScenarios, ...scenarios].find((each) => each.name === name)!;

describe('the ends of scenarios on a segment heap', () => {
  it.each([
    ['chunk-double-free', 0x13a, 8n],
    ['double-free-late', 0x13a, 0x11n],
    ['free-large-inside', 0x19, 0x22n],
    ['paged-high-irql', 0xc2, 8n],
  ])('%s stops as the real system does', (name, code, first) => {
    const { bugCheck, truth } = playScenario(named(name), { build: 19_041, seed: 5 });
    expect([bugCheck.code, bugCheck.parameters[0]]).toEqual([code, first]);
    if (code !== 0x13a) return;
    const shown = truth.frames.slice(0, 4).map((frame) => frame.function);
    expect(shown).toEqual([
      'nt!KeBugCheckEx',
      'nt!RtlpHeapHandleError',
      'nt!RtlpHpHeapHandleError',
      'nt!RtlpLogHeapFailure',
    ]);
  });

  it('with a tree that is broken is the fast fail of trees, or a fault on the way', () => {
    const ends = [1, 2, 3, 4].map((seed) => playScenario(named('chunk-overrun-free'), { seed }).bugCheck);
    expect(ends.some(({ code, parameters }) => code === 0x139 && parameters[0] === 0x1dn)).toBe(true);
  });

  it('tell what was written to pages that were given back since', () => {
    const { truth } = playScenario(named('use-after-free-waiting'), { build: 22_000, seed: 12 });
    expect(truth.scenario?.kind).toBe('use-after-free');
  });

  it('come also where the damaged heap gave back the pages of a request on its way', () => {
    const { truth } = playScenario(named('overrun-hostname'), { build: 20_348, seed: 11 });
    expect(truth.scenario?.kind).toBe('pool-overrun');
  });

  it('are the same for the same seed, and others for another one', () => {
    const play = (seed: number) => kernelDump(playScenario(named('slot-overrun'), { seed }));
    const first = play(4);
    expect(firstDifference(first, play(4))).toBe(-1);
    expect(firstDifference(first, play(5))).not.toBe(-1);
  });

  it('are no stories of kernels whose pool is another one', () => {
    expect(() => playScenario(named('slot-overrun'), { build: 9200 })).toThrow('no story of build 9200');
    expect(() => playScenario(named('free-as-name'), { build: 19_041 })).toThrow('no story of build 19041');
  });

  it('have names of their own, and two sentences', () => {
    const names = [...scenarios, ...heapScenarios].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { story } of heapScenarios) expect(story).toMatch(/\.$/);
  });
});
