import { CensusPage, type CensusStep, type Session, takeCensus } from '@poolscope/engine';
import type { PoolMapEnd, PoolMapPiece } from '../protocol/pool-map.ts';
import { MapCollector, type MapLimits } from './map-collector.ts';

/** A sign of life of a walk, with what it found since the last one. */
export interface PoolMapStep extends CensusStep {
  readonly pieces: readonly PoolMapPiece[];
}

/** Pages of the first piece; every piece has twice as many as the one before, up to the most. */
const [firstPiece, largestPiece] = [256, 8192];

/**
 * Walks all pool of a dump, and gives the map of it piece by piece: the first ones soon, so that there is something to see. `freed`: the
 * address of a block of special pool that is known to be freed by other things than the bug check: nothing else shows its page.
 */
export function* walkPoolMap(
  { system, console }: Pick<Session, 'system' | 'console'>,
  limits?: MapLimits,
  freed?: bigint,
): Generator<PoolMapStep, PoolMapEnd & { readonly pieces: readonly PoolMapPiece[] }> {
  const collector = new MapCollector(console.poolTags, limits);
  const run = takeCensus(system, collector);
  let wanted = firstPiece;
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) {
      const { notes, cut } = step.value;
      const page = freed === undefined ? undefined : Number(freed >> 12n);
      if (page !== undefined && !collector.has(page) && !collector.isFull)
        collector.page(page, 'special', CensusPage.freed);
      const whole = collector.isFull ? 'the map is full: there is more pool than it keeps' : cut;
      return { pieces: collector.take(), order: collector.order(), notes, cut: whole };
    }
    const isDue = collector.waiting >= wanted;
    if (isDue) wanted = Math.min(wanted * 2, largestPiece);
    yield { ...step.value, pieces: isDue ? collector.take() : [] };
  }
}

/** The buffers of a piece, which the page gets without a copy. */
export const buffersOf = ({ pages, parts }: PoolMapPiece): ArrayBuffer[] =>
  [...Object.values(pages), ...Object.values(parts)].map(({ buffer }) => buffer);
