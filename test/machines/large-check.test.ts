import {
  BufferSource,
  checkPool,
  describePool,
  openSession,
  runToEnd,
  type Session,
} from '@poolscope/engine';
import { dumpBytes, type Machine } from '@poolscope/lab';
import { expect, it } from 'vitest';
import { walkLargeAllocations } from '../../packages/engine/src/pool/index.ts';
import { heapMachine } from '../transcripts/heap-machine.ts';

const open = (machine: Machine): Promise<Session> =>
  openSession(new BufferSource(dumpBytes(machine, { type: 'bitmap-kernel' })));

const damagedIn = ({ system }: Session): string[] =>
  runToEnd(checkPool(system)).damaged.flatMap(({ page }) =>
    page.problems.map((problem) => `${page.address.toString(16)} ${'rule' in problem ? problem.rule : ''}`),
  );

it('a large allocation is held against the table of them, by !pool and !poolcheck', async () => {
  const machine = heapMachine();
  const { system } = await open(machine);
  const whole = runToEnd(checkPool(system));
  expect(whole.damaged).toEqual([]);
  const heaps = whole.ranges.flatMap(({ heap }) => heap ?? []);
  const [large] = heaps.flatMap((heap) => [...walkLargeAllocations(system, heap)]);
  const pages = large!.node + BigInt(system.structures.offset('_HEAP_LARGE_ALLOC_DATA', 'AllocatedPages')!);
  // One page less than the table has bytes for.
  const byte = machine.space.read(pages, 2);
  const counts = (byte[0]! | (byte[1]! << 8)) - (1 << 1);
  machine.space.write(pages, Uint8Array.of(counts & 0xff, counts >> 8));
  const damaged = await open(machine);
  const start = large!.address.toString(16);
  expect(damagedIn(damaged)).toEqual([`${start} large-table`]);
  const report = runToEnd(describePool(damaged.system, large!.address + 0x1234n));
  if (report.kind !== 'segment-heap') throw new Error(report.kind);
  expect(report.page.verdict).toBe('damaged');
  expect(report.page.problems.map(({ rule }) => rule)).toEqual(['large-table']);
});
