export { type BigPageEntry, bigPageHash } from './big-page-table.ts';
export { largestSmallRequest, type PoolGeneration, poolGeneration } from './generation.ts';
export { type AdoptedBlock, KernelPool } from './kernel-pool.ts';
export type { MachinePool, MachinePoolRules, MachinePoolTruth } from './machine-pool.ts';
export type { KernelVariables } from './nt-variables.ts';
export type { PoolKind } from './pool-descriptor.ts';
export {
  type BugCheckParameters,
  PoolBugCheck,
  PoolFault,
  type PoolStep,
  type PoolValueName,
  type PoolValues,
} from './pool-fault.ts';
export type { PoolMemory } from './pool-memory.ts';
export type { KernelPoolOptions, PoolCaller, RegionSpan } from './pool-parts.ts';
export type {
  HeapAllocator,
  PoolTruth,
  TrueBigAllocation,
  TrueBlock,
  TrueDescriptor,
  TrueLookaside,
} from './pool-truth.ts';
export { headerType, type PoolTag, PoolType, protectedPool } from './pool-type.ts';
export { type TagCounts, type TagSums, trackerHash } from './tag-tracker.ts';
