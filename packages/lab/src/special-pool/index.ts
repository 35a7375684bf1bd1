export { bootSpecialPool } from './boot-special-pool.ts';
export { choosesBlock, poolTagValue, type SpecialPoolValues } from './choice.ts';
export type { SpecialRanges } from './heap-special-pages.ts';
export type { SpecialAlignment } from './special-page.ts';
export {
  type FreeingCaller,
  largestBlock,
  SpecialPool,
  type SpecialPoolOptions,
  type SpecialRequest,
  type TrueSpecialAllocation,
} from './special-pool.ts';
