import type { Va } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { HeapRange } from './heap-block.ts';
import type { LfhContext } from './lfh-context.ts';
import { type PoolHeaps, withHeapKey } from './pool-heaps.ts';
import { walkRanges } from './range-descriptors.ts';
import { recoverHeapKey } from './recover-heap-key.ts';
import { recoverLfhKey } from './recover-lfh-key.ts';

/** Kernel memory begins here. */
const lowest = 0xffff_8000_0000_0000n;
/** Pages that are looked at for chunks that tell the key: 64 MB. */
const mostPages = 0x4000;

const known = new WeakMap<object, PoolHeaps>();

/**
 * The heaps with a key that chunks of the pool prove, where nothing else in the dump tells it; looked for once. Without proof
 * they are as they were, and the reason says that none was found.
 */
export function* withProvenKey(kernel: SearchedKernel, heaps: PoolHeaps): Generator<number, PoolHeaps> {
  const { heapKey } = heaps.keys;
  if (isPlaced(heapKey)) return heaps;
  const found = known.get(kernel) ?? (yield* prove(kernel, heaps, heapKey));
  known.set(kernel, found);
  return found;
}

function* prove(kernel: SearchedKernel, heaps: PoolHeaps, why: string): Generator<number, PoolHeaps> {
  const heapKey = yield* recoverHeapKey(kernel, pagesOf(kernel));
  return withHeapKey(heaps, isPlaced(heapKey) ? heapKey : `${why}; ${heapKey}`);
}

/** Pages of kernel memory that the dump has, by address. */
function* pagesOf({ target: { memory } }: SearchedKernel): Generator<Va> {
  let next = memory.nextCandidate(lowest);
  for (let count = 0; next !== undefined && count < mostPages; count++) {
    const page = next & ~0xfffn;
    yield page;
    next = page >= 0xffff_ffff_ffff_f000n ? undefined : memory.nextCandidate(page + 0x1000n);
    if (next !== undefined && next <= page) return;
  }
}

/** The same of the LFH's key, by the subsegments of the segment that a range is in. */
export function* withProvenLfhKey(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  { kind, segment }: HeapRange,
  context: LfhContext | string,
): Generator<number, PoolHeaps> {
  const { lfhKey } = heaps.keys;
  if (isPlaced(lfhKey) || kind !== 'lfh' || segment === undefined) return heaps;
  const ranges = [...walkRanges(kernel, heaps, segment)].filter((range) => range.kind === 'lfh');
  const found = yield* recoverLfhKey(kernel, ranges, typeof context === 'string' ? undefined : context);
  return { ...heaps, keys: { ...heaps.keys, lfhKey: isPlaced(found) ? found : `${lfhKey}; ${found}` } };
}
