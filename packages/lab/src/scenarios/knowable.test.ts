import { describe, expect, it } from 'vitest';
import { useSegmentHeaps } from '../segment-heaps.ts';
import type { DumpKind } from '../write-dump.ts';
import { heapScenarios, type Knowable, knowableFrom, playScenario, scenarios } from './index.ts';
import { statedKind } from './stated-kind.ts';

useSegmentHeaps();

const play = (name: string, build = 9200) =>
  playScenario(scenarios.find((each) => each.name === name)!, { build });
const pages = ['full', 'bitmap-full', 'bitmap-kernel'] as const satisfies DumpKind[];
const everything: Knowable = {
  kind: true,
  block: true,
  'block.tag': true,
  'block.state': true,
  victims: true,
  damage: true,
  freedAddress: true,
  suspects: true,
};
const nothing: Knowable = {
  kind: false,
  block: false,
  'block.tag': false,
  'block.state': false,
  victims: false,
  damage: false,
  freedAddress: false,
  suspects: false,
};

describe('what a dump can tell', () => {
  it.each(pages)('is all of an overrun in a %s dump', (type) => {
    expect(knowableFrom(play('overrun-text'), { type })).toEqual(everything);
  });

  it('is nothing of it where neither a parameter nor a register leads to the page', () => {
    expect(knowableFrom(play('overrun-text'), { type: 'triage', family: 'A' })).toEqual(nothing);
  });

  it('is nothing of it in a header', () => {
    expect(knowableFrom(play('overrun-text'), { type: 'header' })).toEqual(nothing);
  });

  it('is the kind and the address of a free that the bug check names, in any dump', () => {
    const machine = play('double-free');
    expect(machine.bugCheck.code).toBe(0xc2);
    expect(knowableFrom(machine, { type: 'header' })).toMatchObject({
      kind: true,
      freedAddress: true,
      block: false,
      suspects: false,
    });
  });

  it('is the block too where a small dump saves the page of a parameter', () => {
    const small = knowableFrom(play('double-free'), { type: 'triage', family: 'A' });
    expect(small).toMatchObject({ kind: true, block: true, freedAddress: true, suspects: true });
  });

  it('is that the pool is whole where the pool is there, and in small dumps only where the address alone is wrong', () => {
    const [nowhere, zero] = [play('wild-pointer'), play('null-pointer')];
    for (const machine of [nowhere, zero])
      expect(knowableFrom(machine, { type: 'bitmap-kernel' })).toMatchObject({ kind: true, suspects: true });
    expect(knowableFrom(nowhere, { type: 'triage', family: 'A' }).kind).toBe(false);
    expect(knowableFrom(zero, { type: 'triage', family: 'A' }).kind).toBe(true);
  });

  it('is not how far data went that was written over data of its own kind', () => {
    const scenario = scenarios.find(({ name }) => name === 'use-after-free-listed')!;
    const machine = playScenario(scenario, { seed: 4, build: 7601 });
    expect(knowableFrom(machine, { type: 'full' })).toMatchObject({ kind: true, block: true, damage: false });
  });

  it('is never less in a complete dump than in a kernel dump', () => {
    for (const name of [
      'overrun-byte',
      'write-after-free',
      'free-interior',
      'paged-high-irql',
      'high-irql',
    ]) {
      const machine = play(name);
      const full = knowableFrom(machine, { type: 'full' });
      const kernel = knowableFrom(machine, { type: 'bitmap-kernel' });
      const lost = (Object.keys(kernel) as (keyof Knowable)[]).filter(
        (field) => kernel[field] && !full[field],
      );
      expect([name, lost]).toEqual([name, []]);
    }
  });
});

describe('what a dump of a segment heap can tell', () => {
  const machine = playScenario(heapScenarios.find(({ name }) => name === 'slot-overrun')!, { seed: 2 });

  it.each(pages)('is all of an overrun in a %s dump', (type) => {
    expect(knowableFrom(machine, { type })).toEqual(everything);
  });

  it('is nothing of it in a header', () => {
    expect(knowableFrom(machine, { type: 'header' })).toEqual(nothing);
  });
});

describe('what a bug check states', () => {
  it.each([
    [0xc2, [7, 0, 0, 0], 'double-free'],
    [0xc2, [0xa, 0, 0, 0], 'pool-misuse'],
    [0xc2, [0x46, 0, 0, 0], 'invalid-free'],
    [0xc1, [0, 0, 0, 0x23], 'pool-underrun'],
    [0xc1, [0, 0, 0, 0x24], 'pool-overrun'],
    [0xc4, [0x62, 0, 0, 0], 'pool-misuse'],
    [0xd6, [0, 0, 0, 0], 'pool-overrun'],
    [0x13a, [0x11, 0, 0, 0], 'double-free'],
    [0x13a, [0x12, 0, 0, 0], undefined],
    [0xd5, [0, 0, 0, 0], 'use-after-free'],
    [0x3b, [0xc000_0005, 0, 0, 0], undefined],
    [0x19, [0x20, 0, 0, 0], undefined],
  ])('%j %j is %s', (code, parameters, kind) => {
    expect(statedKind(code, parameters.map(BigInt))).toBe(kind);
  });
});
