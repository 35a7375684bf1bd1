import { type Va, wrap64 } from '../../base/index.ts';
import type { SearchedKernel } from '../kernel-data.ts';
import { isPlaced } from '../placed.ts';
import type { PoolHeaps } from './pool-heaps.ts';

/**
 * What a megabyte of addresses belongs to: a segment of a heap's first context, one of its second, or neither: large allocations, what
 * is no pool, and nothing at all.
 */
export type TrackedKind = 'small-segment' | 'large-segment' | 'other';

const kinds: readonly TrackedKind[] = ['other', 'small-segment', 'large-segment', 'other'];
/** Bits of one page of the bitmap. */
const pageBits = 0x8000n;

/**
 * What the heap manager's bitmap says of an address: two bits for each megabyte from BaseAddress on. It tells of segments whose own
 * header is not in the dump. Pages of it that were never used are not there, which another bitmap tells. Undefined: it cannot be
 * read. Source: PoolViewer; types of PDBs.
 */
export function readTracker(
  { structures, target }: Pick<SearchedKernel, 'structures' | 'target'>,
  { state }: PoolHeaps,
  va: Va,
): TrackedKind | undefined {
  if (!isPlaced(state) || structures.find('_RTL_CSPARSE_BITMAP') === undefined) return undefined;
  const manager = structures.at('_EX_POOL_HEAP_MANAGER_STATE', state.value);
  const tracker = manager.inner('HeapManager.AllocTracker');
  const base = tracker?.bigint('BaseAddress');
  const bitmap = tracker?.inner('AllocTrackerBitmap');
  const commit = bitmap?.pointer('CommitBitmap');
  const user = bitmap?.pointer('UserBitmap');
  const count = bitmap?.bigint('BitCount');
  if (base === undefined || commit === undefined || user === undefined || count === undefined)
    return undefined;
  const index = va < base ? -1n : ((va - base) >> 20n) * 2n;
  if (index < 0n || index + 1n >= count) return 'other';
  const isThere = bitOf(target, commit, index / pageBits, 1);
  if (isThere !== 1) return isThere === undefined ? undefined : 'other';
  const bits = bitOf(target, user, index, 3);
  return bits === undefined ? undefined : kinds[bits];
}

/** Bits of a bitmap, all in one byte. */
function bitOf(
  target: SearchedKernel['target'],
  bitmap: Va,
  index: bigint,
  mask: number,
): number | undefined {
  const byte = target.readBytes(wrap64(bitmap + (index >> 3n)), 1)?.[0];
  return byte === undefined ? undefined : (byte >>> Number(index & 7n)) & mask;
}
