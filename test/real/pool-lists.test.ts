import { findLookasides, readLookaside } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { hasShared, openShared } from '../shared-files.ts';

/** Both are of build 9600, and hold the control block of the processor that crashed. */
const dumps = ['criticalrocket_111317-52015-01.dmp', 'criticalrocket_111417-173000-01.dmp'];

describe.skipIf(!hasShared)('lookaside lists of real processors', () => {
  it.each(dumps)(
    'PF-7: %s: requests that they served account for every entry that they hold',
    async (name) => {
      const { system } = await openShared(name);
      const lists = findLookasides(system)
        .places.filter(({ kind }) => kind === 'pool')
        .map((place) => readLookaside(system, place))
        .filter(({ allocations }) => (allocations?.total ?? 0) > 20);
      expect(lists.length).toBeGreaterThan(50);
      for (const { place, depth, size, allocations, frees } of lists) {
        const served = (each: typeof frees) => each!.total - each!.misses;
        expect(served(frees) - served(allocations), place.from).toBe(depth);
        expect(size, place.from).toBe(place.units! * 16);
      }
    },
  );
});
