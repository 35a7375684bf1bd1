import { CensusPage, CensusPart } from '@poolscope/engine';
import { markedOn, type Picture } from './picture.ts';

/** Cells of bytes: pale in the colour of their block, the header stronger. Their values are written over it. */
export function paintBytes(picture: Picture, headerSize: number): void {
  const { layout, scroll, height } = picture;
  if (layout.step.kind !== 'bytes') return;
  const { bytesPerRow, rowHeight } = layout.step;
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.start > scroll + height) continue;
    const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
    for (let row = first; row < end; row++) {
      const y = placed.start + row * layout.pitch + layout.caption - scroll;
      const from = Math.max(0, Math.floor(-y / rowHeight));
      const to = Math.min(layout.rowsPerPage, Math.ceil((height - y) / rowHeight));
      for (let line = from; line < to; line++)
        paintLine(picture, placed.group.rows[row]!, line * bytesPerRow, y + line * rowHeight, headerSize);
    }
  }
}

function paintLine(picture: Picture, page: number, from: number, y: number, headerSize: number): void {
  const { layout, data, raster, scale } = picture;
  if (layout.step.kind !== 'bytes') return;
  const { bytesPerRow, rowHeight } = layout.step;
  const cell = (layout.width * scale) / bytesPerRow;
  const left = layout.left * scale;
  const gap = Math.max(1, Math.round(scale));
  const top = Math.round(y * scale);
  const bottom = Math.round((y + rowHeight) * scale) - Math.round(3 * scale);
  const on = markedOn(picture.marked, data.numberOf(page));
  const { colors } = picture.paints.palette;
  let part = data.findPart(page, from);
  let end = part === undefined ? from : data.offsetOf(part) + data.sizeOf(part);
  for (let index = 0; index < bytesPerRow; index++) {
    const at = from + index;
    if (at >= end || part === undefined) {
      part = data.findPart(page, at);
      end = part === undefined ? at + 1 : data.offsetOf(part) + data.sizeOf(part);
    }
    const x0 = Math.round(left + index * cell);
    const x1 = Math.round(left + (index + 1) * cell) - gap;
    const isMarked = on !== undefined && at >= on[0] && at < on[1];
    const own = part === undefined ? groundColor(picture, page) : byteColor(picture, part, at, headerSize);
    const color = isMarked ? colors['hot-soft'] : own;
    raster.fill(x0, top, x1, bottom, color);
  }
}

function groundColor({ data, paints }: Picture, page: number): number {
  const { colors } = paints.palette;
  return data.whatOf(page) === CensusPage.unreadable ? colors.line : colors.soft;
}

function byteColor({ data, paints, found }: Picture, part: number, at: number, headerSize: number): number {
  const { colors } = paints.palette;
  const what = data.partOf(part);
  const isHeader = at - data.offsetOf(part) < headerSize && !data.hasFlag(part, 'continued');
  const tag = data.tagOf(part);
  const isFaint = found !== undefined && !found.fits(part);
  const isOwn = isHeader && data.hasFlag(part, 'damaged');
  if (what <= CensusPart.unknown && what !== CensusPart.free) {
    if (isOwn) return colors['hot-soft'];
    if (isFaint) return paints.faint[tag]!;
    return isHeader ? paints.pale[tag]! : paints.faint[tag]!;
  }
  if (what === CensusPart.changed) return colors['hot-soft'];
  if (what === CensusPart.damage) return isHeader ? colors['hot-soft'] : colors.soft;
  return what === CensusPart.missing || what === CensusPart.header ? colors.line : colors.soft;
}
