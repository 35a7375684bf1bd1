import type { DamageFacts, PagePicture } from '../analyze/index.ts';
import { type ByteRow, byteLetter, byteRows, byteText } from '../report/index.ts';
import { type Line, type Span, span } from './output.ts';
import { type BarCell, fitBar } from './picture-bar.ts';

/** A bar that is narrower has a line of its own. */
const narrowBar = 40;

/** A page as a bar of its blocks, the damage marked, and the damaged bytes below. */
export function pictureLines(picture: PagePicture | null, damage: DamageFacts | null, width: number): Line[] {
  if (picture === null) return [];
  const page = picture.page.slice(2);
  const beside = width - page.length - 3;
  const isBeside = beside >= narrowBar;
  const cells = fitBar(picture.parts, isBeside ? beside : width - 2);
  const bar = ['|', ...cells.flatMap((cell) => [barCell(cell), '|'])];
  return [
    [''],
    ...(isBeside ? [[`  ${page} `, ...bar]] : [[`  ${page}`], ['  ', ...bar]]),
    ...byteLines(picture, damage, width, isBeside ? page.length + 3 : 7),
  ];
}

const fills: Readonly<Record<BarCell['what'], string>> = {
  allocated: '█',
  free: '·',
  damage: '╳',
  lost: ' ',
  folded: ' ',
};

function barCell({ what, label, columns }: BarCell): string | Span {
  const spaced = label === '' ? '' : ` ${label} `;
  const shown = [spaced, label].find((each) => each.length <= columns) ?? '';
  const left = Math.floor((columns - shown.length) / 2);
  const text = fills[what].repeat(left) + shown + fills[what].repeat(columns - shown.length - left);
  if (what === 'allocated') return text;
  return span(text, what === 'damage' ? 'bad' : 'dim');
}

/** Rows of bytes with their distance from the start of the page; those with damage between bars. */
function byteLines(picture: PagePicture, damage: DamageFacts | null, width: number, indent: number): Line[] {
  const columns = (perRow: number) => indent + 2 + perRow * 4 + 2;
  const rows = byteRows(picture, damage, columns(16) <= width ? 16 : 8);
  const shown = rows.flatMap(({ bytes }) => bytes).filter(({ isHit }) => isHit).length;
  const length = damage?.length ?? 0;
  const note: Line[] =
    rows.length > 0 && shown < length
      ? [[span(`${' '.repeat(indent + 2)}the first ${shown} of ${length} damaged bytes`, 'dim')]]
      : [];
  return [...rows.map((row) => byteLine(row, indent)), ...note];
}

function byteLine({ offset, bytes }: ByteRow, indent: number): Line {
  const mark = bytes.some(({ isHit }) => isHit) ? '|' : ' ';
  const digits = bytes.map((byte): Span => span(`${byteText(byte)} `, byte.isHit ? 'bad' : 'dim'));
  const letters = bytes.map(byteLetter).join('');
  return [
    `${offset < 0 ? '' : '+'}${offset.toString(16)}`.padStart(indent),
    ` ${mark}`,
    ...digits,
    ` ${letters}${mark}`,
  ];
}
