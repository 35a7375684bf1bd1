import { CensusFlag, CensusPage, CensusPart } from '@poolscope/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layout } from './layout.ts';
import { madeUpMap } from './made-up-map.ts';
import { moved, nextFitting } from './moves.ts';
import { blockStart, findAddress, selectedAddress, selectedSize, selectionAt } from './places.ts';
import { PoolMapData } from './pool-map-data.ts';
import { zoomStep, zoomSteps } from './zoom.ts';

const base = 0xf_ffff_a800_1a1b;
const address = (page: number, offset = 0): bigint => (BigInt(page) << 12n) + BigInt(offset);

/** The page of the article: a block, and behind it bytes that no header explains; and others around it. */
const pages = [
  {
    at: base,
    what: CensusPage.damaged,
    parts: [
      [0, 0x810, 'None'],
      [0x810, 0x7f0, '', CensusPart.damage],
    ],
  },
  {
    at: base + 7,
    parts: [
      [0, 0x400, 'Irp '],
      [0x400, 0xc00, 'File', CensusPart.free],
    ],
  },
  { at: base + 2, what: CensusPage.large, parts: [[0, 0x2800, 'Pool']] },
  {
    at: base + 3,
    what: CensusPage.large,
    parts: [[0, 0x1800, 'Pool', CensusPart.allocated, CensusFlag.continued]],
  },
  {
    at: base + 4,
    parts: [
      [0, 0x800, 'Pool', CensusPart.allocated, CensusFlag.continued],
      [0x800, 0x10, 'Irp ', CensusPart.lookaside],
      [0x820, 0x7e0, 'Irp ', CensusPart.allocated, CensusFlag.damaged],
    ],
  },
  {
    at: 100,
    pool: 'special',
    what: CensusPage.special,
    parts: [
      [0, 0x10, '', CensusPart.header],
      [0x800, 0x800, 'Wrap'],
    ],
  },
  { at: 101, pool: 'special', what: CensusPage.guard },
] as const;

describe('the data of a map', () => {
  it('keeps pages with their parts, and shows them by pool and address', () => {
    const data = madeUpMap(pages);
    expect(data.counts).toEqual({ pages: 7, parts: 11, damagedPages: 2 });
    expect(data.groups.map(({ pool, count }) => [pool, count])).toEqual([
      ['nonpaged', 5],
      ['special', 2],
    ]);
    const [nonpaged] = data.groups;
    expect([...nonpaged!.rows].map((page) => data.numberOf(page) - base)).toEqual([0, 2, 3, 4, 7]);
  });

  it('is the same in one piece and in many', () => {
    const whole = madeUpMap(pages, false);
    const [first, second] = [madeUpMap(pages.slice(0, 3), false), madeUpMap(pages.slice(3), false)];
    expect(whole.counts.parts).toBe(first.counts.parts + second.counts.parts);
    expect(whole.groups[0]!.count).toBe(5);
    expect([...whole.groups[0]!.rows.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4]);
  });

  it('finds the part of every byte, and the page of every part', () => {
    const data = madeUpMap(pages);
    expect(data.findPart(0, 0x80f)).toBe(0);
    expect(data.findPart(0, 0x810)).toBe(1);
    expect(data.findPart(4, 0x815)).toBeUndefined();
    expect(data.findPart(6, 0)).toBeUndefined();
    for (let page = 0; page < 7; page++)
      for (let part = data.firstPart(page); part < data.endPart(page); part++)
        expect(data.pageOfPart(part)).toBe(page);
  });

  it('holds a million blocks in less than 40 MB', () => {
    const data = new PoolMapData();
    const [count, each] = [1 << 13, 17];
    const parts = count * each;
    const zeros = {
      Uint8: new Uint8Array(parts),
      Uint16: new Uint16Array(parts),
      Uint32: new Uint32Array(parts),
    };
    let bytes = 0;
    for (let piece = 0; piece < 8; piece++)
      data.append({
        pages: {
          number: new Float64Array(count),
          pool: new Uint8Array(count),
          what: new Uint8Array(count),
          used: new Uint8Array(count),
          damaged: new Uint8Array(count),
          parts: new Uint16Array(count).fill(each),
        },
        parts: { offset: zeros.Uint16, size: zeros.Uint32, tag: zeros.Uint16, kind: zeros.Uint8 },
        tags: [],
      });
    bytes = data.byteLength;
    expect(data.counts.parts).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(40e6);
  });
});

describe('where addresses are', () => {
  it.each([true, false])('finds each page and block, whole map: %s', (isWhole) => {
    const data = madeUpMap(pages, isWhole);
    for (const { at } of pages) expect(data.numberOf(findAddress(data, address(at))!.page)).toBe(at);
    expect(findAddress(data, address(base + 1))).toBeUndefined();
    expect(findAddress(data, address(base, 0x850))).toMatchObject({ row: 0, part: 1, offset: 0x810 });
  });

  it('leads from the pages of an allocation to its start', () => {
    const data = madeUpMap(pages);
    const inside = findAddress(data, address(base + 4, 0x123))!;
    const start = blockStart(data, inside);
    expect(selectedAddress(data, start)).toBe(address(base + 2));
    expect(selectedSize(data, start)).toBe(0x2800);
  });

  it('has the whole page where it has no parts', () => {
    const data = madeUpMap(pages);
    expect(selectedSize(data, findAddress(data, address(101))!)).toBe(0x1000);
  });
});

describe('the layout', () => {
  const data = madeUpMap(pages);
  const { groups } = data;

  it.each(zoomSteps.map((_, level) => level))(
    'step %i: what it draws is found where it is drawn',
    (level) => {
      for (const width of [320, 700, 1280]) {
        const layout = new Layout(groups, zoomStep(level, width), width);
        for (const [group, { rows, count }] of groups.entries())
          for (let row = 0; row < count; row++)
            for (const offset of [0, 0x10, 0x7f0, 0xff0]) {
              const [box] = layout.boxesOf(group, row, offset, 0x10);
              const place = layout.placeAt(
                box!.x + Math.min(box!.width, box!.height) / 2,
                box!.y + box!.height / 2,
              )!;
              expect(place).toMatchObject({ group, row, page: rows[row] });
              if (layout.step.kind !== 'cells') expect(Math.abs(place.offset - offset)).toBeLessThan(0x40);
            }
      }
    },
  );

  it('has nothing in headings, gutters and behind the last page', () => {
    const layout = new Layout(groups, zoomSteps[6]!, 1000);
    expect(layout.placeAt(layout.left + 5, 10)).toBeUndefined();
    expect(layout.placeAt(layout.left - 5, 60)).toBeUndefined();
    expect(layout.placeAt(layout.left + 5, layout.height + 1)).toBeUndefined();
    const cells = new Layout(groups, zoomSteps[3]!, 1000);
    expect(cells.placeAt(cells.left + cells.width - 1, cells.groups[0]!.start + 1)).toBeUndefined();
  });

  it('never overlaps, and rows in sight are those that touch the view', () => {
    fc.assert(
      fc.property(
        fc.nat(zoomSteps.length - 1),
        fc.integer({ min: 120, max: 3000 }),
        fc.nat(5000),
        (level, width, scroll) => {
          const layout = new Layout(groups, zoomStep(level, width), width);
          let end = 0;
          for (const placed of layout.groups) {
            expect(placed.top).toBeGreaterThanOrEqual(end);
            end = placed.end;
            const [first, behind] = layout.rowsBetween(placed, scroll, scroll + 500);
            for (let row = 0; row < placed.group.count; row++) {
              const top = layout.topOf(placed.index, row, 0) - layout.caption;
              const isIn = top + layout.pitch > scroll && top < scroll + 500;
              if (isIn) expect(row >= first && row < behind).toBe(true);
            }
          }
          expect(layout.height).toBeGreaterThanOrEqual(end);
        },
      ),
    );
  });

  it('draws a block of several rows as a box for each', () => {
    const layout = new Layout(groups, zoomSteps[8]!, 1000);
    expect(layout.boxesOf(0, 0, 0x80, 0x200)).toHaveLength(3);
    // What goes on behind the page is drawn there.
    expect(layout.boxesOf(0, 1, 0, 0x2800)).toHaveLength(16);
  });
});

describe('moves', () => {
  const data = madeUpMap(pages);
  const rows = new Layout(data.groups, zoomSteps[6]!, 1000);
  const cells = new Layout(data.groups, zoomSteps[3]!, 1000);
  const at = (page: number, offset = 0) => findAddress(data, address(page, offset));
  const to = (selection: ReturnType<typeof at>) =>
    selection === undefined ? undefined : selectedAddress(data, selection);

  it('begin at the first page', () => {
    expect(to(moved(data, rows, undefined, 'down', 10))).toBe(address(base));
    expect(to(moved(data, rows, undefined, 'last', 10))).toBe(address(101));
    expect(moved(madeUpMap([]), rows, undefined, 'down', 10)).toBeUndefined();
  });

  it('go from part to part over the ends of pages and pools', () => {
    let selection = at(base);
    const way: (bigint | undefined)[] = [];
    for (let step = 0; step < 11; step++) {
      way.push(to(selection));
      selection = moved(data, rows, selection, 'right', 10);
    }
    expect(way).toEqual([
      address(base),
      address(base, 0x810),
      address(base + 2),
      address(base + 3),
      address(base + 4),
      address(base + 4, 0x800),
      address(base + 4, 0x820),
      address(base + 7),
      address(base + 7, 0x400),
      address(100),
      address(100, 0x800),
    ]);
    for (let step = 0; step < 11; step++) selection = moved(data, rows, selection, 'left', 10);
    expect(to(selection)).toBe(address(base));
  });

  it('go to the page below at the same offset, and stop at the ends', () => {
    expect(to(moved(data, rows, at(base, 0x900), 'down', 10))).toBe(address(base + 2));
    expect(to(moved(data, rows, at(base), 'up', 10))).toBe(address(base));
    expect(to(moved(data, rows, at(101), 'page-down', 3))).toBe(address(101));
    expect(to(moved(data, cells, at(base), 'right', 10))).toBe(address(base + 2));
  });

  it('lead to the next damage and around', () => {
    const fits = (part: number): boolean => data.isDamage(part);
    const first = nextFitting(data, undefined, 1, fits);
    expect(to(first)).toBe(address(base, 0x810));
    const second = nextFitting(data, first, 1, fits);
    expect(to(second)).toBe(address(base + 4, 0x820));
    expect(to(nextFitting(data, second, 1, fits))).toBe(address(base, 0x810));
    expect(to(nextFitting(data, first, -1, fits))).toBe(address(base + 4, 0x820));
    expect(nextFitting(data, first, 1, () => false)).toBeUndefined();
  });

  it('end wherever they begin', () => {
    const keys = ['left', 'right', 'up', 'down', 'first', 'last', 'page-up', 'page-down'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...keys), { maxLength: 40 }),
        fc.nat(zoomSteps.length - 1),
        (moves, level) => {
          const layout = new Layout(data.groups, zoomStep(level, 900), 900);
          let selection = at(base);
          for (const move of moves) {
            selection = moved(data, layout, selection, move, 4);
            const { group, row, page, part, offset } = selection!;
            expect(data.groups[group]!.rows[row]).toBe(page);
            if (part !== undefined) expect(data.offsetOf(part)).toBe(offset);
            expect(selectionAt(data, selection!)).toMatchObject({ page });
          }
        },
      ),
    );
  });
});
