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
  context.textAlign = 'left';
  context.font = `${cell < 22 ? 10.5 : 11.5}px ${fonts.mono}`;
  context.letterSpacing = '0px';
  const letter = context.measureText('0').width;
  // Three letters are as wide as a cell: a run of bytes is one text, which takes far less time than one for each.
  context.letterSpacing = `${cell / 3 - letter}px`;
  const first = Math.max(0, Math.floor(-y / rowHeight));
  const end = Math.min(layout.rowsPerPage, Math.ceil((height - y) / rowHeight));
  for (let line = first; line < end; line++) {
    const top = y + line * rowHeight;
    for (const { color, at, hex, letters } of runsOf(paper, page, line * bytesPerRow, bytesPerRow, known)) {
      const x = layout.left + at * cell;
      context.fillStyle = color;
      context.fillText(hex, x + (cell - 2 * letter) / 2 - (cell / 3 - letter) / 2 - 0.5, top + 11);
      if (letters.trim() === '') continue;
      context.globalAlpha = 0.72;
      context.fillText(letters, x + (cell - letter) / 2 - 0.5, top + 25);
      context.globalAlpha = 1;
    }
  }
  context.letterSpacing = '0px';
}

/** Neighbours of one colour: values and letters with the blanks that put them on their cells. */
interface ByteRun {
  readonly color: string;
  /** Index of the first cell of the row. */
  readonly at: number;
  hex: string;
  letters: string;
}

function runsOf(
  paper: LabelPaper,
  page: number,
  from: number,
  count: number,
  known: PageBytesView | undefined,
): ByteRun[] {
  const colors = new LineColors(paper, page);
  // A browser that cannot space letters gets a text for each byte.
  const isSpaced = 'letterSpacing' in paper.context;
  const runs: ByteRun[] = [];
  let last: ByteRun | undefined;
  for (let index = 0; index < count; index++) {
    const value = known?.mask[from + index] === 1 ? known.bytes[from + index]! : undefined;
    const color = colors.of(from + index, value);
    if (last?.color !== color || !isSpaced) {
      last = { color, at: index, hex: '', letters: '' };
      runs.push(last);
    }
    last.hex += value === undefined ? '?? ' : hexTexts[value]!;
    // Dots for what is no letter would be more to read than the letters.
    last.letters += value !== undefined && value >= 0x20 && value < 0x7f ? letterTexts[value]! : '   ';
  }
  return runs;
}

const values = Array.from({ length: 256 }, (_, value) => value);
const hexTexts = values.map((value) => `${value.toString(16).padStart(2, '0')} `);
const letterTexts = values.map((value) => `${String.fromCharCode(value)}  `);

/** Colours of the values of a row: damage stands out, free bytes step back. */
class LineColors {
  readonly #paper: LabelPaper;
  readonly #page: number;
  #part: number | undefined;
  #end = -1;
  readonly #marked: readonly [from: number, to: number] | undefined;

  constructor(paper: LabelPaper, page: number) {
    this.#paper = paper;
    this.#page = page;
    this.#marked = markedOn(paper.marked, paper.view.data.numberOf(page));
  }

  of(at: number, value: number | undefined): string {
    const {
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
    if (isDamage) return text.hot;
    return quiet ? text.dim : text.ink;
  }
}
