import type { DamageFacts, PagePicture, PicturePart } from '../analyze/index.ts';
import { type ByteRow, byteLetter, byteRows, byteText } from './byte-rows.ts';
import { html, type Markup, type Piece } from './html.ts';
import { counted } from './words.ts';

/** Units of the drawing: room for addresses on the left, and the width of a page. */
const [left, width, full] = [132, 544, 680];
const barTop = 8;
const barHeight = 44;
const bytesTop = 88;
const rowHeight = 36;
const perRow = 16;
/** More parts than a page can have are not drawn. */
const mostParts = 1024;
const letterWidth = 6.6;

/** A page of pool to scale, its blocks coloured by tag, and below it the damaged bytes. It needs no script. */
export function pageDrawing(picture: PagePicture, damage: DamageFacts | null): Markup {
  const parts = placed(picture.parts.slice(0, mostParts));
  const rows = byteRows(picture, damage, perRow);
  const height = rows.length === 0 ? barTop + barHeight + 8 : bytesTop + rows.length * rowHeight + 2;
  return html`<figure>
<svg viewBox="0 0 ${full} ${height}" role="img" aria-labelledby="drawing-title drawing-text">
<title id="drawing-title">${`Pool page ${picture.page.slice(2)}`}</title>
<desc id="drawing-text">${describe(picture, damage)}</desc>
<defs><pattern id="hit" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hit-ground" width="6" height="6"/><rect class="hit-line" width="2.4" height="6"/></pattern></defs>
${label(barTop + 27, picture.page.slice(2))}
${inFront(parts).map(drawPart)}
${rows.length === 0 ? null : zoom(parts)}
${rows.map(drawRow)}
</svg>
<figcaption>${caption(picture, damage, rows)}</figcaption>
</figure>
`;
}

interface PlacedPart {
  readonly part: PicturePart;
  readonly x: number;
  readonly size: number;
}

/** By the share of its bytes. */
function placed(parts: readonly PicturePart[]): PlacedPart[] {
  const total = Math.max(
    1,
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let done = 0;
  return parts.map((part) => {
    const x = left + (done / total) * width;
    done += part.length;
    return { part, x, size: (part.length / total) * width };
  });
}

/** What is drawn later lies in front: damage of a few bytes must not vanish behind the next block. */
const inFront = (parts: readonly PlacedPart[]): PlacedPart[] => [
  ...parts.filter(({ part }) => part.what !== 'damage'),
  ...parts.filter(({ part }) => part.what === 'damage'),
];

const px = (value: number): string => value.toFixed(1);

const label = (y: number, text: string): Markup =>
  html`<text class="dim" x="${left - 8}" y="${y}" text-anchor="end">${text}</text>`;

function drawPart({ part, x, size }: PlacedPart): Piece {
  // Damage of a byte would not be seen to scale.
  const shown = Math.max(part.what === 'damage' ? 4 : 0.4, size - 1);
  const height = part.what === 'damage' ? barHeight + 8 : barHeight;
  const y = part.what === 'damage' ? barTop - 4 : barTop;
  return html`<rect class="${partClass(part)}" x="${px(x)}" y="${y}" width="${px(shown)}" height="${height}"><title>${partText(part)}</title></rect>${partLabel(part, x, size)}\n`;
}

function partLabel(part: PicturePart, x: number, size: number): Piece {
  const tag = part.tag?.trim() ?? '';
  const bytes = part.length.toString(16);
  const texts =
    part.what === 'damage'
      ? []
      : part.what === 'allocated'
        ? [`${tag} ${bytes}`, tag]
        : [`${part.what} ${bytes}`, part.what];
  const text = texts.find((each) => each !== '' && each.length * letterWidth + 4 < size);
  if (text === undefined) return null;
  const dim = part.what === 'allocated' ? '' : 'dim';
  return html`<text class="${dim}" x="${px(x + size / 2)}" y="${barTop + 27}" text-anchor="middle">${text}</text>`;
}

const colours = 8;

/** The same tag has the same colour in every drawing. */
function partClass({ what, tag }: PicturePart): string {
  if (what !== 'allocated') return what;
  let sum = 0;
  for (const character of tag?.trim() ?? '') sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return `tag${sum % colours}`;
}

/** Lines from the damage to its bytes below. */
function zoom(parts: readonly PlacedPart[]): Piece {
  const hits = parts.filter(({ part }) => part.what === 'damage');
  const [first, last] = [hits[0], hits.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [from, to] = [barTop + barHeight + 5, bytesTop - 4];
  const end = last.x + Math.max(4, last.size);
  return html`<path class="zoom" d="M${px(first.x)},${from} L${left},${to} M${px(end)},${from} L${left + width},${to}"/>`;
}

function drawRow({ offset, bytes }: ByteRow, index: number): Markup {
  const y = bytesTop + index * rowHeight;
  const cell = width / perRow;
  const cells = bytes.map((byte, column): Markup => {
    const x = left + column * cell;
    const middle = px(x + cell / 2);
    const [digits, letter] = byte.isHit ? ['', 'hot'] : ['dim', 'dim'];
    return html`<rect class="${byte.isHit ? 'hit-ground' : 'byte'}" x="${px(x + 0.5)}" y="${y}" width="${px(cell - 1)}" height="${rowHeight - 3}"/><text class="${digits}" x="${middle}" y="${y + 14}" text-anchor="middle">${byteText(byte)}</text><text class="${letter}" x="${middle}" y="${y + 27}" text-anchor="middle">${byteLetter(byte)}</text>`;
  });
  return html`<g>${label(y + 20, `${offset < 0 ? '' : '+'}${offset.toString(16)}`)}${cells}</g>\n`;
}

const stateWords: Readonly<Record<PicturePart['what'], string>> = {
  allocated: 'allocated',
  free: 'free',
  damage: 'damaged',
  lost: 'explained by no header',
};

function partText({ what, tag, length, start }: PicturePart): string {
  const name = tag === null ? '' : ` tagged ${tag.trim()}`;
  return `${start.slice(2)}: 0x${length.toString(16)} bytes ${stateWords[what]}${name}`;
}

/** For those who do not see the drawing: the damage, and what lies beside it. */
function describe({ parts }: PagePicture, damage: DamageFacts | null): string {
  const hit = parts.findIndex(({ what }) => what === 'damage');
  const around = hit < 0 ? parts.slice(0, 8) : parts.slice(Math.max(0, hit - 3), hit + 4);
  const text = around.map((part) => partText(part)).join('; ');
  const more = parts.length - around.length;
  const written = damage?.text ?? null;
  const said = written === null ? '' : ` The damaged bytes are the text ${written}.`;
  return `${text}${more > 0 ? `; and ${counted(more, 'more part')}` : ''}.${said}`;
}

/** What the parts look like, of those that are there, and which bytes are shown. */
function caption(
  { parts, bytes }: PagePicture,
  damage: DamageFacts | null,
  rows: readonly ByteRow[],
): Piece[] {
  const keys = keyTexts.filter(([what]) => parts.some((part) => part.what === what));
  const legend = keys.map(
    ([, name, text], index) => html`${index === 0 ? null : ', '}<span class="key ${name}"></span>${text}`,
  );
  const length = damage?.length ?? null;
  const page: Piece = html`The page to scale: ${legend}.`;
  if (bytes === null || length === null) return [page];
  const shown = rows.flatMap((row) => row.bytes).filter(({ isHit }) => isHit).length;
  const which =
    shown < length ? `the first ${shown} of ${length} damaged bytes` : counted(length, 'damaged byte');
  return [page, ` Below: ${which}, marked, and those around.`];
}

const keyTexts: readonly (readonly [PicturePart['what'], string, string])[] = [
  ['allocated', 'tag-key', 'allocated, coloured by tag'],
  ['free', 'free-key', 'free'],
  ['damage', 'hit-key', 'damaged'],
  ['lost', 'lost-key', 'memory that no header explains any more'],
];
