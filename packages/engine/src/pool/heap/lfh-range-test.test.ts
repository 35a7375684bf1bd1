import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOfTests, writeSubsegment } from '../../../test/lfh-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import { tagPattern } from '../walk/tag-pattern.ts';
import { readLfhPage, walkLfhPages } from './lfh-page.ts';
import { LfhRangeTest } from './lfh-range-test.ts';
import { readLfhSubsegment } from './lfh-subsegment.ts';

const at = 0xffff_8a00_1234_5000n;
const pages = 4;

function plant(blockSize: number, busy: (slot: number) => boolean) {
  const kernel = new PlantedKernel('x64', 19_041);
  const written = writeSubsegment(kernel, { at, pages, blockSize, busy });
  const reading = { keys: keysOfTests };
  const test = new LfhRangeTest(kernel.memory, undefined);
  const isWhole = (): boolean => {
    const subsegment = readLfhSubsegment(kernel.kernel, written.range, reading);
    return typeof subsegment !== 'string' && test.isWhole(written.range, subsegment);
  };
  const verdicts = (): string[] =>
    [...walkLfhPages(kernel.kernel, written.range, reading)].map(({ verdict }) => verdict);
  return { kernel, written, reading, test, isWhole, verdicts };
}

describe('an LFH range as a whole', () => {
  it('is whole where every page is, whatever is written into it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 2, max: 5 }),
        fc.array(
          fc.tuple(fc.integer({ min: 0x30, max: pages * 0x1000 - 1 }), fc.integer({ min: 0, max: 255 })),
          {
            maxLength: 3,
          },
        ),
        (units, every, changes) => {
          const { kernel, isWhole, verdicts } = plant(units * 16, (slot) => slot % every !== 1);
          for (const [offset, value] of changes) kernel.memory.write(at + BigInt(offset), value, 1);
          expect(isWhole()).toBe(verdicts().every((verdict) => verdict === 'whole'));
        },
      ),
      { numRuns: 120 },
    );
  });

  it('has the tags of all its blocks, free ones too', () => {
    const { test, isWhole } = plant(0x60, (slot) => slot % 2 === 0);
    expect(isWhole()).toBe(true);
    expect(test.hasTag(tagPattern('Test')!)).toBe(true);
    expect(test.hasTag(tagPattern('Te?t')!)).toBe(true);
    expect(test.hasTag(tagPattern('Zest')!)).toBe(false);
  });

  it('is not whole where a block in use has no header, and says which pages are missing', () => {
    const { written, kernel, isWhole, test } = plant(0x200, () => false);
    expect([isWhole(), test.holes]).toEqual([true, 0]);
    const busy = plant(0x200, () => true);
    busy.kernel.memory.write(busy.written.slots.at(-1)!.address, 0, 4);
    expect(busy.isWhole()).toBe(false);
    expect(readLfhPage(kernel.kernel, written.range, at, { keys: keysOfTests }).verdict).toBe('whole');
  });

  it('is left to a closer look where a second header may be behind the first', () => {
    const { kernel, written, reading } = plant(0x200, () => true);
    const cookie = 0x1234_5678_9abc_def0n;
    const test = new LfhRangeTest(kernel.memory, cookie);
    const subsegment = readLfhSubsegment(kernel.kernel, written.range, reading);
    if (typeof subsegment === 'string') throw new Error(subsegment);
    expect(test.isWhole(written.range, subsegment)).toBe(true);
    const { address } = written.slots[0]!;
    kernel.memory.write(address + 0x10n, (address + 0x20n) ^ cookie, 8);
    expect(test.isWhole(written.range, subsegment)).toBe(false);
  });
});
