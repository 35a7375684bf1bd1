import { BufferSource, openSession, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstDifference } from '../../test/first-difference.ts';
import { MemoryView } from '../../test/memory-view.ts';
import type { Machine } from '../machine/machine.ts';
import type { ScenarioDamage } from '../machine/scenario-truth.ts';
import { dumpBytes } from '../write-dump.ts';
import { officeScenarios } from './office-scenarios.ts';
import { playScenario } from './play-scenario.ts';

/** Each scenario is played on one of them. */
const builds = [9200, 7601, 9600, 14_393, 17_763];
/** Machines that are built a second time: all of them would take a minute. */
const everyEighth = 8;

const bytesOf = (machine: Machine): Uint8Array => dumpBytes(machine, { type: 'bitmap-kernel' });

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(bytesOf(machine)), { path: 'scenario.dmp' });

/** Whether bytes are what the truth says was written. */
function checkDamage(bytes: Uint8Array, { pattern, text, length }: ScenarioDamage): void {
  expect(bytes).toHaveLength(length);
  if (pattern === 'zeros') expect(bytes.every((byte) => byte === 0)).toBe(true);
  if (pattern === 'fill') expect(new Set(bytes).size).toBe(1);
  if (pattern === 'bit') expect(length).toBe(1);
  if (text === undefined) return;
  const narrow = String.fromCharCode(...bytes);
  const wide = String.fromCharCode(...new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer));
  expect([narrow, wide].map((each) => each.replace(/\0+$/, ''))).toContain(text);
}

/** What the truth says of blocks against the allocator's own account and the bytes in memory. */
function checkTruth(machine: Machine): void {
  const { kind, culprit, block, victims, damage } = machine.truth.scenario!;
  const memory = new MemoryView(machine.space);
  const { blocks, bigAllocations } = machine.kernelPool!.truth();
  if (culprit !== undefined)
    expect(machine.images.list.map(({ image }) => image.spec.name)).toContain(culprit);
  const starts = new Set([
    ...blocks.map(({ header }) => header),
    ...bigAllocations.map((each) => each.address),
  ]);
  for (const each of victims) expect([each.address, starts.has(each.address)]).toEqual([each.address, true]);
  if (block !== undefined && block.state === 'allocated') expect(starts.has(block.address)).toBe(true);
  if (damage === undefined) return;
  checkDamage(memory.bytes(damage.start, damage.length), damage);
  const end = damage.start + BigInt(damage.length);
  if (kind === 'pool-overrun') expect(damage.start).toBe(block!.address + BigInt(block!.size));
  if (kind === 'pool-underrun') expect(end).toBe(block!.address);
  const hit = kind === 'use-after-free' ? [block!] : victims;
  for (const each of hit)
    expect(damage.start < each.address + BigInt(each.size) && end > each.address).toBe(true);
}

interface FrameFacts {
  readonly ip: bigint;
  readonly sp: bigint;
}

async function checkDump(machine: Machine): Promise<void> {
  const session = await open(machine);
  const { report } = session.analyze();
  expect(Number(report.bugcheck.code)).toBe(machine.bugCheck.code);
  expect(report.bugcheck.parameters.map(BigInt)).toEqual(machine.bugCheck.parameters);
  expect(report.warnings).toEqual([]);
  const shown = session.execute('k').data as readonly FrameFacts[];
  const real = machine.truth.frames;
  expect(shown.map(({ ip, sp }) => [ip, sp])).toEqual(real.map(({ ip, sp }) => [ip, sp]));
}

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
      const [first, again] = [played, playScenario(scenario, options)].map(bytesOf);
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
      const [one, other] = [4, 5].map((seed) => bytesOf(playScenario(scenario, { seed })));
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
