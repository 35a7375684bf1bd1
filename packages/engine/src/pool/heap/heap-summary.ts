import type { ObjectKernel } from '../../windows/index.ts';
import type { PoolHeap } from './heap-block.ts';

/** What a _SEGMENT_HEAP counts of itself; undefined: it is not in the dump, or this build does not have it. */
export interface HeapSummary {
  readonly heap: PoolHeap;
  readonly globalFlags: number | undefined;
  /** Its number among the heaps of a process; 0 for those of the kernel. */
  readonly listIndex: number | undefined;
  /** Bytes with addresses, bytes with memory, and bytes of those that are in free ranges. */
  readonly reserved: bigint | undefined;
  readonly committed: bigint | undefined;
  readonly freeCommitted: bigint | undefined;
  /** Bytes of large allocations, within the others. */
  readonly largeReserved: bigint | undefined;
  readonly largeCommitted: bigint | undefined;
  /** Segments of each of the two contexts. */
  readonly segments: readonly (number | undefined)[];
}

const pageBytes = 0x1000n;

/** Reads the counts of a heap. */
export function summarizeHeap({ structures }: Pick<ObjectKernel, 'structures'>, heap: PoolHeap): HeapSummary {
  const view = structures.find('_SEGMENT_HEAP') && structures.at('_SEGMENT_HEAP', heap.address);
  const bytes = (path: string): bigint | undefined => {
    const pages = view?.bigint(path);
    return pages === undefined ? undefined : pages * pageBytes;
  };
  return {
    heap,
    globalFlags: view?.number('GlobalFlags'),
    listIndex: view?.number('ProcessHeapListIndex'),
    reserved: bytes('MemStats.TotalReservedPages'),
    committed: bytes('MemStats.TotalCommittedPages'),
    freeCommitted: bytes('MemStats.FreeCommittedPages'),
    largeReserved: bytes('LargeReservedPages'),
    largeCommitted: bytes('LargeCommittedPages'),
    segments: [0, 1].map((index) => view?.number(`SegContexts[${index}].SegmentCount`)),
  };
}
