import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlaps, type PageRun, RunIndex } from './run-index.ts';

const runs = fc.array(
  fc.record({ base: fc.nat(200), count: fc.nat(20), offset: fc.nat(50).map((page) => page * 4096) }),
  { maxLength: 12 },
);

/** The plain meaning: of the runs that hold a page, the one with the lowest base, then the lowest offset. */
function expected(list: readonly PageRun[], pfn: number): boolean {
  return list.some((run) => pfn >= run.base && pfn < run.base + run.count);
}

describe('RunIndex', () => {
  it('finds pages of packed runs and the holes between them', () => {
    const index = new RunIndex([
      { base: 1, count: 2, offset: 0x2000 },
      { base: 0x100, count: 3, offset: 0x4000 },
    ]);
    expect([0, 1, 2, 3, 0xff, 0x100, 0x102, 0x103].map((pfn) => index.offsetOf(pfn))).toEqual([
      -1, 0x2000, 0x3000, -1, -1, 0x4000, 0x6000, -1,
    ]);
    expect(index.pageCount).toBe(5);
    expect(index.limit).toBe(0x103);
    expect([...index.runs()]).toEqual([
      { base: 1, count: 2 },
      { base: 0x100, count: 3 },
    ]);
  });

  it('B-1 holds exactly the pages of its runs, also when they overlap', () => {
    fc.assert(
      fc.property(runs, fc.array(fc.nat(240)), (list, pfns) => {
        const index = new RunIndex(list);
        for (const pfn of pfns) expect(index.offsetOf(pfn) >= 0).toBe(expected(list, pfn));
        const pages = [...index.runs()].reduce((sum, run) => sum + run.count, 0);
        expect(pages).toBe(
          Array.from({ length: 240 }, (_, pfn) => expected(list, pfn)).filter(Boolean).length,
        );
      }),
    );
  });

  it('gives each page a place inside one of the runs that claim it', () => {
    fc.assert(
      fc.property(runs, fc.nat(240), (list, pfn) => {
        const offset = new RunIndex(list).offsetOf(pfn);
        const places = list
          .filter((run) => pfn >= run.base && pfn < run.base + run.count)
          .map((run) => run.offset + (pfn - run.base) * 4096);
        if (offset >= 0) expect(places).toContain(offset);
      }),
    );
  });

  it('is empty without runs', () => {
    const index = new RunIndex([]);
    expect(index.offsetOf(0)).toBe(-1);
    expect(index.limit).toBe(0);
  });

  it('tells overlapping runs', () => {
    expect(
      overlaps([
        { base: 5, count: 2, offset: 0 },
        { base: 1, count: 4, offset: 0 },
      ]),
    ).toBe(false);
    expect(
      overlaps([
        { base: 5, count: 2, offset: 0 },
        { base: 1, count: 5, offset: 0 },
      ]),
    ).toBe(true);
  });
});
