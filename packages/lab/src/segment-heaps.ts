import { startHeapPool } from './machine/heap-pool.ts';
import { populateHeaps } from './machine/heap-story.ts';
import { useHeapPart } from './run/heap-part.ts';
import { heapPoolFunctions } from './run/kernel/heap-pool-calls.ts';

// Importing this is enough. It is listed under sideEffects in package.json, so that no bundler leaves it out.
useHeapPart({ startPool: startHeapPool, populate: populateHeaps, functions: heapPoolFunctions });
