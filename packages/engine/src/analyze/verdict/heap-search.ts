import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { type HeapProblem, type PoolHeap, readHeapLists } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { Place } from './places.ts';
import { provenHeaps } from './proven-heaps.ts';

/** Links of lists and trees of heaps that lead nowhere or to what is none of theirs, as places to look at. */
export function brokenHeapLinks(system: CrashedSystem): Place[] {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string') return [];
  return heaps.heaps
    .filter(({ role, signature }) => role !== 'metadata' && signature === 'right')
    .flatMap((heap) =>
      runToEnd(readHeapLists(system, heaps, heap)).problems.map((problem) => place(system, heap, problem)),
    );
}

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

function place({ shortText: text }: CrashedSystem, heap: PoolHeap, { rule, at }: HeapProblem): Place {
  const list = owners[rule] ?? 'a list';
  const claim = `${capital(list)} of the heap at ${text(heap.address)} does not go on at ${text(at)}.`;
  return { va: at satisfies Va, grounds: [{ rule: 'found-by-search', claim, command: `!pool ${text(at)}` }] };
}

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());
