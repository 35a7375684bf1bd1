import type { MapController } from '../map-controller.ts';
import { cellsZoom } from '../model/zoom.ts';

const pageMarks = [
  ['used', 'small blocks, the stronger the more in use'],
  ['large', 'large allocations'],
  ['special', 'special pool'],
  ['guard', 'guard page'],
  ['hot', 'damage'],
  ['other', 'no blocks that can be told'],
  ['unreadable', 'not in the dump'],
] as const;

const blockMarks = [
  ['tag', 'in use, coloured by tag'],
  ['free', 'free'],
  ['aside', 'freed, kept for later'],
  ['damage', 'damage'],
  ['slop', 'slop'],
  ['guard', 'guard page'],
  ['unreadable', 'not in the dump'],
] as const;

/** What the colours and patterns stand for at this zoom. */
export function Legend({ controller }: { readonly controller: MapController }) {
  const marks = controller.level.value <= cellsZoom ? pageMarks : blockMarks;
  return (
    <ul class="pool-legend" aria-label="Legend">
      {marks.map(([mark, text]) => (
        <li key={mark}>
          <i class={`pool-mark pool-mark-${mark}`} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
