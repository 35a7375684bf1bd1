import { heapScenarios, scenarios } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';
import { verdictsOn } from '../bench/verdict/cases.ts';

/*
 * Stories on segment heaps whose signs are few: what the heap itself wrote into the damage, frees that only wait, headers that
 * are none. Each was told wrong once.
 */
const cases: readonly (readonly [name: string, build: number, seed: number, what: string])[] = [
  ['bit-flip-header', 22_000, 41, 'a bit of PoolType makes a process pay that is none'],
  ['free-unaligned', 18_362, 52, 'the heap takes what is amid a block for a chunk header, and goes astray'],
  ['free-unaligned', 20_348, 31, 'what is amid a block looks like a header with a process that pays'],
  ['double-free-lookaside', 19_041, 31, 'another driver makes the heap free what waits'],
  ['underrun-header', 20_348, 42, 'a write through the room in front of a block that begins a page'],
  ['overrun-zeros', 19_041, 31, 'the heap marks as free a header that was cleared'],
];

describe('stories on segment heaps', () => {
  it.each(cases)(
    '%s on %d, seed %d: %s',
    async (name, build, seed) => {
      const scenario = [...scenarios, ...heapScenarios].find((each) => each.name === name)!;
      for await (const result of verdictsOn(scenario, { seed, build, kinds: ['bitmap-kernel'] })) {
        const { score, summary, differences, knowable } = result;
        expect(score.kind, [summary, ...differences].join('\n')).toBe('exact');
        expect(score.block, differences.join('\n')).not.toBe('wrong');
        if (knowable.suspects && result.hasCulprit)
          expect(score.culprit, differences.join('\n')).toBe('exact');
      }
    },
    60_000,
  );
});
