import { BufferSource, openSession, type Session } from '@poolscope/engine';
import { expect } from 'vitest';
import type { Machine } from '../src/machine/machine.ts';
import type { ScenarioDamage } from '../src/machine/scenario-truth.ts';
import { blockFront } from '../src/scenarios/phases.ts';
import { dumpBytes } from '../src/write-dump.ts';
import { MemoryView } from './memory-view.ts';

/** A kernel dump of a machine. */
export const kernelDump = (machine: Machine): Uint8Array => dumpBytes(machine, { type: 'bitmap-kernel' });

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(kernelDump(machine)), { path: 'scenario.dmp' });

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
export function checkTruth(machine: Machine): void {
  const { kind, culprit, block, victims, damage } = machine.truth.scenario!;
  const memory = new MemoryView(machine.space);
  const { blocks, bigAllocations } = machine.kernelPool!.truth();
  if (culprit !== undefined)
    expect(machine.images.list.map(({ image }) => image.spec.name)).toContain(culprit);
  const fronts = new Map(blocks.map((each) => [each.header, blockFront(each)]));
  const starts = new Set([
    ...blocks.map(({ header }) => header),
    ...bigAllocations.map((each) => each.address),
  ]);
  // A chunk that was freed since may be a part of a larger free one.
  const isThere = (va: bigint): boolean =>
    starts.has(va) ||
    blocks.some(
      ({ header, size, allocator, state }) =>
        allocator === 'vs' && state === 'free' && header <= va && va < header + BigInt(size),
    );
  for (const each of victims) expect([each.address, isThere(each.address)]).toEqual([each.address, true]);
  const isPooled = block?.state === 'allocated' && block.allocator !== 'special';
  if (block !== undefined && isPooled) expect(isThere(block.address)).toBe(true);
  if (damage === undefined) return;
  checkDamage(memory.bytes(damage.start, damage.length), damage);
  const end = damage.start + BigInt(damage.length);
  if (kind === 'pool-overrun') {
    const skipped = damage.start - (block!.address + BigInt(block!.size));
    // The heap may have written a part of the header behind a chunk again.
    if (block!.allocator === 'vs') expect([skipped >= 0n, skipped < 0x10n]).toEqual([true, true]);
    else expect(skipped).toBe(0n);
  }
  if (kind === 'pool-underrun') expect(end).toBe(block!.address);
  const hit = kind === 'use-after-free' ? [block!] : victims;
  for (const each of hit)
    expect(
      damage.start < each.address + BigInt(each.size) && end > (fronts.get(each.address) ?? each.address),
    ).toBe(true);
}

interface FrameFacts {
  readonly ip: bigint;
  readonly sp: bigint;
}

export async function checkDump(machine: Machine): Promise<void> {
  const session = await open(machine);
  const { report } = session.analyze();
  expect(Number(report.bugcheck.code)).toBe(machine.bugCheck.code);
  expect(report.bugcheck.parameters.map(BigInt)).toEqual(machine.bugCheck.parameters);
  expect(report.warnings).toEqual([]);
  const shown = session.execute('k').data as readonly FrameFacts[];
  const real = machine.truth.frames;
  expect(shown.map(({ ip, sp }) => [ip, sp])).toEqual(real.map(({ ip, sp }) => [ip, sp]));
}
