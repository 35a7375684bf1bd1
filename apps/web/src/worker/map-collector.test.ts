import { builtInOwners, CensusFlag, CensusPage, CensusPart, noTag } from '@poolscope/engine';
import { describe, expect, it } from 'vitest';
import { MapCollector } from './map-collector.ts';

const irp = 0x2070_7249;

describe('a map out of what a census tells', () => {
  it('has pages with their parts, how much is in use, and what is damaged', () => {
    const map = new MapCollector(builtInOwners());
    map.page(0x10, 'nonpaged', CensusPage.whole);
    map.part(0, 0x800, irp, CensusPart.allocated, 0);
    map.part(0x800, 0x800, noTag, CensusPart.free, 0);
    map.page(0x11, 'special', CensusPage.special);
    map.part(0xff0, 0x10, irp, CensusPart.allocated, CensusFlag.damaged);
    const [piece] = map.take();
    expect([...piece!.pages.number]).toEqual([0x10, 0x11]);
    expect([...piece!.pages.parts]).toEqual([2, 1]);
    expect([...piece!.pages.used]).toEqual([128, 1]);
    expect([...piece!.pages.damaged]).toEqual([0, 1]);
    expect([...piece!.parts.tag]).toEqual([1, 0, 1]);
    expect([...piece!.parts.kind]).toEqual([CensusPart.allocated, CensusPart.free, CensusFlag.damaged << 4]);
    expect(piece!.tags).toMatchObject([{ text: 'Irp ' }]);
    expect(piece!.tags[0]!.owner).toContain('I/O request');
  });

  it('comes in pieces that end with a page, each tag once', () => {
    const map = new MapCollector(builtInOwners());
    const count = 20_000;
    for (let page = 0; page < count; page++) {
      map.page(page, 'paged', CensusPage.whole);
      for (let part = 0; part < 8; part++)
        map.part(part * 0x200, 0x200, irp + (page & 1), CensusPart.allocated, 0);
    }
    const pieces = map.take();
    expect(pieces.length).toBeGreaterThan(2);
    for (const { pages, parts } of pieces) expect(parts.offset.length).toBe(pages.number.length * 8);
    expect(pieces.reduce((sum, { pages }) => sum + pages.number.length, 0)).toBe(count);
    expect(pieces.flatMap(({ tags }) => tags)).toHaveLength(2);
    expect(map.take()).toEqual([]);
  });

  it('counts the bytes of an allocation on the page where they are', () => {
    const map = new MapCollector(builtInOwners());
    map.page(1, 'paged', CensusPage.large);
    map.part(0, 0x4000, irp, CensusPart.allocated, 0);
    expect([...map.take()[0]!.pages.used]).toEqual([255]);
  });

  it('is full where its limits are, and takes no more parts than a page has bytes', () => {
    const map = new MapCollector(builtInOwners(), { pages: 2, parts: 0x2000 });
    map.page(1, 'paged', CensusPage.whole);
    for (let part = 0; part < 0x1800; part++) map.part(0, 1, noTag, CensusPart.damage, 0);
    expect(map.isFull).toBe(false);
    map.page(2, 'paged', CensusPage.whole);
    expect(map.isFull).toBe(true);
    expect([...map.take()[0]!.pages.parts]).toEqual([0x1000, 0]);
  });

  it('is in order by pool and address, however it was found', () => {
    const map = new MapCollector(builtInOwners());
    const told = [
      [9, 'paged'],
      [5, 'nonpaged'],
      [6, 'nonpaged'],
      [2, 'nonpaged'],
      [3, 'paged'],
    ] as const;
    for (const [page, pool] of told) map.page(page, pool, CensusPage.whole);
    expect([...map.order()]).toEqual([3, 1, 2, 4, 0]);
  });
});
