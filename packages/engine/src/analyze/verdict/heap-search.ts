import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { type BrokenLink, findBrokenLinks } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Place } from './places.ts';
import { provenHeaps } from './proven-heaps.ts';

/** Every broken link of the trees and lists of the heaps. */
export function brokenHeapLists(system: CrashedSystem): BrokenLink[] {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string') return [];
  return heaps.heaps
    .filter(({ role, signature }) => role !== 'metadata' && signature === 'right')
    .flatMap((heap) => runToEnd(findBrokenLinks(system, heaps, heap)));
}

/** The same as places to look at. */
export const brokenHeapLinks = (system: CrashedSystem): Place[] =>
  brokenHeapLists(system).map((link) => placeOf(system, link));

function placeOf({ shortText: text }: CrashedSystem, { heap, list, at }: BrokenLink): Place {
  const claim = `${capital(list)} of the heap at ${text(heap.address)} does not go on at ${text(at)}.`;
  return { va: at satisfies Va, grounds: [{ rule: 'found-by-search', claim, command: `!pool ${text(at)}` }] };
}

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());
