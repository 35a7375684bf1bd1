import type { Session } from '@poolscope/engine';
import type { PoolMapEnd, PoolMapPiece } from '../../protocol/pool-map.ts';
import type { Job } from '../job.ts';
import { buffersOf, walkPoolMap } from '../pool-map-data.ts';

/** Walks all pool, and sends the map piece by piece. */
export async function poolMapView(
  session: Session,
  freed: bigint | undefined,
  job: Job,
): Promise<PoolMapEnd> {
  const run = walkPoolMap(session, undefined, freed);
  try {
    for (let step = run.next(); ; step = run.next()) {
      send(step.value.pieces, job);
      if (step.done === true) {
        const { order, notes, cut } = step.value;
        return { order, notes, cut };
      }
      if (!job.isDue) continue;
      job.progress({ what: 'walking the pool', done: step.value.pages });
      await job.turn();
    }
  } finally {
    run.return({ order: new Uint32Array(0), notes: [], cut: undefined, pieces: [] });
  }
}

function send(pieces: readonly PoolMapPiece[], job: Job): void {
  if (pieces.length > 0) job.emit(pieces, pieces.flatMap(buffersOf));
}
