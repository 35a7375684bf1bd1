import { startHeapPool } from './machine/heap-pool.ts';
import { populateHeaps } from './machine/heap-story.ts';
import { useHeapPart } from './run/heap-part.ts';
import { heapPoolFunctions } from './run/kernel/heap-pool-calls.ts';

/** Makes machines with segment heaps possible. Doors that call it at once are listed under sideEffects in package.json. */
export const useSegmentHeaps = (): void =>
  useHeapPart({ startPool: startHeapPool, populate: populateHeaps, functions: heapPoolFunctions });
