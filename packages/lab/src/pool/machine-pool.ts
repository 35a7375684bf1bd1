import type { Va } from '@poolscope/engine/base';
import type { PoolGeneration } from './generation.ts';
import type { PoolCaller } from './pool-parts.ts';
import type { PoolTruth, TrueBlock } from './pool-truth.ts';
import type { PoolTag } from './pool-type.ts';

/** Rules of a pool that its callers have to know, whichever allocator is behind it. */
export type MachinePoolRules = Pick<
  PoolGeneration,
  'architecture' | 'build' | 'pointerSize' | 'unit' | 'hasNx'
>;

/** What every allocator can tell about its blocks. */
export type MachinePoolTruth = Pick<PoolTruth, 'blocks' | 'bigAllocations' | 'tags'>;

/**
 * The kernel pool of a machine as drivers call it. Operations throw a `PoolBugCheck` where Windows notices damage, and a
 * `PoolFault` where the processor does.
 */
export interface MachinePool {
  readonly generation: MachinePoolRules;
  /** ExAllocatePoolWithTag: address of so many bytes, 0 when there is no memory. */
  allocate(type: number, bytes: number, tag: PoolTag, caller?: PoolCaller): Va;
  /** ExAllocatePoolWithQuotaTag: a process pays. */
  allocateWithQuota(type: number, bytes: number, tag: PoolTag, process: Va, caller?: PoolCaller): Va;
  /** ExFreePoolWithTag; without a tag ExFreePool. */
  free(va: Va, tag?: PoolTag, caller?: PoolCaller): void;
  /** Frees that wait are done now. */
  drainDeferred(): void;
  /** What the system does to its lists of spare blocks from time to time; a pool whose lists do not change has nothing to do. */
  rebalance?(): void;
  /** Its blocks, as `truth` has them. */
  blocks(): readonly TrueBlock[];
  /** What the pool knows, for comparison with what a reader of the dump finds. */
  truth(): MachinePoolTruth;
}
