import { describe, expect, it } from 'vitest';
import { type MadeUpPage, madeUpMap } from './made-up-map.ts';
import { selectedAddress } from './places.ts';
import { ViewState } from './view-state.ts';
import { bytesZoom, cellsZoom, lastZoom, rowsZoom } from './zoom.ts';

const many = (count: number): MadeUpPage[] =>
  Array.from({ length: count }, (_, index) => ({
    at: 0x1000 + index,
    parts: [
      [0, 0x400, 'Irp '],
      [0x400, 0xc00, 'File'],
    ],
  }));

function viewOf(count: number): ViewState {
  const view = new ViewState(madeUpMap(many(count)));
  view.resize(1000, 600);
  return view;
}

describe('the view', () => {
  it('fits the whole pool where it can', () => {
    const small = viewOf(40);
    small.fit();
    expect(small.level).toBe(cellsZoom);
    const large = viewOf(60_000);
    large.fit();
    expect(large.level).toBe(0);
  });

  it('keeps what is under the pointer there when it zooms', () => {
    const view = viewOf(5000);
    view.level = rowsZoom;
    view.resize(1000, 600);
    view.scrollTo(40_000);
    const at = { x: 400, y: 300 };
    const before = view.placeAt(at.x, at.y)!;
    for (const level of [rowsZoom - 1, rowsZoom + 1, rowsZoom]) {
      view.zoomTo(level, at);
      const after = view.placeAt(at.x, at.y);
      expect(Math.abs(after!.row - before.row)).toBeLessThanOrEqual(1);
    }
  });

  it('scrolls no further than the map goes', () => {
    const view = viewOf(5000);
    view.zoomTo(rowsZoom);
    view.scrollTo(-50);
    expect(view.scroll).toBe(0);
    view.scrollTo(1e12);
    expect(view.scroll).toBe(view.layout.height - 600);
    const small = viewOf(2);
    small.scrollTo(500);
    expect(small.scroll).toBe(0);
  });

  it('brings what is selected into sight, at every zoom', () => {
    const view = viewOf(5000);
    for (let level = 0; level <= lastZoom; level++) {
      view.zoomTo(level);
      for (const page of [0x1000, 0x1800, 0x1000 + 4999]) {
        expect(view.goTo(BigInt(page) << 12n)).toBe(true);
        const { group, row, offset } = view.selection!;
        const top = view.layout.topOf(group, row, offset) - view.scroll;
        expect(top).toBeGreaterThanOrEqual(0);
        expect(top).toBeLessThan(600);
      }
    }
    expect(view.goTo(0x5000_0000n)).toBe(false);
  });

  it('goes into what is selected and out again', () => {
    const view = viewOf(100);
    view.fit();
    view.goTo((0x1010n << 12n) + 0x410n);
    expect(selectedAddress(view.data, view.selection!)).toBe((0x1010n << 12n) + 0x400n);
    const levels = [];
    for (let step = 0; step < 4; step++) {
      view.enter();
      levels.push(view.level);
    }
    expect(levels).toEqual([...levels].sort((a, b) => a - b));
    expect(levels.at(-1)).toBe(bytesZoom);
    for (let step = 0; step < 4; step++) view.leave();
    expect(view.level).toBeLessThanOrEqual(cellsZoom);
    expect(selectedAddress(view.data, view.selection!)).toBe((0x1010n << 12n) + 0x400n);
  });

  it('stays where it is when pages come, and when they are put in order', () => {
    const all = many(400).reverse();
    const data = madeUpMap(all, false);
    const view = new ViewState(data);
    view.resize(1000, 600);
    view.goTo(0x1080n << 12n, rowsZoom);
    const before = view.layout.topOf(0, view.selection!.row, 0) - view.scroll;
    data.finish({
      order: Uint32Array.from({ length: 400 }, (_, index) => 399 - index),
      notes: [],
      cut: undefined,
    });
    view.refresh();
    expect(selectedAddress(data, view.selection!)).toBe(0x1080n << 12n);
    const after = view.layout.topOf(0, view.selection!.row, 0) - view.scroll;
    expect(after).toBe(before);
  });

  it('shows another map from its beginning', () => {
    const view = viewOf(5000);
    view.scrollTo(3000);
    view.goTo(0x1010n << 12n);
    view.show(madeUpMap(many(3)));
    expect(view.selection).toBeUndefined();
    expect(view.scroll).toBe(0);
    expect(view.layout.groups[0]!.group.count).toBe(3);
  });

  it('is empty where there is no pool', () => {
    const view = new ViewState(madeUpMap([]));
    view.resize(1000, 600);
    view.zoomTo(rowsZoom);
    view.move('down');
    view.enter();
    expect(view.selection).toBeUndefined();
    expect(view.placeAt(300, 100)).toBeUndefined();
  });
});
