import type { Report } from '@poolscope/engine';
import { useNarrow } from '../../app/use-narrow.ts';
import { tagClass } from '../../parts/tag-colour.ts';
import { ByteGrid } from './byte-grid.tsx';
import { type PlacedPart, placeParts } from './place-parts.ts';

type Picture = NonNullable<Report['verdict']['picture']>;
type Damage = Report['verdict']['damage'];

/** Units of the drawing: room on the left, and the width of a page; the grid of bytes below has the same shares. */
interface Extent {
  readonly left: number;
  readonly width: number;
  readonly full: number;
}

const wide: Extent = { left: 132, width: 544, full: 680 };
/** On a phone letters stay as large as they are. */
const small: Extent = { left: 72.6, width: 299.2, full: 374 };
const [top, height] = [22, 44];
const letterWidth = 6.3;

/** A page of pool to scale, coloured by tag, and its damaged bytes. */
export function PagePicture({ picture, damage }: { readonly picture: Picture; readonly damage: Damage }) {
  const isNarrow = useNarrow();
  const extent = isNarrow ? small : wide;
  const { left, width, full } = extent;
  const address = picture.page.slice(2);
  const parts = placeParts(picture.parts, left, width);
  const hits = parts.filter(({ part }) => part.what === 'damage');
  const hasBytes = picture.bytes !== null;
  return (
    <figure class="picture">
      <svg viewBox={`0 0 ${full} ${hasBytes ? 96 : 74}`} role="img" aria-label={describe(picture, damage)}>
        <defs>
          <pattern
            id="hatch"
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="6" height="6" class="hit-ground" />
            <rect width="2.4" height="6" class="hit-line" />
          </pattern>
        </defs>
        <text class="dim" x={isNarrow ? 0 : left} y="13">
          {isNarrow
            ? `the page ${address} to scale; hollow is free`
            : 'a page of pool to scale; colour is the tag, hollow is free'}
        </text>
        {!isNarrow && (
          <text class="dim" x={left - 8} y={top + 27} text-anchor="end">
            {address}
          </text>
        )}
        {[...parts.filter(({ part }) => part.what !== 'damage'), ...hits].map((placed) => (
          <Part key={placed.part.start} placed={placed} />
        ))}
        {hasBytes && <Zoom hits={hits} extent={extent} />}
      </svg>
      {picture.bytes !== null && <ByteGrid page={picture.page} bytes={picture.bytes} damage={damage} />}
    </figure>
  );
}

function Part({ placed: { part, x, size } }: { readonly placed: PlacedPart }) {
  const isHit = part.what === 'damage';
  // Damage of a byte would not be seen to scale.
  const shown = Math.max(isHit ? 5 : 0.6, size - 1);
  const label = labelOf(part, size);
  const look = part.what === 'allocated' ? tagClass(part.tag) : part.what;
  return (
    <g>
      <rect
        class={look}
        x={x + 0.5}
        y={isHit ? top - 3 : top}
        width={shown}
        height={isHit ? height + 6 : height}
        rx="1.5"
      >
        <title>{partText(part)}</title>
      </rect>
      {label !== undefined && (
        <text
          class={part.what === 'allocated' ? '' : 'dim'}
          x={x + size / 2}
          y={top + 27}
          text-anchor="middle"
        >
          {label}
        </text>
      )}
    </g>
  );
}

function labelOf(part: Picture['parts'][number], size: number): string | undefined {
  const tag = part.tag?.trim() ?? '';
  const bytes = part.length.toString(16);
  const texts = {
    allocated: [`${tag} ${bytes}`, tag],
    free: [`free ${bytes}`, 'free'],
    lost: [`header destroyed · ${bytes}`, `lost ${bytes}`, 'lost'],
    damage: [],
  }[part.what];
  return texts.find((text) => text !== '' && text.length * letterWidth + 4 < size);
}

/** Lines from the damage to its bytes below. */
function Zoom({
  hits,
  extent: { left, width },
}: {
  readonly hits: readonly PlacedPart[];
  readonly extent: Extent;
}) {
  const [first, last] = [hits[0], hits.at(-1)];
  if (first === undefined || last === undefined) return null;
  const [from, to] = [top + height + 4, 96];
  const end = last.x + Math.max(5, last.size);
  return (
    <path class="zoom" d={`M${first.x},${from} L${left},${to} M${end},${from} L${left + width},${to}`} />
  );
}

const stateWords = {
  allocated: 'allocated',
  free: 'free',
  damage: 'damaged',
  lost: 'explained by no header',
} as const;

function partText({ what, tag, length, start }: Picture['parts'][number]): string {
  const name = tag === null ? '' : ` tagged ${tag.trim()}`;
  return `${start.slice(2)}: 0x${length.toString(16)} bytes ${stateWords[what]}${name}`;
}

/** For those who do not see the drawing: the damage, and what lies beside it. */
function describe({ parts, page }: Picture, damage: Damage): string {
  const hit = parts.findIndex(({ what }) => what === 'damage');
  const around = hit < 0 ? parts.slice(0, 8) : parts.slice(Math.max(0, hit - 3), hit + 4);
  const written = damage?.text ?? null;
  const said = written === null ? '' : ` The damaged bytes are the text ${written}.`;
  return `Pool page ${page.slice(2)}: ${around.map(partText).join('; ')}.${said}`;
}
