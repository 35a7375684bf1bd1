import { dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession, type Session } from '../../index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  builtInOwners,
  describePool,
  findPoolBlocks,
  type PoolBlock,
  type PoolPageReport,
  tagPattern,
} from '../../pool/index.ts';
import { damageFinding } from './damage-finding.ts';

const [unit, typeAt, inUse] = [16, 3, 0x02];

const healthy = (): Machine =>
  playScenario(scenarios.find(({ name }) => name === 'healthy-interrupt')!, { build: 9200 });

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));

/** Blocks of nonpaged pool with room behind their header, in a state. */
function blocksOf({ system }: Session, state: PoolBlock['state']): PoolBlock[] {
  const found: PoolBlock[] = [];
  const run = findPoolBlocks(system, { tag: tagPattern('????')!, pools: ['nonpaged'], onlySmall: true });
  for (let step = run.next(); step.done !== true; step = run.next())
    if (step.value.what === 'blocks') found.push(...step.value.found.blocks.map(({ block }) => block));
  return found.filter((block) => block.state === state && block.size > 0x80);
}

function findingAt(session: Session, va: bigint) {
  const report = runToEnd(describePool(session.system, va));
  const scene = { system: session.system, fault: undefined, frames: [], owners: builtInOwners() };
  return damageFinding(scene, report as PoolPageReport, { va, grounds: [] });
}

it('a block that is free but for one bit, and in no list, lost that bit', async () => {
  const machine = healthy();
  const block = blocksOf(await open(machine), 'allocated')[0]!;
  const at = block.address + BigInt(typeAt);
  const [type] = machine.space.read(at, 1);
  machine.space.write(at, Uint8Array.of(type! & ~inUse));
  // Text where a free block has its links.
  const links = block.address + BigInt(unit);
  machine.space.write(
    links,
    Uint8Array.from('no links at all!', (letter) => letter.charCodeAt(0)),
  );
  const finding = findingAt(await open(machine), links)!;
  expect(finding).toMatchObject({
    kind: 'single-bit-error',
    damage: { length: 1, pattern: 'bit' },
    victims: [{ state: 'allocated', size: block.size }],
  });
  expect(BigInt(finding.damage!.start!)).toBe(at);
});

it('a block that a list has was freed: its links were written over', async () => {
  const machine = healthy();
  const block = blocksOf(await open(machine), 'free')[0]!;
  const links = block.address + BigInt(unit);
  machine.space.write(
    links,
    Uint8Array.from('no links at all!', (letter) => letter.charCodeAt(0)),
  );
  expect(findingAt(await open(machine), links)).toMatchObject({ kind: 'use-after-free' });
});
