import { type Va, wrap64 } from '../../base/index.ts';
import { describeListEnd } from '../../types/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { HeapProblem, PoolHeap } from './heap-block.ts';
import { isInKernelHalf } from './kernel-half.ts';
import type { PoolHeaps } from './pool-heaps.ts';
import { VsCode, vsHeader } from './vs-code.ts';
import { readDelayedFrees, walkFreeChunks } from './vs-free-tree.ts';
import type { VsKnowledge } from './vs-subsegment.ts';

/** What the VS context of a heap tells of its chunks, with what is wrong there. */
export interface VsContextKnowledge extends VsKnowledge {
  readonly problems: readonly HeapProblem[];
  /** Why chunks may be lacking, one sentence each. */
  readonly missing: readonly string[];
}

/** Nodes between two signs of life. */
const perSign = 1024;

const remembered = new WeakMap<PoolHeaps, Map<Va, VsContextKnowledge>>();

/** Reads the tree of free chunks and the list of delayed frees of a heap, once. Yields nodes done. */
export function* readVsKnowledge(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: Pick<PoolHeap, 'address'>,
): Generator<number, VsContextKnowledge> {
  const known = remembered.get(heaps) ?? new Map<Va, VsContextKnowledge>();
  remembered.set(heaps, known);
  const read = known.get(heap.address) ?? (yield* readContext(kernel, heaps, heap));
  known.set(heap.address, read);
  return read;
}

function* readContext(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: Pick<PoolHeap, 'address'>,
): Generator<number, VsContextKnowledge> {
  const free = new Set<Va>();
  const walk = walkFreeChunks(kernel, heaps, heap);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done === true) {
      const { problems, missing } = step.value;
      return {
        free,
        isTreeWhole: problems.length === 0 && missing.length === 0,
        ...withDelayed(kernel, heaps, heap, step.value),
      };
    }
    free.add(step.value.address);
    if (free.size % perSign === 0) yield free.size;
  }
}

function withDelayed(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  heap: Pick<PoolHeap, 'address'>,
  tree: Pick<VsContextKnowledge, 'problems' | 'missing'>,
): Pick<VsContextKnowledge, 'kept' | 'problems' | 'missing'> {
  const kept = new Map<Va, string>();
  const delayed = readDelayedFrees(kernel, heaps, heap);
  if (delayed === undefined)
    return { kept, ...tree, missing: [...tree.missing, 'its list of delayed frees cannot be read'] };
  const { end } = delayed;
  const wrong = delayed.entries.findIndex((entry) => !isEntry(entry));
  const entries = wrong < 0 ? delayed.entries : delayed.entries.slice(0, wrong);
  for (const entry of entries) kept.set(entry, 'the list of delayed frees');
  const why = describeListEnd(end);
  const problems = [...tree.problems];
  const holder = entries.at(-1);
  if (wrong >= 0 && (holder === undefined || isData(kernel, heaps, holder)))
    problems.push({ rule: 'vs-delayed', at: holder ?? delayed.head, found: delayed.entries[wrong]! });
  if (end.kind === 'cycle') problems.push({ rule: 'list-cycle', at: end.at });
  return {
    kept,
    problems,
    missing: why === undefined ? tree.missing : [...tree.missing, `its list of delayed frees: ${why}`],
  };
}

/** Is a place the memory of a block in use, and no chunk header, whose sizes are no link? */
function isData({ target }: SearchedKernel, { keys: { heapKey } }: PoolHeaps, va: Va): boolean {
  if (!isPlaced(heapKey)) return false;
  const code = new VsCode(heapKey.value);
  return [0x20n, 0x30n].some((back) => {
    const chunk = wrap64(va - back);
    const bytes = target.readBytes(chunk, vsHeader);
    if (bytes === undefined) return false;
    const { allocated, size } = code.decode(bytes, 0, chunk);
    return allocated === 1 && size > Number(back);
  });
}

/** Chunks and their data are at multiples of 16 in the kernel's half. */
const isEntry = (va: Va): boolean => isInKernelHalf(va) && (va & 0xfn) === 0n;
