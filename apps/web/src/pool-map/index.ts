export { emptyMap, finished, type MapState, withPieces } from './map-state.ts';
export { PoolMap, type PoolMapProps } from './pool-map.tsx';
