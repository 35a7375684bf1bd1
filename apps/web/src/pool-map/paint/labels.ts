import { CensusPage, CensusPart } from '@poolscope/engine';
import type { Box, Layout, PlacedGroup } from '../model/layout.ts';
import { type Selection, selectedSize } from '../model/places.ts';
import type { PoolMapData } from '../model/pool-map-data.ts';
import type { ViewState } from '../model/view-state.ts';
import {
  addressText,
  countText,
  hexText,
  pageText,
  poolTitles,
  shortAddress,
  sizeText,
  tagText,
} from '../words.ts';
import type { Palette } from './palette.ts';
import type { FoundParts, MarkedBytes } from './picture.ts';

/** What labels are drawn on. */
export interface LabelPaper {
  readonly context: CanvasRenderingContext2D;
  readonly view: ViewState;
  readonly palette: Palette;
  readonly fonts: Fonts;
  readonly marked: MarkedBytes | undefined;
  readonly found: FoundParts | undefined;
}

export interface Fonts {
  readonly mono: string;
  readonly text: string;
}

const monoSize = 11;
/** Of a letter of the monospaced font, for its size: true enough to decide what fits. */
const letterWidth = 0.61;

/** Headings, addresses and names of blocks. */
export function drawLabels(paper: LabelPaper): void {
  const { context, view } = paper;
  const { layout, scroll, height } = view;
  context.textBaseline = 'middle';
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.top > scroll + height) continue;
    drawHeading(paper, placed);
    if (layout.step.kind === 'cells') drawCellAddresses(paper, placed);
    else drawPages(paper, placed);
  }
}

function drawHeading({ context, view, palette, fonts }: LabelPaper, { group, top }: PlacedGroup): void {
  const y = top - view.scroll + 19;
  context.textAlign = 'left';
  context.font = `600 12.5px ${fonts.text}`;
  context.fillStyle = palette.text.ink;
  const title = poolTitles[group.pool];
  const x = view.layout.isNarrow ? 14 : view.layout.left;
  context.fillText(title, x, y);
  const width = context.measureText(title).width;
  context.font = `12px ${fonts.text}`;
  context.fillStyle = palette.text.dim;
  const pages = `${countText(group.count)} ${group.count === 1 ? 'page' : 'pages'}`;
  context.fillText(`${pages} · ${sizeText(group.count * 0x1000)}`, x + width + 12, y);
}

/** In front of rows of cells, where there is room for a text: the address of the first page. */
function drawCellAddresses({ context, view, palette, fonts }: LabelPaper, placed: PlacedGroup): void {
  const { layout, data, scroll, height } = view;
  const every = Math.max(1, Math.ceil(15 / layout.pitch));
  const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
  context.font = `${monoSize}px ${fonts.mono}`;
  context.fillStyle = palette.text.dim;
  context.textAlign = 'right';
  const from = Math.ceil(first / layout.columns / every) * every;
  for (let line = from; line * layout.columns < end; line += every) {
    const page = placed.group.rows[line * layout.columns];
    if (page === undefined) return;
    const y = placed.start + line * layout.pitch - scroll + Math.min(layout.pitch, 12) / 2 + 1;
    context.fillText(gutterText(layout, data.addressOf(page)), layout.left - 10, y);
  }
}

const gutterText = (layout: Layout, address: bigint): string =>
  layout.isNarrow ? shortAddress(address) : addressText(address);

function drawPages(paper: LabelPaper, placed: PlacedGroup): void {
  const { context, view, palette, fonts } = paper;
  const { layout, data, scroll, height } = view;
  if (layout.step.kind === 'cells') return;
  const { rowHeight } = layout.step;
  const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
  const every = Math.max(1, Math.ceil(13 / layout.pitch));
  for (let row = first; row < end; row++) {
    const page = placed.group.rows[row]!;
    const y = placed.start + row * layout.pitch - scroll;
    if (layout.caption > 0) drawCaption(paper, page, y);
    else if (row % every === 0) {
      context.font = `${monoSize}px ${fonts.mono}`;
      context.fillStyle = data.isDamaged(page) ? palette.text.hot : palette.text.dim;
      context.textAlign = 'right';
      const inRow = rowHeight < 13 ? 6 : rowHeight / 2 - 1;
      context.fillText(gutterText(layout, data.addressOf(page)), layout.left - 10, y + inRow);
    }
    if (rowHeight >= 20) drawRows(paper, page, y + layout.caption, row, placed);
  }
}

/** Above the rows of a page: its address, and what it is. */
function drawCaption({ context, view, palette, fonts }: LabelPaper, page: number, y: number): void {
  const { layout, data } = view;
  const middle = y + layout.caption / 2 + 2;
  context.textAlign = 'left';
  context.font = `600 ${monoSize + 0.5}px ${fonts.mono}`;
  context.fillStyle = palette.text.ink;
  const address = addressText(data.addressOf(page));
  context.fillText(address, layout.left, middle);
  const after = layout.left + context.measureText(address).width + 12;
  context.font = `12px ${fonts.text}`;
  context.fillStyle = data.isDamaged(page) ? palette.text.hot : palette.text.dim;
  context.fillText(pageText(data.whatOf(page)), after, middle);
}

function drawRows(paper: LabelPaper, page: number, y: number, row: number, placed: PlacedGroup): void {
  const { view } = paper;
  const { layout, data, height } = view;
  if (layout.step.kind !== 'rows') return;
  if (layout.rowsPerPage > 1) drawOffsets(paper, y);
  if (data.firstPart(page) === data.endPart(page)) {
    drawPageText(paper, page, y, row, placed);
    return;
  }
  for (let part = data.firstPart(page); part < data.endPart(page); part++) {
    const boxes = layout.boxesOf(placed.index, row, data.offsetOf(part), data.sizeOf(part));
    const inSight = boxes.filter(
      (box) => box.y + box.height > view.scroll + stickyHeight && box.y < view.scroll + height,
    );
    const [first] = inSight;
    if (first === undefined) continue;
    const widest = inSight.reduce((best, box) => (box.width > best.width ? box : best), first);
    const top = widest.y - view.scroll;
    if (!data.hasFlag(part, 'continued') || isFirstInSight(view, placed, row))
      drawPart(paper, part, { ...widest, y: top });
  }
}

/** Offsets of the rows of a page. */
export function drawOffsets({ context, view, palette, fonts }: LabelPaper, y: number): void {
  const { layout, height } = view;
  if (layout.step.kind === 'cells') return;
  const { bytesPerRow, rowHeight } = layout.step;
  context.font = `${monoSize}px ${fonts.mono}`;
  context.fillStyle = palette.text.dim;
  context.textAlign = 'right';
  const first = Math.max(0, Math.floor(-y / rowHeight));
  const end = Math.min(layout.rowsPerPage, Math.ceil((height - y) / rowHeight));
  for (let line = first; line < end; line++)
    context.fillText(
      `+${hexText(line * bytesPerRow).padStart(3, '0')}`,
      layout.left - 10,
      y + (line + 0.5) * rowHeight - 1,
    );
}

/** Of many pages of one kind, or of one allocation, only the first is named, and the first in sight. */
function isFirstInSight(
  { layout, data, scroll }: ViewState,
  { group, start }: PlacedGroup,
  row: number,
): boolean {
  const before = group.rows[row - 1];
  const page = group.rows[row]!;
  if (row === 0 || before === undefined || layout.caption > 0) return true;
  const isSame =
    data.whatOf(before) === data.whatOf(page) && data.numberOf(before) === data.numberOf(page) - 1;
  return !isSame || start + row * layout.pitch - scroll - layout.pitch < -layout.pitch / 2;
}

/** On a page without parts: what it is. */
function drawPageText(paper: LabelPaper, page: number, y: number, row: number, placed: PlacedGroup): void {
  const { context, view, palette, fonts } = paper;
  const { layout, data } = view;
  const what = data.whatOf(page);
  if (what === CensusPage.whole || layout.step.kind === 'cells' || !isFirstInSight(view, placed, row)) return;
  const text = what === CensusPage.unreadable ? '????  not in this dump' : pageText(what);
  context.font = `12px ${fonts.text}`;
  const width = context.measureText(text).width;
  const middle = y + layout.step.rowHeight / 2 - 1;
  const x = layout.left + layout.width / 2;
  context.fillStyle = palette.text.paper;
  context.fillRect(x - width / 2 - 9, middle - 9, width + 18, 18);
  context.fillStyle = palette.text.dim;
  context.textAlign = 'center';
  context.fillText(text, x, middle);
}

/** The name of a block, where there is room for it; and its size where there is more. */
function drawPart(
  { context, view: { data }, palette, fonts, found }: LabelPaper,
  part: number,
  box: Box,
): void {
  const text = labelOf(data, part);
  const size = box.height >= 24 ? monoSize : monoSize - 1;
  const width = text.length * size * letterWidth;
  const what = data.partOf(part);
  const isPatterned = what === CensusPart.damage || what === CensusPart.changed || what === CensusPart.slop;
  if (text === '' || width + (isPatterned ? 48 : 4) > box.width) return;
  const isLoud = what === CensusPart.allocated && (found === undefined || found.fits(part));
  const middle = box.y + box.height / 2 - 1.5;
  context.font = `${size}px ${fonts.mono}`;
  context.textAlign = 'center';
  const long = `${text} ${hexText(data.sizeOf(part))}`;
  const hasRoom =
    what <= CensusPart.unknown &&
    !data.hasFlag(part, 'continued') &&
    long.length * size * letterWidth + 24 < box.width;
  const full = hasRoom ? long : text;
  const x = box.x + box.width / 2;
  if (isPatterned) {
    const wide = full.length * size * letterWidth + 12;
    context.fillStyle = palette.text.paper;
    context.fillRect(x - wide / 2, middle - 8, wide, 16);
  }
  context.fillStyle =
    what === CensusPart.damage || what === CensusPart.changed
      ? palette.text.hot
      : isLoud
        ? palette.text.ink
        : palette.text.dim;
  context.fillText(full, x, middle);
}

function labelOf(data: PoolMapData, part: number): string {
  const what = data.partOf(part);
  if (what === CensusPart.damage) return 'header destroyed';
  if (what === CensusPart.changed) return 'written over';
  if (what === CensusPart.slop) return 'slop';
  if (what === CensusPart.missing) return '????';
  if (what === CensusPart.header) return '';
  const tag = tagText(data.tags[data.tagOf(part)]?.text ?? '');
  return what === CensusPart.free ? 'free' : tag;
}

/** Of the bar that stays at the top. */
const stickyHeight = 28;

/** What is at the top of the view, where its own heading has gone out of sight. */
export function drawSticky({ context, view, palette, fonts }: LabelPaper): void {
  const { layout, scroll, data, width } = view;
  const placed = layout.groups.find(({ top, end }) => top < scroll && end > scroll + stickyHeight);
  if (placed === undefined) return;
  context.fillStyle = palette.text.paper;
  context.fillRect(0, 0, width - 14, stickyHeight);
  context.fillStyle = palette.text.line;
  context.fillRect(0, stickyHeight - 1, width - 14, 1);
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = `600 12.5px ${fonts.text}`;
  context.fillStyle = palette.text.ink;
  const title = poolTitles[placed.group.pool];
  const x = layout.isNarrow ? 14 : layout.left;
  context.fillText(title, x, 14);
  const after = x + context.measureText(title).width + 12;
  const line = Math.max(0, Math.floor((scroll + stickyHeight - placed.start) / layout.pitch));
  const page = placed.group.rows[Math.min(line * layout.columns, placed.group.count - 1)];
  if (page === undefined) return;
  context.font = `${monoSize + 0.5}px ${fonts.mono}`;
  context.fillStyle =
    data.isDamaged(page) && layout.step.kind !== 'cells' ? palette.text.hot : palette.text.dim;
  context.fillText(addressText(data.addressOf(page)), after, 14.5);
}

/** A frame around what is selected, and a thin one around what is under the pointer. */
export function drawFrames({ context, view, palette }: LabelPaper): void {
  const { selection, hover } = view;
  if (hover !== undefined) frame(context, view, hover, palette.text.dim, 1);
  if (selection !== undefined) {
    frame(context, view, selection, palette.text.paper, 4);
    frame(context, view, selection, palette.text.ink, 2);
  }
}

function frame(
  context: CanvasRenderingContext2D,
  view: ViewState,
  { group, row, page, part, offset }: Selection,
  color: string,
  thick: number,
): void {
  const { layout, scroll, height } = view;
  const size = selectedSize(view.data, { group, row, page, part, offset });
  const boxes = layout.boxesOf(group, row, offset, size);
  const [first, last] = [boxes[0], boxes.at(-1)];
  if (first === undefined || last === undefined || first.y - scroll > height) return;
  const gap = layout.step.kind === 'cells' || first.height < 20 ? 1 : 4;
  const bottom = last.y + last.height - gap + 1 - scroll;
  if (bottom < 0) return;
  const [left, right] = [layout.left - 1, layout.left + layout.width + 1];
  const [top, start, end] = [first.y - 1 - scroll, first.x - 1, last.x + Math.max(2, last.width) + 1];
  context.strokeStyle = color;
  context.lineWidth = thick;
  context.lineJoin = 'round';
  context.beginPath();
  if (boxes.length === 1) context.rect(start, top, end - start, bottom - top);
  else {
    // The outer line of rows of which the first begins and the last ends somewhere.
    const [under, over] = [top + first.height, last.y - gap + 1 - scroll];
    const corners = [
      [start, top],
      [right, top],
      [right, end < right ? over : bottom],
      [end, end < right ? over : bottom],
      [end, bottom],
      [left, bottom],
      [left, start > left ? under : top],
      [start, start > left ? under : top],
    ] as const;
    for (const [x, y] of corners) context.lineTo(x, y);
    context.closePath();
  }
  context.stroke();
}
