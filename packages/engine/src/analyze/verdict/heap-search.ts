import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import {
  type HeapProblem,
  type PoolHeap,
  type PoolHeaps,
  readHeapLists,
  readLfhContext,
  walkLfhLists,
  walkSegments,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Place } from './places.ts';
import { provenHeaps } from './proven-heaps.ts';

/** A link of a heap's list or tree that leads nowhere, or to what is none of theirs. */
export interface BrokenLink extends HeapProblem {
  readonly heap: PoolHeap;
  /** Which of its lists, as words in a sentence. */
  readonly list: string;
}

/** Every broken link of the heaps' trees and lists. */
export function brokenHeapLists(system: CrashedSystem): BrokenLink[] {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string') return [];
  return heaps.heaps
    .filter(({ role, signature }) => role !== 'metadata' && signature === 'right')
    .flatMap((heap) => [
      ...named(heap, runToEnd(readHeapLists(system, heaps, heap)).problems, 'a list'),
      ...named(heap, lfhProblems(system, heap), 'a list of subsegments of the LFH'),
      ...named(heap, segmentProblems(system, heaps, heap), 'the list of segments'),
    ]);
}

const named = (heap: PoolHeap, problems: readonly HeapProblem[], list: string): BrokenLink[] =>
  problems.map((problem) => ({ ...problem, heap, list: owners[problem.rule] ?? list }));

/** Whose link it is. */
const owners: Partial<Record<HeapProblem['rule'], string>> = {
  'vs-tree-link': 'the tree of free chunks',
  'vs-tree-node': 'the tree of free chunks',
  'vs-tree-order': 'the tree of free chunks',
  'vs-delayed': 'the list of delayed frees',
  lookaside: 'a lookaside list',
  'lookaside-size': 'a lookaside list',
  'lookaside-count': 'a lookaside list',
};

function lfhProblems(system: CrashedSystem, heap: PoolHeap): readonly HeapProblem[] {
  const context = readLfhContext(system, heap);
  if (typeof context === 'string') return [];
  const walk = walkLfhLists(system, context);
  for (let step = walk.next(); ; step = walk.next()) if (step.done === true) return step.value.problems;
}

function segmentProblems(system: CrashedSystem, heaps: PoolHeaps, heap: PoolHeap): HeapProblem[] {
  const links = [...walkSegments(system, heaps, heap)].flatMap(({ problems }) => problems);
  return links.filter(({ rule }) => rule === 'list-link');
}

/** The same as places to look at. */
export const brokenHeapLinks = (system: CrashedSystem): Place[] =>
  brokenHeapLists(system).map((link) => placeOf(system, link));

function placeOf({ shortText: text }: CrashedSystem, { heap, list, at }: BrokenLink): Place {
  const claim = `${capital(list)} of the heap at ${text(heap.address)} does not go on at ${text(at)}.`;
  return { va: at satisfies Va, grounds: [{ rule: 'found-by-search', claim, command: `!pool ${text(at)}` }] };
}

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());
