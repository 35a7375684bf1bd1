import type { StructureTable } from '../machine/structure-table.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { MapOptions } from '../memory/paging-format.ts';
import { FreeLists } from '../pool/free-lists.ts';
import type { PoolGeneration } from '../pool/generation.ts';
import type { KernelAddress } from '../pool/kernel-address.ts';
import { type KernelVariables, NtVariables } from '../pool/nt-variables.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import { SpacePoolMemory } from '../pool/pool-memory.ts';
import { PoolTrace } from '../pool/pool-trace.ts';
import { AllocTracker } from './alloc-tracker.ts';
import { type HeapLayout, heapLayout } from './heap-layout.ts';
import { type HeapAddresses, HeapPages } from './heap-pages.ts';
import { RbTree } from './rb-tree.ts';

/** HEAP_FAILURE_TYPE, first parameter of bug check 0x13A. Source: the enumeration in the types of 19041. */
export const heapFailure = {
  blockNotBusy: 8,
  invalidArgument: 9,
  vsSubsegment: 0x12,
  vaQuery: 0x16,
} as const;

/** EX_HEAP_TYPE: index of a heap in a node and among the special heaps. */
export const heapTypes = { nonPaged: 0, nonPagedNx: 1, paged: 2, prototype: 3 } as const;
export type HeapType = (typeof heapTypes)[keyof typeof heapTypes];

/** One _SEGMENT_HEAP of the machine, as the allocator's code knows it: everything else about it is in memory. */
export interface KnownHeap {
  readonly address: KernelAddress;
  readonly type: HeapType;
  readonly isSpecial: boolean;
  readonly addresses: HeapAddresses;
  /** Rights of its pages. */
  readonly rights: MapOptions;
}

export interface HeapPartsOptions {
  /** Address space of the System process. */
  readonly space: AddressSpace;
  readonly tables: StructureTable;
  readonly variables: KernelVariables;
  readonly build: number;
}

/** What the allocators of the heaps share. */
export class HeapParts {
  readonly memory: SpacePoolMemory;
  readonly trace = new PoolTrace();
  readonly layout: HeapLayout;
  readonly lists: FreeLists;
  readonly trees: RbTree;
  readonly pages: HeapPages;
  readonly variables: NtVariables;
  readonly tracker: AllocTracker;
  readonly heaps: KnownHeap[] = [];
  readonly generation: PoolGeneration;
  readonly #heapKeyAt: KernelAddress;
  readonly #lfhKeyAt: KernelAddress;

  constructor({ space, tables, variables, build }: HeapPartsOptions) {
    this.layout = heapLayout(tables);
    this.memory = new SpacePoolMemory(space, 8);
    this.generation = {
      architecture: 'x64',
      build,
      pointerSize: 8,
      unit: 16,
      hasNx: true,
      encodesProcess: true,
      corruptList: 0x139,
      checksInsertion: true,
      checksPoolIndex: true,
      checksProcess: true,
      doubleFreeId: 0,
    };
    this.lists = new FreeLists(this.memory, this.trace, this.generation);
    this.trees = new RbTree(this.memory, this.trace);
    this.pages = new HeapPages(space, this.memory);
    this.variables = new NtVariables(variables);
    const globals = this.variables.get('RtlpHpHeapGlobals');
    this.#heapKeyAt = globals + this.layout.globals.heapKey;
    this.#lfhKeyAt = globals + this.layout.globals.lfhKey;
    this.tracker = new AllocTracker(this);
  }

  /** nt!RtlpHpHeapGlobals.HeapKey as memory has it now: low half, high half, both. */
  get keyLow(): number {
    return this.memory.readU32(this.#heapKeyAt);
  }

  get keyHigh(): number {
    return this.memory.readU32(this.#heapKeyAt + 4);
  }

  get heapKey(): bigint {
    return this.memory.readU64(this.#heapKeyAt);
  }

  /** Low half of LfhKey beside it. */
  get lfhKey(): number {
    return this.memory.readU32(this.#lfhKeyAt);
  }

  /** KERNEL_MODE_HEAP_CORRUPTION: kind, back end of the heap, address. */
  failure(heap: KernelAddress, kind: number, at: KernelAddress): PoolBugCheck {
    const { memory, layout } = this;
    const backEnd = heap === 0 ? 0n : memory.exact(heap + layout.heap.segContexts);
    return new PoolBugCheck(0x13a, [BigInt(kind), backEnd, memory.exact(at), 0n]);
  }

  /** The heap that a context is a part of. */
  heapOf(context: KernelAddress): KnownHeap | undefined {
    return this.heaps.find(({ address }) => context > address && context < address + this.layout.heap.size);
  }
}
