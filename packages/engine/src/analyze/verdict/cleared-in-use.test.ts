import { dumpBytes, type Machine, playScenario, scenarios } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { BufferSource, openSession } from '../../index.ts';
import type { PoolBlock, PoolPageReport } from '../../pool/index.ts';
import { clearedInUse } from './cleared-in-use.ts';
import type { PageDamage } from './damage-span.ts';
import type { Scene } from './scene.ts';

const at = 0xffff_fa80_01a1_b000n;
/** Of Windows 7: in use, and free by that bit alone. */
const [inUse, quota] = [2, 8];

interface Case {
  readonly type?: number;
  readonly others?: readonly number[];
  readonly isUnlisted?: boolean;
  readonly size?: number;
}

/** A block that says that it is free, and the types of those in use around it. */
function find({ type = 0, others = [inUse, inUse], isUnlisted = true, size = 0x90 }: Case = {}) {
  const system = {
    target: { pointerSize: 8, dump: { header: { build: 7601 } } },
    structures: { find: () => undefined },
    hex: (va: bigint) => `0x${va.toString(16)}`,
    shortText: (va: bigint) => va.toString(16),
  };
  const block = { address: at + 0x100n, size, tag: 'UsBt', type, state: 'free' } as PoolBlock;
  const blocks = [block, ...others.map((each) => ({ state: 'allocated', type: each }))];
  const findings = isUnlisted ? [{ kind: 'unlisted', address: block.address }] : [];
  const report = { page: { blocks }, lists: { gaps: [], findings } } as unknown as PoolPageReport;
  const scene = { system } as unknown as Scene;
  return clearedInUse(scene, report, { block } as PageDamage);
}

it('takes a block that is free by one bit, and on no list, for one in use', () => {
  expect(find()).toMatchObject({
    kind: 'single-bit-error',
    block: null,
    victims: [{ state: 'allocated' }],
    damage: { start: '0xfffffa8001a1b103', length: 1, pattern: 'bit' },
  });
});

it('does not where a list leads to it, more than a bit differs, or its memory has no room for links', () => {
  expect(find({ isUnlisted: false })).toBeUndefined();
  expect(find({ others: [inUse | quota] })).toBeUndefined();
  expect(find({ others: [] })).toBeUndefined();
  expect(find({ size: 0x20 })).toBeUndefined();
});

const flipped = (seed: number): Machine =>
  playScenario(scenarios.find(({ name }) => name === 'bit-flip-header')!, { build: 9200, seed });

it('a free that a header refused proves no use after free where no list in the dump has the block', async () => {
  const bytes = dumpBytes(flipped(55), { type: 'triage' });
  const { verdict } = (await openSession(new BufferSource(bytes))).analyze().report;
  expect(verdict.kind).toBe('use-after-free');
  expect(verdict.confidence).toBeLessThan(0.5);
  expect(verdict.evidence.at(-1)!.claim).toContain('the bit wrong');
});

it('of two bits that each make a page whole it is the one that the headers around it know', async () => {
  const machine = flipped(56);
  const { verdict } = (
    await openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })))
  ).analyze().report;
  expect(verdict.kind).toBe('single-bit-error');
  const { damage, kind } = machine.truth.scenario!;
  expect([verdict.kind, BigInt(verdict.damage!.start!)]).toEqual([kind, damage!.start]);
});
