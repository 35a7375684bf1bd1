import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOfPending, OffsetTables, pendingFrame, unknownPage } from './offset-tables.ts';

const halves = fc.record({
  high: fc.constantFrom(0, 1, 0xffff_f800, 0xffff_f801, 0xffff_ffff),
  low: fc.nat(0xffff_ffff),
});

describe('OffsetTables', () => {
  it.each([512, 1024])(
    'answers with what was last set for a page, or not at all (%d pages a table)',
    (count) => {
      const step = fc.record({ at: halves, offset: fc.nat(2 ** 40) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const tables = new OffsetTables(count);
          const truth = new Map<string, number>();
          const page = (high: number, low: number) => `${high} ${low >>> 12}`;
          for (const { at, offset } of steps) {
            if (tables.find(at.high, at.low) < 0) tables.add(at.high, at.low).fill(unknownPage);
            tables.set(tables.find(at.high, at.low), offset);
            truth.set(page(at.high, at.low), offset);
          }
          for (const { at } of steps) {
            const position = tables.find(at.high, at.low);
            const known = position < 0 ? unknownPage : tables.get(position);
            if (known !== unknownPage) expect(known).toBe(truth.get(page(at.high, at.low)));
          }
        }),
      );
    },
  );

  it('keeps two tables of the same set, and gives up the older', () => {
    const tables = new OffsetTables(512);
    // Three tables that meet in one set, as the hash of the upper half has it.
    const meeting = [
      { high: 0, low: 0 },
      { high: 0, low: 0x8000_0000 },
      { high: 1, low: 591 * 0x20_0000 },
    ];
    for (const [index, { high, low }] of meeting.entries()) {
      tables.add(high, low).fill(index);
      expect(tables.get(tables.find(high, low + 0x1f_f000))).toBe(index);
    }
    expect(meeting.map(({ high, low }) => tables.find(high, low) >= 0)).toEqual([false, true, true]);
    expect(tables.get(tables.find(0, 0x8000_1000))).toBe(1);
  });

  it('tells frames from offsets', () => {
    for (const frame of [0, 1, 2 ** 40 - 1]) {
      expect(pendingFrame(frame)).toBeLessThan(unknownPage);
      expect(frameOfPending(pendingFrame(frame))).toBe(frame);
    }
  });
});
