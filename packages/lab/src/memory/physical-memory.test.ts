import { describe, expect, it } from 'vitest';
import { countPages, endPage, selectRuns } from './page-source.ts';
import { PhysicalMemory } from './physical-memory.ts';

const runs = [
  { basePage: 1, pageCount: 20 },
  { basePage: 0x40, pageCount: 100 },
];

describe('PhysicalMemory', () => {
  it('hands out every page of RAM once, none outside, and says when it is full', () => {
    const memory = new PhysicalMemory(runs);
    const pages = Array.from({ length: 120 }, () => memory.allocate());
    expect(new Set(pages).size).toBe(120);
    expect(pages.every((pfn) => (pfn >= 1 && pfn < 21) || (pfn >= 0x40 && pfn < 0xa4))).toBe(true);
    expect(() => memory.allocate()).toThrow('no free page');
  });

  it('scatters pages unless told otherwise', () => {
    const scattered = new PhysicalMemory(runs);
    expect(scattered.allocate() + 1).not.toBe(scattered.allocate());
    const straight = new PhysicalMemory(runs, false);
    expect([straight.allocate(), straight.allocate()]).toEqual([1, 2]);
  });

  it('finds aligned pages in a row for large pages', () => {
    const memory = new PhysicalMemory(runs);
    const base = memory.allocateLarge(16);
    expect(base % 16).toBe(0);
    for (let pfn = base; pfn < base + 16; pfn++) expect(memory.owner(pfn)).toBe('kernel');
    expect(() => memory.allocateLarge(512)).toThrow('512 free pages');
  });

  it('reads back what was written across pages; what was never written is zero', () => {
    const memory = new PhysicalMemory(runs);
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index * 7);
    memory.write(0x40 * 4096 + 4000, bytes);
    expect(memory.read(0x40 * 4096 + 4000, 5000)).toEqual(bytes);
    expect(memory.read(0x50 * 4096, 16)).toEqual(new Uint8Array(16));
    expect(memory.page(0x50)).toBeUndefined();
    expect(() => memory.write(0x30 * 4096, bytes)).toThrow('not in RAM');
  });
});

describe('a page that is given back', () => {
  it('keeps its bytes until it is given out again, without them', () => {
    const memory = new PhysicalMemory([{ basePage: 1, pageCount: 1 }]);
    const pfn = memory.allocate();
    memory.storage(pfn).fill(0x4f);
    expect(() => memory.allocate()).toThrow('no free page left');
    memory.release(pfn);
    expect(memory.owner(pfn)).toBeUndefined();
    expect(memory.read(pfn * 4096, 4)).toEqual(new Uint8Array(4).fill(0x4f));
    expect(memory.allocate()).toBe(pfn);
    expect(memory.read(pfn * 4096, 4)).toEqual(new Uint8Array(4));
  });
});

describe('runs of pages', () => {
  it('are counted and selected', () => {
    expect([countPages(runs), endPage(runs), endPage([])]).toEqual([120, 0xa4, 0]);
    expect(selectRuns(runs, (pfn) => pfn === 3 || pfn === 4 || pfn >= 0xa0)).toEqual([
      { basePage: 3, pageCount: 2 },
      { basePage: 0xa0, pageCount: 4 },
    ]);
    expect(selectRuns(runs, () => true)).toEqual(runs);
  });
});
