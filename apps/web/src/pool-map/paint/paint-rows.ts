import { CensusPage, CensusPart } from '@poolscope/engine';
import type { PlacedGroup } from '../model/layout.ts';
import type { PoolMapData } from '../model/pool-map-data.ts';
import type { TagPaints } from './palette.ts';
import { markedOn, type Picture } from './picture.ts';
import { mixColors, type Raster } from './raster.ts';

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
  paintGround(picture, row, left, right);
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

/** What stands behind the parts of a page, and instead of them where it has none. */
function paintGround(
  { raster, data, paints, scale }: Picture,
  { page, top, bottom }: Row,
  left: number,
  right: number,
): void {
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  switch (data.whatOf(page)) {
    case CensusPage.guard:
      raster.crossHatch(left, top, right, bottom, colors['page-special'], colors.paper, 7 * fine);
      raster.outline(left, top, right, bottom, colors['page-special'], fine);
      return;
    case CensusPage.noMemory:
      raster.fill(left, top, right, bottom, colors.paper);
      raster.outline(left, top, right, bottom, colors['page-special'], fine, 4 * fine);
      return;
    case CensusPage.freed:
      raster.hatch(
        left,
        top,
        right,
        bottom,
        mixColors(colors.paper, colors.hot, 0.28),
        colors.paper,
        fine,
        9 * fine,
      );
      raster.outline(left, top, right, bottom, colors.hot, fine, 4 * fine);
      return;
    case CensusPage.free:
      raster.outline(left, top, right, bottom, colors.edge, fine, 4 * fine);
      return;
    case CensusPage.unreadable:
      raster.dots(left, top, right, bottom, colors.dim, colors.soft, 5 * fine);
      return;
    case CensusPage.unrecognized:
    case CensusPage.manager:
      raster.hatch(left, top, right, bottom, colors.soft, colors.paper, 5 * fine);
      return;
    default:
      raster.fill(left, top, right, bottom, colors.soft);
  }
}

interface DeviceBox {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

function paintPart(picture: Picture, part: number, box: DeviceBox, isFine: boolean, isStart: boolean): void {
  const { data, found } = picture;
  const isFaint = found !== undefined && !found.fits(part);
  const what = data.partOf(part);
  if (what <= CensusPart.unknown) paintBlock(picture, part, what, box, isFine, isFaint);
  else paintOther(picture, what, box, isStart);
  if (isStart && what <= CensusPart.unknown && data.hasFlag(part, 'damaged')) paintBadHeader(picture, box);
}

function paintBlock(
  { raster, data, paints, scale }: Picture,
  part: number,
  what: CensusPart,
  { x0, x1, y0, y1 }: DeviceBox,
  isFine: boolean,
  isFaint: boolean,
): void {
  const { colors } = paints.palette;
  const tag = data.tagOf(part);
  const fine = Math.max(1, Math.round(scale));
  if (what === CensusPart.allocated) {
    raster.fill(x0, y0, x1, y1, (isFaint ? paints.faint : paints.fills)[tag]!);
    return;
  }
  const isHollow = what === CensusPart.free;
  const ground = isHollow ? colors.paper : isFaint ? paints.faint[tag]! : paints.pale[tag]!;
  raster.fill(x0, y0, x1, y1, ground);
  if (!isFine || x1 - x0 < 5 * scale) {
    if (isHollow && x1 - x0 >= 2) raster.fill(x0, y1 - fine, x1, y1, colors.edge);
    return;
  }
  if (what === CensusPart.unknown) raster.hatch(x0, y0, x1, y1, paints.pale[tag]!, colors.paper, 3 * fine);
  raster.outline(x0, y0, x1, y1, isHollow ? colors.edge : paints.fills[tag]!, fine, isHollow ? 3 * fine : 0);
}

function paintOther(picture: Picture, what: CensusPart, box: DeviceBox, isStart: boolean): void {
  const { raster, paints, scale } = picture;
  const { x0, x1, y0, y1 } = box;
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  switch (what) {
    case CensusPart.damage:
      paintUnexplained(raster, paints, box, fine, isStart);
      return;
    case CensusPart.changed:
      // The smallest damage is still to be seen.
      raster.hatch(x0, y0, Math.max(x1, x0 + 3 * fine), y1, colors.hot, colors['hot-soft'], 3 * fine);
      return;
    case CensusPart.missing:
      raster.dots(x0, y0, x1, y1, colors.dim, colors.soft, 5 * fine);
      return;
    case CensusPart.slop:
      raster.dots(x0, y0, x1, y1, colors['page-special'], colors.paper, 4 * fine);
      return;
    default:
      raster.fill(x0, y0, x1, y1, colors['page-special']);
  }
}

/** Bytes that no header explains: the lost header in front stands out, what is behind it may be whole. */
function paintUnexplained(
  raster: Raster,
  paints: TagPaints,
  { x0, x1, y0, y1 }: DeviceBox,
  fine: number,
  isStart: boolean,
): void {
  const { colors } = paints.palette;
  const isWide = x1 - x0 > 12 * fine;
  if (isWide) {
    const pale = mixColors(colors.paper, colors.hot, 0.28);
    raster.hatch(x0, y0, x1, y1, pale, colors.paper, fine, 9 * fine);
    if (y1 - y0 > 8 * fine)
      raster.outline(x0, y0, x1, y1, mixColors(colors.paper, colors.hot, 0.5), fine, 3 * fine);
  }
  if (!isStart && isWide) return;
  const right = isWide ? x0 + 6 * fine : Math.max(x1, x0 + 3 * fine);
  raster.hatch(x0, y0, right, y1, colors.hot, colors['hot-soft'], 3 * fine);
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

/** The header of a block that breaks a rule: its first bytes, and a line under all of it. */
function paintBadHeader({ raster, paints, scale }: Picture, { x0, x1, y0, y1 }: DeviceBox): void {
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  const right = Math.min(Math.max(x1, x0 + 3 * fine), x0 + 6 * fine);
  raster.hatch(x0, y0, right, y1, colors.hot, colors['hot-soft'], 2 * fine);
  raster.fill(x0, y1 - 2 * fine, x1, y1, colors.hot);
}
