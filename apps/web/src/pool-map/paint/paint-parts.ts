import { CensusPage, CensusPart } from '@poolscope/engine';
import type { TagPaints } from './palette.ts';
import type { Picture } from './picture.ts';
import { mixColors, type Raster } from './raster.ts';

/** What stands behind the parts of a page, and instead of them where it has none. */
export function paintGround(
  { raster, data, paints, scale }: Picture,
  page: number,
  { x0, x1, y0, y1 }: DeviceBox,
): void {
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  switch (data.whatOf(page)) {
    case CensusPage.guard:
      raster.crossHatch(x0, y0, x1, y1, colors['page-special'], colors.paper, 7 * fine);
      raster.outline(x0, y0, x1, y1, colors['page-special'], fine);
      return;
    case CensusPage.noMemory:
      raster.outline(x0, y0, x1, y1, colors['page-special'], fine, 4 * fine);
      return;
    case CensusPage.freed:
      raster.hatch(x0, y0, x1, y1, mixColors(colors.paper, colors.hot, 0.28), colors.paper, fine, 9 * fine);
      raster.outline(x0, y0, x1, y1, colors.hot, fine, 4 * fine);
      return;
    case CensusPage.free:
      raster.outline(x0, y0, x1, y1, colors.edge, fine, 4 * fine);
      return;
    case CensusPage.unreadable:
      raster.dots(x0, y0, x1, y1, colors.dim, colors.soft, 5 * fine);
      return;
    case CensusPage.unrecognized:
    case CensusPage.manager:
      raster.hatch(x0, y0, x1, y1, colors.soft, colors.paper, 5 * fine);
      return;
    case CensusPage.whole:
    case CensusPage.damaged:
    case CensusPage.incomplete:
    case CensusPage.large:
    case CensusPage.special:
      raster.fill(x0, y0, x1, y1, colors.soft);
  }
}

/** In device pixels. */
export interface DeviceBox {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export function paintPart(
  picture: Picture,
  part: number,
  box: DeviceBox,
  isFine: boolean,
  isStart: boolean,
): void {
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
  if (what === CensusPart.damage) paintUnexplained(raster, paints, box, fine, isStart);
  else if (what === CensusPart.changed)
    // The smallest damage is still to be seen.
    raster.hatch(x0, y0, Math.max(x1, x0 + 3 * fine), y1, colors.hot, colors['hot-soft'], 3 * fine);
  else if (what === CensusPart.missing) raster.dots(x0, y0, x1, y1, colors.dim, colors.soft, 5 * fine);
  else if (what === CensusPart.slop)
    raster.dots(x0, y0, x1, y1, colors['page-special'], colors.paper, 4 * fine);
  else raster.fill(x0, y0, x1, y1, colors['page-special']);
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

/** The header of a block that breaks a rule: its first bytes, and a line under all of it. */
function paintBadHeader({ raster, paints, scale }: Picture, { x0, x1, y0, y1 }: DeviceBox): void {
  const { colors } = paints.palette;
  const fine = Math.max(1, Math.round(scale));
  const right = Math.min(Math.max(x1, x0 + 3 * fine), x0 + 6 * fine);
  raster.hatch(x0, y0, right, y1, colors.hot, colors['hot-soft'], 2 * fine);
  raster.fill(x0, y1 - 2 * fine, x1, y1, colors.hot);
}
