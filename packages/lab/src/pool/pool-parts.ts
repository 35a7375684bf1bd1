import type { Va } from '@poolscope/engine/base';
import type { StructureTable } from '../machine/structure-table.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { BigPageTable } from './big-page-table.ts';
import { BlockHeaders } from './block-header.ts';
import { DeferredFrees } from './deferred-frees.ts';
import { FreeLists } from './free-lists.ts';
import type { PoolGeneration } from './generation.ts';
import type { KernelAddress } from './kernel-address.ts';
import { LookasideLists } from './lookaside-lists.ts';
import { type KernelVariables, NtVariables } from './nt-variables.ts';
import type { PageRegion } from './page-region.ts';
import type { PoolDescriptor } from './pool-descriptor.ts';
import { type PoolLayout, poolLayout } from './pool-layout.ts';
import { SpacePoolMemory } from './pool-memory.ts';
import { PoolTrace } from './pool-trace.ts';
import { ProcessBilling } from './process-billing.ts';
import { SmallBlocks } from './small-blocks.ts';
import type { TagTracker } from './tag-tracker.ts';

/** Who calls the pool: where, and how far interrupts are held off. */
export interface PoolCaller {
  /** Number of the processor. */
  readonly processor: number;
  readonly irql: number;
}

/** Addresses that a pool may use. */
export interface RegionSpan {
  readonly start: Va;
  readonly pages: number;
}

/** What the pool of a made-up kernel is made of. Sizes are counts of what the name says. */
export interface KernelPoolOptions {
  readonly generation: PoolGeneration;
  /** Address space of the System process. */
  readonly space: AddressSpace;
  readonly tables: StructureTable;
  /** Where the variables are that `poolVariables` names. */
  readonly variables: KernelVariables;
  readonly regions: {
    readonly nonPaged: RegionSpan;
    /** From Windows 8 on; nonpaged pool that cannot be executed. */
    readonly nonPagedNx?: RegionSpan;
    readonly paged: RegionSpan;
    /** Paged pool of a session, and the POOL_DESCRIPTOR in its MM_SESSION_SPACE, zeroed. */
    readonly session?: RegionSpan & { readonly descriptor: Va };
  };
  /** KPRCB of each processor. */
  readonly processors: readonly Va[];
  /** Paged pools beside number 0, which is for whole pages. */
  readonly pagedPools?: number;
  /** Powers of two. */
  readonly bigPageSlots?: number;
  readonly trackerEntries?: number;
  /** Blocks that a lookaside may park at first. */
  readonly lookasideDepth?: number;
  /** Frees wait until 32 of them are there (ExpPoolFlags; on from 1 GB of RAM). */
  readonly delaysFrees?: boolean;
  readonly quotaCookie?: bigint;
  /** Every free walks the page of its block first. */
  readonly walksPages?: boolean;
}

/** Lookasides of one processor: arrays of lists by size. */
export interface ProcessorLists {
  readonly nonPaged: KernelAddress;
  readonly nonPagedNx: KernelAddress | undefined;
  readonly paged: KernelAddress;
}

/** What the algorithms share. */
export class PoolParts {
  readonly generation: PoolGeneration;
  readonly layout: PoolLayout;
  readonly memory: SpacePoolMemory;
  readonly trace = new PoolTrace();
  readonly headers: BlockHeaders;
  readonly lists: FreeLists;
  readonly blocks: SmallBlocks;
  readonly lookasides: LookasideLists;
  readonly deferred: DeferredFrees;
  readonly billing: ProcessBilling;
  readonly variables: NtVariables;

  constructor({ generation, space, tables, variables, quotaCookie = defaultCookie }: KernelPoolOptions) {
    const { pointerSize, unit } = generation;
    this.generation = generation;
    this.layout = poolLayout(tables);
    this.memory = new SpacePoolMemory(space, pointerSize);
    this.headers = new BlockHeaders(this.memory, unit);
    this.lists = new FreeLists(this.memory, this.trace, generation);
    this.blocks = new SmallBlocks(this.memory, this.headers, this.lists, this.trace);
    this.lookasides = new LookasideLists(this.memory, this.trace, this.layout.lookaside);
    this.deferred = new DeferredFrees(this.memory, this.trace);
    this.billing = new ProcessBilling(this.memory, this.headers, this.trace, {
      generation,
      cookie: quotaCookie,
    });
    this.variables = new NtVariables(variables);
  }

  bigPageTable(start: KernelAddress, slots: number): BigPageTable {
    const usedAt = this.variables.find('ExpPoolBigEntriesInUse');
    return new BigPageTable(this.memory, this.trace, this.layout.bigPage, { start, slots, usedAt });
  }
}

export const defaultCookie = 0x5d3b_9a71_c2e4_8f06n;

/** All pools of a machine. */
export interface Pools {
  readonly regions: readonly PageRegion[];
  readonly nonPaged: PoolDescriptor;
  /** The same as `nonPaged` before Windows 8. */
  readonly nonPagedNx: PoolDescriptor;
  /** Number 0 is for whole pages. */
  readonly paged: readonly PoolDescriptor[];
  readonly session: PoolDescriptor | undefined;
  readonly bigPages: BigPageTable;
  readonly tracker: TagTracker;
  readonly processorLists: readonly ProcessorLists[];
}
