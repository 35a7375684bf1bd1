import { beforeAll, describe, expect, it } from 'vitest';
import { firstDifference } from '../../test/first-difference.ts';
import { checkDump, checkTruth, kernelDump } from '../../test/scenario-checks.ts';
import type { Machine } from '../machine/machine.ts';
import { officeScenarios } from './office-scenarios.ts';
import { playScenario } from './play-scenario.ts';

/** Each scenario is played on one of them. */
const builds = [9200, 7601, 9600, 14_393, 17_763];
/** Machines that are built a second time: all of them would take a minute. */
const everyEighth = 8;

describe.each(officeScenarios.map((scenario, index) => [scenario.name, scenario, index] as const))(
  'scenario %s',
  (_name, scenario, index) => {
    let played: Machine;
    const options = { seed: 2 + index, build: builds[index % builds.length]! };
    beforeAll(() => {
      played = playScenario(scenario, options);
    });

    it('tells a truth that holds in memory', () => {
      checkTruth(played);
    });

    it('can be read from its dump, stack and all', async () => {
      await checkDump(played);
    });

    it.runIf(index % everyEighth === 0)('is the same for the same seed', () => {
      const [first, again] = [played, playScenario(scenario, options)].map(kernelDump);
      expect(firstDifference(first!, again!)).toBe(-1);
    });
  },
);

/** The bug check that the real system has, where a story has one end only. */
const bugChecks: readonly (readonly [name: string, build: number, code: number])[] = [
  ['healthy-crash-keys', 9200, 0xe2],
  ['healthy-worker', 9200, 0x7e],
  ['healthy-removed-card', 17_763, 0xd1],
  ['healthy-kernel-copy', 9200, 0x0a],
  ['healthy-interrupt', 7601, 0x1e],
  ['stack-cookie', 9200, 0xf7],
  ['stack-overflow', 9200, 0x7f],
  ['free-stack', 9200, 0xc2],
  ['free-large-inside', 14_393, 0x19],
  ['list-unlinked-twice', 9200, 0x139],
  // Windows 7 has no handler for the fast fail of a list.
  ['list-unlinked-twice', 7601, 0x3b],
];

/** Where special pool watches the driver, the write itself stops the machine. */
const watched: readonly (readonly [name: string, driver: string, code: number])[] = [
  ['overrun-nul', 'serring.sys', 0xd6],
  ['overrun-hostname', 'netwatch.sys', 0xd6],
  ['underrun-index', 'serring.sys', 0xc1],
  ['list-freed-entry', 'netwatch.sys', 0xd5],
];

const named = (name: string) => officeScenarios.find((scenario) => scenario.name === name)!;

describe('the scenarios', () => {
  it.each(bugChecks)('%s on build %i ends as the real system does', (name, build, code) => {
    expect(playScenario(named(name), { build, seed: 11 }).bugCheck.code).toBe(code);
  });

  it.each(watched)('%s ends at the deed when %s is watched', (name, driver, code) => {
    const { bugCheck, truth } = playScenario(named(name), { verifier: { flags: 9, drivers: [driver] } });
    expect(bugCheck.code).toBe(code);
    expect(truth.scenario!.block!.allocator).toBe('special');
    expect(truth.scenario!.culprit).toBe(driver);
  });

  it.each(officeScenarios.filter((_, index) => index % 8 === 0))(
    'are others for another seed: $name',
    (scenario) => {
      const [one, other] = [4, 5].map((seed) => kernelDump(playScenario(scenario, { seed })));
      expect(firstDifference(one!, other!)).not.toBe(-1);
    },
  );

  it('have names of their own, two sentences, and all kinds', () => {
    const names = officeScenarios.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { story } of officeScenarios) expect(story).toMatch(/\.$/);
    expect(officeScenarios.length).toBeGreaterThan(30);
  });
});
