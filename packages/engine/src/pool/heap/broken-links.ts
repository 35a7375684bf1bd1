import type { SearchedKernel } from '../kernel-data.ts';
import type { HeapProblem, PoolHeap } from './heap-block.ts';
import { readHeapLists } from './heap-lists.ts';
import { walkLargeAllocations } from './large-allocations.ts';
import { readLfhContext } from './lfh-context.ts';
import { walkLfhLists } from './lfh-lists.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { walkSegments } from './segments.ts';

/** A link of a heap's list or tree that leads nowhere, or to what is none of theirs. */
export interface BrokenLink extends HeapProblem {
  readonly heap: PoolHeap;
  /** Which of its lists, as words in a sentence. */
  readonly list: string;
}

/** Subsegments and allocations between two signs of life. */
const perSign = 1024;

/** Every broken link of a heap's trees and lists. Yields elements done. */
export function* findBrokenLinks(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: PoolHeap,
): Generator<number, BrokenLink[]> {
  const { problems } = yield* readHeapLists(kernel, heaps, heap);
  const context = readLfhContext(kernel, heap);
  const lfh = typeof context === 'string' ? [] : yield* problemsOf(walkLfhLists(kernel, context));
  const large = yield* problemsOf(walkLargeAllocations(kernel, heap));
  const segments = [...walkSegments(kernel, heaps, heap)].flatMap((each) => each.problems);
  return [
    ...named(heap, problems, 'a list'),
    ...named(heap, lfh, 'a list of subsegments of the LFH'),
    ...named(heap, large, 'the tree of large allocations'),
    ...named(
      heap,
      segments.filter(({ rule }) => rule === 'list-link'),
      'the list of segments',
    ),
  ];
}

/** What is wrong with a list or a tree, at its end. */
function* problemsOf(
  walk: Generator<unknown, { readonly problems: readonly HeapProblem[] }>,
): Generator<number, readonly HeapProblem[]> {
  let done = 0;
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return step.value.problems;
    if (++done % perSign === 0) yield done;
  }
}

function named(heap: PoolHeap, problems: readonly HeapProblem[], list: string): BrokenLink[] {
  const told = new Set<string>();
  return problems.flatMap((problem): BrokenLink[] => {
    const place = `${problem.rule} ${problem.at}`;
    if (told.has(place)) return [];
    told.add(place);
    return [{ ...problem, heap, list: owners[problem.rule] ?? list }];
  });
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
