import type { PlacedGroup } from '../model/layout.ts';
import type { PoolMapData } from '../model/pool-map-data.ts';
import { paintGround, paintPart } from './paint-parts.ts';
import { markedOn, type Picture } from './picture.ts';

const pageSize = 0x1000;

/** Pages as rows of their blocks, to scale. */
export function paintRows(picture: Picture): void {
  const { layout, scroll, height } = picture;
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.start > scroll + height) continue;
    const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
    for (let row = first; row < end; row++) paintPage(picture, placed, row);
  }
}

/** A row of a page on the picture. */
interface Row {
  readonly page: number;
  /** Bytes of the page that it has. */
  readonly from: number;
  readonly to: number;
  /** Device pixels. */
  readonly top: number;
  readonly bottom: number;
  /** Where the next row begins, if what goes on behind the page goes on there; else the bottom. */
  readonly bridge: number;
}

function paintPage(picture: Picture, { group, start }: PlacedGroup, row: number): void {
  const { layout, scroll, scale, height, data } = picture;
  if (layout.step.kind === 'cells') return;
  const { bytesPerRow, rowHeight } = layout.step;
  const page = group.rows[row]!;
  const y = start + row * layout.pitch + layout.caption - scroll;
  const first = Math.max(0, Math.floor(-y / rowHeight));
  const last = Math.min(layout.rowsPerPage, Math.ceil((height - y) / rowHeight));
  for (let line = first; line < last; line++) {
    const top = Math.round((y + line * rowHeight) * scale);
    const end = Math.round((y + (line + 1) * rowHeight) * scale);
    const bottom = end - gapOf(rowHeight, scale);
    const from = line * bytesPerRow;
    const isBridged =
      layout.caption === 0 && row + 1 < group.count && isNext(data, page, group.rows[row + 1]!);
    paintRow(picture, { page, from, to: from + bytesPerRow, top, bottom, bridge: isBridged ? end : bottom });
  }
}

const isNext = (data: PoolMapData, page: number, next: number): boolean =>
  data.numberOf(next) === data.numberOf(page) + 1;

/** Room between two rows. */
const gapOf = (rowHeight: number, scale: number): number =>
  rowHeight >= 24 ? Math.round(4 * scale) : rowHeight >= 8 ? Math.round(2 * scale) : Math.round(scale);

function paintRow(picture: Picture, row: Row): void {
  const { data, layout, scale } = picture;
  const left = Math.round(layout.left * scale);
  const right = Math.round((layout.left + layout.width) * scale);
  paintGround(picture, row.page, { x0: left, x1: right, y0: row.top, y1: row.bottom });
  const perByte = (layout.width * scale) / (row.to - row.from);
  const isFine = row.bottom - row.top >= 8 * scale;
  const end = data.endPart(row.page);
  for (let part = firstOf(picture, row); part < end; part++) {
    const offset = data.offsetOf(part);
    if (offset >= row.to) break;
    const stop = Math.min(pageSize, offset + data.sizeOf(part), row.to);
    if (stop <= row.from) continue;
    const begin = Math.max(offset, row.from);
    const x0 = left + Math.round((begin - row.from) * perByte);
    const x1 = Math.max(x0 + 1, left + Math.round((stop - row.from) * perByte));
    // A line of the ground between neighbours, where there is room.
    const gap = x1 - x0 >= 3 * scale && stop < row.to ? Math.max(1, Math.round(scale)) : 0;
    const y1 = offset + data.sizeOf(part) > pageSize ? row.bridge : row.bottom;
    paintPart(picture, part, { x0, x1: x1 - gap, y0: row.top, y1 }, isFine, begin === offset);
  }
  paintMarked(picture, row, left, perByte);
}

/** The first part that may reach into a row. */
function firstOf({ data }: Picture, { page, from }: Row): number {
  let low = data.firstPart(page);
  let high = data.endPart(page);
  const first = low;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (data.offsetOf(middle) <= from) low = middle + 1;
    else high = middle;
  }
  return Math.max(first, low - 1);
}

/** The bytes that the verdict names. */
function paintMarked(picture: Picture, row: Row, left: number, perByte: number): void {
  const { raster, paints, scale, data, marked } = picture;
  const on = markedOn(marked, data.numberOf(row.page));
  if (on === undefined || on[0] >= row.to || on[1] <= row.from) return;
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  const x0 = left + Math.round((Math.max(on[0], row.from) - row.from) * perByte);
  const x1 = Math.max(x0 + 3 * fine, left + Math.round((Math.min(on[1], row.to) - row.from) * perByte));
  raster.hatch(x0, row.top, x1, row.bottom, colors.hot, colors['hot-soft'], 3 * fine);
}
