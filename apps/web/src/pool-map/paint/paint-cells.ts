import { CensusPage } from '@poolscope/engine';
import { type Palette, pageLevels } from './palette.ts';
import type { Picture } from './picture.ts';
import { mixColors, type Raster } from './raster.ts';

/** Every page as a square: its colour says what it is, and of small blocks how much is in use. */
export function paintCells(picture: Picture): void {
  const { layout, scroll, height, scale, data, raster, found } = picture;
  if (layout.step.kind !== 'cells') return;
  const cell = layout.step.cell * scale;
  const size = Math.max(1, Math.round(cell - gapOf(layout.step.cell, scale)));
  const left = Math.round(layout.left * scale);
  const colors = new CellColors(picture.paints.palette);
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.start > scroll + height) continue;
    const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
    const { rows } = placed.group;
    const top = (placed.start - scroll) * scale;
    let column = first % layout.columns;
    let y = Math.round(top + Math.floor(first / layout.columns) * cell);
    for (let row = first; row < end; row++) {
      const page = rows[row]!;
      const x = left + Math.round(column * cell);
      const what = data.isDamaged(page) ? damaged : data.whatOf(page);
      const isFaint = found !== undefined && found.pages[page] !== 1;
      const color = colors.of(what, data.usedOf(page), isFaint);
      raster.fill(x, y, x + size, y + size, color);
      if (size >= 4 && !isFaint) paintPattern(raster, colors, what, x, y, size);
      if (++column < layout.columns) continue;
      column = 0;
      y = Math.round(top + ((row + 1) / layout.columns) * cell);
    }
  }
}

const gapOf = (cell: number, scale: number): number => (cell >= 6 ? scale : scale / 2);

/** Behind the kinds of pages: one with damage, whatever it is. */
const damaged = 15;
const kinds = 16;
const faintness = 0.22;

/** The colours of cells by kind and how much is in use, looked up for every page. */
class CellColors {
  readonly palette: Palette;
  readonly #strong = new Uint32Array(kinds * pageLevels);
  readonly #faint: Uint32Array;

  constructor(palette: Palette) {
    this.palette = palette;
    const { colors } = palette;
    const fixed: readonly (readonly [kind: number, color: number])[] = [
      [CensusPage.large, colors['page-large']],
      [CensusPage.special, colors['page-special']],
      [CensusPage.guard, mixColors(colors.paper, colors['page-special'], 0.35)],
      [CensusPage.noMemory, colors.paper],
      [CensusPage.unreadable, colors.line],
      [CensusPage.unrecognized, colors['page-other']],
      [CensusPage.free, colors.paper],
      [CensusPage.manager, colors['page-other']],
      [CensusPage.freed, mixColors(colors.paper, colors.hot, 0.35)],
      [damaged, colors.hot],
    ];
    for (let kind = 0; kind < kinds; kind++) this.#strong.set(palette.pageLevels, kind * pageLevels);
    for (const [kind, color] of fixed) this.#strong.fill(color, kind * pageLevels, (kind + 1) * pageLevels);
    this.#faint = this.#strong.map((color) => mixColors(colors.paper, color, faintness));
  }

  of(kind: number, used: number, isFaint: boolean): number {
    const at = kind * pageLevels + ((used * pageLevels) >>> 8);
    return (isFaint ? this.#faint : this.#strong)[at]!;
  }
}

/** What pages have besides a colour, where there is room. */
function paintPattern(
  raster: Raster,
  { palette: { colors } }: CellColors,
  what: number,
  x: number,
  y: number,
  size: number,
): void {
  const [right, bottom] = [x + size, y + size];
  if (what === CensusPage.guard)
    raster.crossHatch(x, y, right, bottom, colors['page-special'], colors.paper, 4);
  else if (what === CensusPage.noMemory) raster.outline(x, y, right, bottom, colors['page-special'], 1, 1);
  else if (what === CensusPage.freed) raster.outline(x, y, right, bottom, colors.hot, 2);
  else if (what === CensusPage.free) raster.outline(x, y, right, bottom, colors.line, 1, 1);
  else if (what === CensusPage.unreadable) raster.dots(x, y, right, bottom, colors.dim, colors.soft, 3);
}
