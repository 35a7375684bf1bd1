import { runToEnd } from '../../memory/index.ts';
import { type PoolHeaps, readProvenHeaps } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** The heaps of the pool, with a key that chunks prove where nothing else tells it; else why not, as half a sentence. */
export const provenHeaps = (system: CrashedSystem): PoolHeaps | string => runToEnd(readProvenHeaps(system));
