import { CensusPart } from '@poolscope/engine';
import type { PageBytesView } from '../../protocol/pool-map.ts';
import { drawOffsets, type LabelPaper } from './labels.ts';
import { markedOn } from './picture.ts';

/** The bytes of a page as far as they were fetched; undefined: not yet. */
export type BytesOf = (page: number) => PageBytesView | undefined;

/** Values of bytes, and the letters that they stand for, on their cells. */
export function drawBytes(paper: LabelPaper, bytesOf: BytesOf): void {
  const { view } = paper;
  const { layout, scroll, height } = view;
  if (layout.step.kind !== 'bytes') return;
  for (const placed of layout.groups) {
    if (placed.end < scroll || placed.start > scroll + height) continue;
    const [first, end] = layout.rowsBetween(placed, scroll, scroll + height);
    for (let row = first; row < end; row++) {
      const y = placed.start + row * layout.pitch + layout.caption - scroll;
      drawOffsets(paper, y);
      drawPageBytes(paper, placed.group.rows[row]!, y, bytesOf);
    }
  }
}

function drawPageBytes(paper: LabelPaper, page: number, y: number, bytesOf: BytesOf): void {
  const { context, view, fonts } = paper;
  const { layout, height } = view;
  if (layout.step.kind !== 'bytes') return;
  const { bytesPerRow, rowHeight } = layout.step;
  const known = bytesOf(page);
  const cell = layout.width / bytesPerRow;
  const size = cell < 22 ? 10.5 : 11.5;
  const first = Math.max(0, Math.floor(-y / rowHeight));
  const end = Math.min(layout.rowsPerPage, Math.ceil((height - y) / rowHeight));
  context.textAlign = 'center';
  context.font = `${size}px ${fonts.mono}`;
  const each = (draw: (value: number | undefined, x: number, top: number) => void): void => {
    for (let line = first; line < end; line++) {
      const colors = new LineColors(paper, page);
      for (let index = 0; index < bytesPerRow; index++) {
        const at = line * bytesPerRow + index;
        const value = known?.mask[at] === 1 ? known.bytes[at]! : undefined;
        colors.use(at, value);
        draw(value, layout.left + (index + 0.5) * cell - 0.5, y + line * rowHeight);
      }
    }
  };
  each((value, x, top) => context.fillText(value === undefined ? '??' : hexTexts[value]!, x, top + 11));
  context.globalAlpha = 0.72;
  each((value, x, top) => {
    // Dots for all others would be more to read than the letters.
    if (value !== undefined && value >= 0x20 && value < 0x7f)
      context.fillText(letterTexts[value]!, x, top + 25);
  });
  context.globalAlpha = 1;
}

const values = Array.from({ length: 256 }, (_, value) => value);
const hexTexts = values.map((value) => value.toString(16).padStart(2, '0'));
const letterTexts = values.map((value) => String.fromCharCode(value));

/** Colours of the values of a row: damage stands out, free bytes step back. */
class LineColors {
  readonly #paper: LabelPaper;
  readonly #page: number;
  #part: number | undefined;
  #end = -1;
  #color = '';

  readonly #marked: readonly [from: number, to: number] | undefined;

  constructor(paper: LabelPaper, page: number) {
    this.#paper = paper;
    this.#page = page;
    this.#marked = markedOn(paper.marked, paper.view.data.numberOf(page));
  }

  use(at: number, value: number | undefined): void {
    const {
      context,
      palette: { text },
      view: { data },
    } = this.#paper;
    if (at >= this.#end) {
      this.#part = data.findPart(this.#page, at);
      this.#end = this.#part === undefined ? at + 1 : data.offsetOf(this.#part) + data.sizeOf(this.#part);
    }
    const what = this.#part === undefined ? undefined : data.partOf(this.#part);
    const on = this.#marked;
    const isMarked = on !== undefined && at >= on[0] && at < on[1];
    const isLostHeader = what === CensusPart.damage && at - data.offsetOf(this.#part!) < 16;
    const isDamage = isMarked || isLostHeader || what === CensusPart.changed;
    const isQuiet = what === undefined || what === CensusPart.free || what === CensusPart.slop;
    const quiet = isQuiet || value === undefined || value === 0;
    const color = isDamage ? text.hot : quiet ? text.dim : text.ink;
    if (color !== this.#color) context.fillStyle = color;
    this.#color = color;
  }
}
