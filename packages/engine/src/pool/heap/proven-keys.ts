import type { Va } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced, type Placed } from '../placed.ts';
import type { HeapRange, HeapSegment } from './heap-block.ts';
import type { LfhContext } from './lfh-context.ts';
import { type PoolHeaps, readPoolHeaps, withHeapKey } from './pool-heaps.ts';
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

/** `readPoolHeaps`, with the key that chunks prove where nothing else tells one. Yields pages done. */
export function* readProvenHeaps(kernel: SearchedKernel): Generator<number, PoolHeaps | string> {
  const told = readPoolHeaps(kernel);
  return typeof told === 'string' ? told : yield* withProvenKey(kernel, told);
}

function* prove(kernel: SearchedKernel, heaps: PoolHeaps, why: string): Generator<number, PoolHeaps> {
  const heapKey = yield* recoverHeapKey(kernel, kernelPages(kernel, mostPages));
  return withHeapKey(heaps, isPlaced(heapKey) ? heapKey : `${why}; ${heapKey}`);
}

/** Pages of kernel memory that the dump has, by address, so many at most. */
export function* kernelPages({ target: { memory } }: SearchedKernel, most: number): Generator<Va> {
  let next = memory.nextCandidate(lowest);
  for (let count = 0; next !== undefined && count < most; count++) {
    const page = next & ~0xfffn;
    yield page;
    next = page >= 0xffff_ffff_ffff_f000n ? undefined : memory.nextCandidate(page + 0x1000n);
    if (next !== undefined && next <= page) return;
  }
}

/** Of a kernel: the key, or why the LFH subsegments of a segment prove none. */
interface LfhProofs {
  key?: Placed<bigint>;
  readonly failed: Map<Va, string>;
}

const lfhProofs = new WeakMap<object, LfhProofs>();

/** The same of the LFH's key, by the subsegments of the segment that a range is in. */
export function* withProvenLfhKey(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  { kind, segment }: HeapRange,
  context: LfhContext | string,
): Generator<number, PoolHeaps> {
  const { lfhKey } = heaps.keys;
  if (isPlaced(lfhKey) || kind !== 'lfh' || segment === undefined) return heaps;
  const found = yield* proveLfh(kernel, heaps, segment, context);
  return { ...heaps, keys: { ...heaps.keys, lfhKey: isPlaced(found) ? found : `${lfhKey}; ${found}` } };
}

/** Once proven it is the key of all segments: there is one. */
function* proveLfh(
  kernel: SearchedKernel,
  heaps: PoolHeaps,
  segment: HeapSegment,
  context: LfhContext | string,
): Generator<number, Placed<bigint>> {
  const proofs: LfhProofs = lfhProofs.get(kernel) ?? { failed: new Map() };
  lfhProofs.set(kernel, proofs);
  const before = proofs.key ?? proofs.failed.get(segment.address);
  if (before !== undefined) return before;
  const ranges = [...walkRanges(kernel, heaps, segment)].filter((range) => range.kind === 'lfh');
  const found = yield* recoverLfhKey(kernel, ranges, typeof context === 'string' ? undefined : context);
  if (isPlaced(found)) proofs.key = found;
  else proofs.failed.set(segment.address, found);
  return found;
}
