import type { Va } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { ListBudget } from '../list-budget.ts';
import {
  cachedBlocks,
  type DynamicLookaside,
  lookasideOf,
  readDynamicLookaside,
} from './dynamic-lookaside.ts';
import type { PoolHeap } from './heap-block.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { readVsKnowledge, type VsContextKnowledge } from './vs-knowledge.ts';

const remembered = new WeakMap<PoolHeaps, Map<Va, VsContextKnowledge>>();

/**
 * What the lists and trees of a heap tell of its chunks, with the blocks of its dynamic lookaside lists among those that are
 * kept; read once. Yields nodes and lists done.
 */
export function* readHeapLists(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: PoolHeap,
): Generator<number, VsContextKnowledge> {
  const known = remembered.get(heaps) ?? new Map<Va, VsContextKnowledge>();
  remembered.set(heaps, known);
  const read = known.get(heap.address) ?? (yield* readLists(kernel, heaps, heap));
  known.set(heap.address, read);
  return read;
}

function* readLists(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: PoolHeap,
): Generator<number, VsContextKnowledge> {
  const own = yield* readVsKnowledge(kernel, heaps, heap);
  const address = lookasideOf(kernel, heap);
  const lookaside =
    typeof address === 'string' ? undefined : yield* readDynamicLookaside(kernel, address, new ListBudget());
  if (lookaside === undefined) return own;
  if (typeof lookaside === 'string')
    return { ...own, missing: [...own.missing, `its lookaside lists: ${lookaside}`] };
  return {
    ...own,
    kept: new Map([...own.kept, ...cachedBlocks([lookaside])]),
    problems: [...own.problems, ...problemsOf(lookaside)],
    missing: [...own.missing, ...lookaside.missing],
  };
}

const problemsOf = ({ buckets }: DynamicLookaside) => buckets.flatMap(({ problems }) => problems);
