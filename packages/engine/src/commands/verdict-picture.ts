import type { DamageFacts, PagePicture, PicturePart } from '../analyze/index.ts';
import { type Line, type Span, span } from './output.ts';

const width = 64;

/** A page as a bar of its blocks, the damage marked, and the damaged bytes below. */
export function pictureLines(picture: PagePicture, damage: DamageFacts | null): Line[] {
  const page = picture.page.slice(2);
  const bar = picture.parts.map((part, index) => barPart(part, columns(picture.parts)[index]!));
  return [
    [''],
    [`  ${page} |`, ...bar.flatMap((part) => [part, '|'])],
    ...byteLines(picture, damage, page.length),
  ];
}

/** Columns for each part: by its size, but never too few to see. */
function columns(parts: readonly PicturePart[]): number[] {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const room = Math.max(width - parts.length, parts.length);
  return parts.map(({ length, what }) =>
    Math.max(what === 'damage' ? 3 : 1, Math.round((length / total) * room)),
  );
}

const fills: Readonly<Record<PicturePart['what'], string>> = {
  allocated: '█',
  free: '·',
  damage: '╳',
  lost: ' ',
};

function barPart({ what, tag, length }: PicturePart, size: number): string | Span {
  const label = what === 'allocated' && tag !== null ? ` ${tag.trim()} ${length.toString(16)} ` : '';
  const shown = label.length > 0 && label.length + 2 <= size ? label : '';
  const left = Math.floor((size - shown.length) / 2);
  const text = fills[what].repeat(left) + shown + fills[what].repeat(size - shown.length - left);
  return what === 'damage'
    ? span(text, 'bad')
    : what === 'free' || what === 'lost'
      ? span(text, 'dim')
      : text;
}

/** Sixteen bytes a row, those of the damage marked, with their distance from the start of the page. */
function byteLines({ page, bytes }: PagePicture, damage: DamageFacts | null, indent: number): Line[] {
  if (bytes === null || damage === null) return [];
  const values = (bytes.hex.match(/../g) ?? []).map((text) => Number.parseInt(text, 16));
  const start = BigInt(damage.start) - BigInt(bytes.at);
  const end = Number(start) + (damage.length ?? 0);
  const rows: Line[] = [];
  for (let at = 0; at < values.length; at += 16) {
    const row = values.slice(at, at + 16);
    const offset = Number(BigInt(bytes.at) - BigInt(page)) + at;
    const isHit = (index: number) => at + index >= Number(start) && at + index < end;
    const hex = row.map((value, index): string | Span => {
      const text = `${value.toString(16).padStart(2, '0')} `;
      return isHit(index) ? span(text, 'bad') : span(text, 'dim');
    });
    const characters = row
      .map((value) => (value >= 0x20 && value < 0x7f ? String.fromCharCode(value) : '.'))
      .join('');
    const mark = row.some((_, index) => isHit(index)) ? '|' : ' ';
    rows.push([`${`+${offset.toString(16)}`.padStart(indent + 3)} ${mark}`, ...hex, ` ${characters}`]);
  }
  return rows;
}
