import type { PoolMapEnd, PoolMapPiece } from '../protocol/pool-map.ts';
import { PoolMapData } from './model/pool-map-data.ts';

/** The map as a signal holds it: the data is one object that grows, so that each change is a new wrapper around it. */
export interface MapState {
  readonly data: PoolMapData;
  /** Changes with every piece. */
  readonly version: number;
}

export const emptyMap = (): MapState => ({ data: new PoolMapData(), version: 0 });

export function withPieces({ data, version }: MapState, pieces: readonly PoolMapPiece[]): MapState {
  for (const piece of pieces) data.append(piece);
  return { data, version: version + 1 };
}

export function finished({ data, version }: MapState, end: PoolMapEnd): MapState {
  data.finish(end);
  return { data, version: version + 1 };
}
