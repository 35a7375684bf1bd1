import { heapScenarios, type Scenario, scenarios, suitsBuild } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseResult, verdictsOn } from '../bench/verdict/cases.ts';
import {
  isConfidentlyWrong,
  isFalsePoolVerdict,
  isTriage,
  percent,
  thresholds,
} from '../bench/verdict/tally.ts';

/*
 * The verdicts where the pool is a segment heap: its own scenarios, and some of those that all kernels have.
 */

const seed = 1;
const kinds = ['bitmap-kernel', 'triage'] as const;

/** One of each part of the allocator and of each kind of verdict. */
const shared = [
  'overrun-zeros',
  'use-after-free-read',
  'free-field',
  'free-user-address',
  'bit-flip-header',
  'healthy-removed-card',
  'special-double-free',
  'wild-pointer',
];

/** Each scenario is played on one of them. */
const builds = [19_041, 18_362, 20_348, 22_000];

const played: readonly Scenario[] = [
  ...heapScenarios,
  ...shared.map((name) => scenarios.find((scenario) => scenario.name === name)!),
];

const results: CaseResult[] = [];

beforeAll(async () => {
  for (const [index, scenario] of played.entries()) {
    const build = builds[index % builds.length]!;
    for await (const result of verdictsOn(scenario, { seed, build, kinds })) results.push(result);
  }
}, 300_000);

describe('the verdicts on segment heaps', () => {
  it('are asked of scenarios that such kernels have', () => {
    expect(played.every((scenario) => suitsBuild(scenario, builds[0]!))).toBe(true);
    expect(results).toHaveLength(played.length * kinds.length * 2);
  });

  it.each(thresholds([]).map(({ what }) => what))('%s', (what) => {
    const { share, least } = thresholds(results).find((line) => line.what === what)!;
    expect(share.of).toBeGreaterThan(0);
    const open = results
      .filter(({ score }) => Object.values(score).some((mark) => mark !== 'exact'))
      .map(({ scenario, build, dump, differences }) => [scenario, build, dump, ...differences].join('; '));
    expect(percent(share), open.join('\n')).toBeGreaterThanOrEqual(least);
  });

  it('blame no pool block where pool is whole', () => {
    expect(
      results.filter(isFalsePoolVerdict).map(({ scenario, dump, summary }) => [scenario, dump, summary]),
    ).toEqual([]);
  });

  it('are not sure of what is wrong where a small dump holds hardly any pool', () => {
    const wrong = results.filter((result) => isTriage(result) && isConfidentlyWrong(result));
    expect(wrong.map(({ scenario, kind, truth, summary }) => [scenario, kind, truth, summary])).toEqual([]);
  });

  it('say that nothing is damaged only where that was looked at', () => {
    const healthy = results.filter(({ summary }) => summary.includes('no pool in the dump is damaged'));
    expect(healthy.length).toBeGreaterThan(0);
    expect(healthy.filter(isTriage)).toEqual([]);
  });
});
