import { checkOption } from '../check-option.ts';
import type { startHeapPool } from '../machine/heap-pool.ts';
import type { populateHeaps } from '../machine/heap-story.ts';
import type { heapPoolFunctions } from './kernel/heap-pool-calls.ts';

/** What machines need whose kernel pool is a segment heap, and no others. */
export interface HeapPart {
  readonly startPool: typeof startHeapPool;
  readonly populate: typeof populateHeaps;
  /** Functions of the kernel. */
  readonly functions: typeof heapPoolFunctions;
}

let part: HeapPart | undefined;

/** Makes machines with segment heaps possible: a page loads this part when a machine calls for it. */
export function useHeapPart(loaded: HeapPart): void {
  part = loaded;
}

/** Throws where the part was not loaded. */
export function heapPart(): HeapPart {
  checkOption(part !== undefined, 'the part of the lab for segment heaps is not loaded: see partsFor');
  return part;
}
