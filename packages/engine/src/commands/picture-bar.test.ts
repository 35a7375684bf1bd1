import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PicturePart } from '../analyze/index.ts';
import { type BarCell, fitBar } from './picture-bar.ts';

const part = (what: PicturePart['what'], length: number, tag: string | null = null): PicturePart => ({
  start: '0x1000',
  length,
  what,
  tag,
});

const widthOf = (cells: readonly BarCell[]): number =>
  cells.reduce((sum, { columns }) => sum + columns + 1, 1);

const anyPart = fc.record({
  start: fc.constant('0x1000' as const),
  length: fc.integer({ min: 0, max: 0x10_0000 }),
  what: fc.constantFrom('allocated', 'free', 'damage', 'lost'),
  tag: fc.option(fc.string({ maxLength: 40 }), { nil: null }),
}) as fc.Arbitrary<PicturePart>;

describe('the bar of a page', () => {
  it('is to scale where there is room', () => {
    const cells = fitBar([part('allocated', 0x800, 'Half'), part('damage', 0x100), part('free', 0x700)], 83);
    expect(widthOf(cells)).toBe(83);
    expect(cells.map(({ columns }) => columns)).toEqual([40, 4, 35]);
  });

  it('keeps the names of what lies beside the damage, however small it is', () => {
    const cells = fitBar(
      [part('free', 0xf00), part('allocated', 0x20, 'Tiny'), part('damage', 1), part('lost', 0xdf)],
      60,
    );
    for (const { label, columns } of cells.slice(1)) expect(columns).toBeGreaterThanOrEqual(label.length);
    expect(cells[2]!.columns).toBeGreaterThanOrEqual(3);
  });

  it('folds what is far away from the damage where there are too many parts', () => {
    const parts = [
      ...Array.from({ length: 100 }, () => part('allocated', 0x10, 'Many')),
      part('damage', 0x10),
      ...Array.from({ length: 50 }, () => part('free', 0x10)),
    ];
    const cells = fitBar(parts, 80);
    expect(widthOf(cells)).toBe(80);
    const [first, last] = [cells[0]!, cells.at(-1)!];
    expect([first.what, last.what]).toEqual(['folded', 'folded']);
    expect(Number.parseInt(first.label) + Number.parseInt(last.label) + cells.length - 2).toBe(151);
    expect(cells.map(({ what }) => what)).toContain('damage');
  });

  it('shows the damage and fills its room whatever the parts are', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 200 }), fc.integer({ min: 40, max: 100 }), (parts, room) => {
        const cells = fitBar(parts, room);
        expect(cells.every(({ columns }) => Number.isInteger(columns) && columns > 0)).toBe(true);
        if (parts.length > 0) expect(widthOf(cells)).toBe(room);
        if (parts.some(({ what }) => what === 'damage'))
          expect(cells.some(({ what }) => what === 'damage')).toBe(true);
      }),
    );
  });
});
