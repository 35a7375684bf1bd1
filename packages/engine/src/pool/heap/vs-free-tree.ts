import { Fault, type Va, wrap64 } from '../../base/index.ts';
import { type ListEnd, readSlist, walkChain } from '../../types/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { HeapProblem, PoolHeap } from './heap-block.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { walkTree } from './rb-tree.ts';
import { VsCode, vsHeader } from './vs-code.ts';

/** A chunk that the tree of free ones leads to. */
export interface FreeChunk {
  readonly address: Va;
  /** Bytes; undefined where its header is missing, or the key is not known. */
  readonly size: number | undefined;
}

/** How a walk ended: what is wrong, and why chunks may be lacking, one sentence each. */
export interface VsTreeEnd {
  readonly problems: readonly HeapProblem[];
  readonly missing: readonly string[];
}

/** _HEAP_VS_CHUNK_FREE_HEADER.Node: behind the sizes. */
const nodeOffset = 8n;

/**
 * The free chunks of a heap by size, out of the tree of its VS context. Children that do not name their parent, nodes in no free chunk
 * and nodes out of order are told, and the walk goes on.
 */
export function* walkFreeChunks(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: Pick<PoolHeap, 'address'>,
): Generator<FreeChunk, VsTreeEnd> {
  const { VsContext } = heaps.layout.heap;
  const tree = wrap64(heap.address + BigInt(VsContext + heaps.layout.vs.FreeChunkTree));
  const { heapKey } = heaps.keys;
  const code = isPlaced(heapKey) ? new VsCode(heapKey.value) : undefined;
  const problems: HeapProblem[] = [];
  const walk = walkTree(kernel, tree);
  let last = 0;
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) {
      for (const { at, found, expected } of step.value.damage)
        problems.push({ rule: 'vs-tree-link', at, found, ...(expected !== undefined && { expected }) });
      return { problems, missing: step.value.missing };
    }
    const address = wrap64(step.value.address - nodeOffset);
    const bytes = code === undefined ? undefined : kernel.target.memory.tryRead(address, vsHeader);
    if (code === undefined || bytes === undefined || bytes instanceof Fault) {
      yield { address, size: undefined };
      continue;
    }
    const { size, allocated } = code.decode(bytes, 0, address);
    if (allocated !== 0 || size === 0 || (address & 0xfn) !== 0n) {
      problems.push({ rule: 'vs-tree-node', at: step.value.address, found: BigInt(allocated), expected: 0n });
      continue;
    }
    if (size < last)
      problems.push({
        rule: 'vs-tree-order',
        at: step.value.address,
        found: BigInt(size),
        expected: BigInt(last),
      });
    last = Math.max(last, size);
    yield { address, size };
  }
}

/** What waits for its free, linked from a VS context. */
export interface DelayedFrees {
  /** Of its SLIST_HEADER. */
  readonly head: Va;
  /** Where links lead: to the chunk header or to the user's bytes, as builds and sources differ. */
  readonly entries: readonly Va[];
  /** As its head counts. */
  readonly depth: number;
  readonly end: ListEnd;
}

/** All are freed when 32 wait; a list that is longer is damaged. */
const mostDelayed = 0x1000;

/** The list of frees that a heap puts off; undefined: its head is not in the dump, or its layout is not known. */
export function readDelayedFrees(
  { structures, target }: Pick<SearchedKernel, 'structures' | 'target'>,
  { layout }: PoolHeaps,
  heap: Pick<PoolHeap, 'address'>,
): DelayedFrees | undefined {
  if (structures.find('_SLIST_HEADER') === undefined) return undefined;
  const at = wrap64(heap.address + BigInt(layout.heap.VsContext + layout.vs.DelayFreeContext));
  const head = readSlist(structures.at('_SLIST_HEADER', at));
  if (head === undefined) return undefined;
  const entries: Va[] = [];
  const walk = walkChain(target.memory, head.first, { pointerSize: 8, limit: mostDelayed }, at);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) return { head: at, entries, depth: head.depth, end: step.value };
    entries.push(step.value.link);
  }
}
