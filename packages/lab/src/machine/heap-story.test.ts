import { describe, expect, it } from 'vitest';
import { heapMachine } from '../../test/heap-machine.ts';
import { walkLfh } from '../../test/lfh-walk.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';

useSegmentHeaps();

function populated(seed: number) {
  const machine = heapMachine();
  machine.machine.populate(seed);
  return machine;
}

describe('segment heaps of a system that has run for a while', () => {
  const machine = populated(1);
  const { blocks } = machine.pool.truth();

  it('serve many sizes from subsegments, some of whose blocks are free', () => {
    const { slots, complaints } = walkLfh(machine);
    expect(complaints).toEqual([]);
    expect(new Set(slots.map(({ size }) => size)).size).toBeGreaterThanOrEqual(8);
    for (const isBusy of [true, false])
      expect(slots.filter((slot) => slot.isBusy === isBusy).length).toBeGreaterThan(100);
  });

  it('keep blocks in lookasides and among frees that wait, and have free chunks between others', () => {
    const count = (state: string) =>
      blocks.filter((each) => each.state === state && each.allocator === 'vs').length;
    for (const state of ['lookaside', 'deferred']) expect(count(state)).toBeGreaterThan(5);
    expect(count('free')).toBeGreaterThan(60);
    expect(count('allocated')).toBeGreaterThan(300);
  });

  it('are the same for the same seed', () => {
    const addresses = (seed: number) =>
      populated(seed)
        .pool.truth()
        .blocks.map(({ header }) => header);
    expect(addresses(1)).toEqual(blocks.map(({ header }) => header));
    expect(addresses(2)).not.toEqual(addresses(1));
  });
});
