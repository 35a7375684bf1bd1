import { CensusPage } from '@poolscope/engine';
import { type Palette, pageLevels } from './palette.ts';
import type { Picture } from './picture.ts';
import { mixColors } from './raster.ts';

/** Every page as a square: its colour says what it is, and of small blocks how much is in use. */
export function paintCells(picture: Picture): void {
  const { layout, scroll, height, scale } = picture;
  if (layout.step.kind !== 'cells') return;
  const cell = layout.step.cell * scale;
  const size = Math.max(
    1,
    Math.round(cell - (layout.step.cell >= 6 ? scale : layout.step.cell >= 3 ? scale / 2 : 0)),
  );
  const left = Math.round(layout.left * scale);
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.start > scroll + height) continue;
    const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
    for (let row = first; row < end; row++) {
      const line = Math.floor(row / layout.columns);
      const x = left + Math.round((row % layout.columns) * cell);
      const y = Math.round((placed.start - scroll) * scale + line * cell);
      paintCell(picture, placed.group.rows[row]!, x, y, size);
    }
  }
}

function paintCell(
  { raster, data, paints, found }: Picture,
  page: number,
  x: number,
  y: number,
  size: number,
): void {
  const { colors } = paints.palette;
  const what = data.whatOf(page);
  const [right, bottom] = [x + size, y + size];
  const isFaint = found !== undefined && found.pages[page] !== 1;
  const put = (color: number): void =>
    raster.fill(x, y, right, bottom, isFaint ? mixColors(colors.paper, color, 0.22) : color);
  if (data.isDamaged(page)) {
    put(colors.hot);
    return;
  }
  switch (what) {
    case CensusPage.guard:
      if (size < 4) put(mixColors(colors.paper, colors['page-special'], 0.35));
      else raster.crossHatch(x, y, right, bottom, colors['page-special'], colors.paper, 4);
      return;
    case CensusPage.noMemory:
    case CensusPage.free:
      put(colors.paper);
      raster.outline(
        x,
        y,
        right,
        bottom,
        what === CensusPage.free ? colors.line : colors['page-special'],
        1,
        1,
      );
      return;
    case CensusPage.unreadable:
      if (size < 4) put(colors.line);
      else raster.dots(x, y, right, bottom, colors.dim, colors.soft, 3);
      return;
    default:
      put(pageColor(paints.palette, what, data.usedOf(page)));
  }
}

/** The colour of a page that is there. */
export function pageColor({ colors, pageLevels: levels }: Palette, what: CensusPage, used: number): number {
  if (what === CensusPage.large) return colors['page-large'];
  if (what === CensusPage.special) return colors['page-special'];
  if (what === CensusPage.unrecognized || what === CensusPage.manager) return colors['page-other'];
  return levels[Math.min(pageLevels - 1, Math.floor((used / 256) * pageLevels))]!;
}
