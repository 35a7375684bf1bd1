import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { findSession, type PoolHeaps, readProvenHeaps } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';

/** The heaps of the pool, with a key that chunks prove where nothing else tells it; else why not, as half a sentence. */
export const provenHeaps = (system: CrashedSystem): PoolHeaps | string => runToEnd(readProvenHeaps(system));

/** Is an address in session space without a heap of that session in sight? Other sessions have other memory there. */
export function isOfSession(system: CrashedSystem, address: Va): boolean {
  const heaps = provenHeaps(system);
  const hasHeap = typeof heaps !== 'string' && heaps.heaps.some(({ role }) => role === 'session');
  return !hasHeap && findSession(system, address) !== undefined;
}
