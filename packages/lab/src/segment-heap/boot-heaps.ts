import { assert, pageSize } from '@poolscope/engine/base';
import { alignUp } from '../bytes/integers.ts';
import type { StructureTable } from '../machine/structure-table.ts';
import type { KernelAddress } from '../pool/kernel-address.ts';
import { DynamicLookasides } from './dynamic-lookasides.ts';
import { HeapAddresses } from './heap-pages.ts';
import { type HeapParts, type HeapType, heapTypes, type KnownHeap } from './heap-parts.ts';
import type { HeapKeys, HeapRegions } from './heap-pool-options.ts';
import { LfhHeap } from './lfh/lfh-heap.ts';
import { fillRandomData, fillSearchWidths } from './lfh/lfh-random.ts';
import { MetadataHeap } from './metadata-heap.ts';
import { rangeTypes, Segments } from './segments.ts';
import { VsHeap } from './vs-heap.ts';

const heapSignature = 0xddee_ddee;
const cacheLine = 0x40;
/** Addresses of a heap that its own structures may take, and those that are kept free for it. Source: a dump of 26100. */
const [reservedBytes, regionBytes] = [0xa_9000, 0x10_0000];
/** What each heap may have of addresses: 4 GB, of which those for metadata take the end. */
const metadataBytes = 0x1000_0000;
const heapBytes = 0x1_0000_0000 - metadataBytes;
/** RTL_HP_LFH_CONFIG: largest block, and that no block crosses a page. RTL_HP_VS_CONFIG: page-aligned, delayed frees. */
const [lfhLimit, lfhFlags, vsFlags] = [0x200, 1, 5];
/** Frees of metadata do not wait. */
const metadataFlags = 1;
const affinitySlots = 8;

/** Heaps with their parts, once they are in memory. */
export interface BootedHeaps {
  readonly segments: Segments;
  readonly vs: VsHeap;
  readonly lfh: LfhHeap;
  readonly lookasides: DynamicLookasides;
  readonly metadata: MetadataHeap;
  /** By EX_HEAP_TYPE. */
  readonly heaps: readonly KnownHeap[];
  readonly special: readonly KnownHeap[];
}

/** Makes nt!ExPoolState and the heaps that it leads to. */
export function bootHeaps(
  parts: HeapParts,
  tables: StructureTable,
  regions: HeapRegions,
  keys: HeapKeys,
  freed: (body: KernelAddress) => void,
): BootedHeaps {
  const { variables, memory, layout } = parts;
  const state = variables.get('ExPoolState');
  bootGlobals(parts, state, keys);
  parts.tracker.boot(state, regions.tracker);
  const booting = new BootHeaps(parts, tables, freed);
  const node = state + layout.state.poolNode;
  const lookasides = new DynamicLookasides(parts);
  const [nonPagedLists, pagedLists] = lookasideAddresses(parts, tables, node);
  for (const lists of [nonPagedLists, pagedLists]) lookasides.initialize(lists);
  // A list serves one heap: a block of the one that must not be executed is of no use to the other. Which heaps have one is
  // an assumption.
  const listsOf = new Map<HeapType, KernelAddress>([
    [heapTypes.nonPagedNx, nonPagedLists],
    [heapTypes.paged, pagedLists],
  ]);
  const make = (type: HeapType, isSpecial: boolean): KnownHeap => {
    const start = (isSpecial ? regions.special : regions.heaps)[type];
    assert(start !== undefined, 'each heap has addresses');
    const heap = booting.heap(type, isSpecial, start);
    const slot = isSpecial ? state + layout.state.specialHeaps : node + layout.node.heaps;
    memory.writePointer(slot + 8 * type, heap.address);
    if (!isSpecial) memory.writePointer(heap.address + layout.heap.userContext, listsOf.get(type) ?? 0);
    return heap;
  };
  const types = Object.values(heapTypes);
  const heaps = types.map((type) => make(type, false));
  const special = types.slice(0, specialHeaps(tables)).map((type) => make(type, true));
  memory.writeU32(state + layout.state.numberOfPools, 1);
  const { segments, vs, lfh } = booting;
  const metadata = bootMetadata(parts, booting, state, regions);
  return { segments, vs, lfh, metadata, lookasides, heaps, special };
}

/** RTLP_HP_MEMORY_TYPE of memory that is never paged: index of its metadata heap. */
const nonPagedMemory = 1;

/** The heap for what other heaps keep about their allocations, behind the addresses of the nonpaged one. */
function bootMetadata(
  parts: HeapParts,
  booting: BootHeaps,
  state: KernelAddress,
  regions: HeapRegions,
): MetadataHeap {
  const { memory, layout } = parts;
  const start = regions.heaps[heapTypes.nonPagedNx]! + heapBytes;
  const heap = booting.heap(heapTypes.nonPagedNx, false, start, metadataBytes);
  memory.writeU32(booting.vs.context(heap) + layout.vs.config, metadataFlags);
  const slot = state + layout.manager.metadata + nonPagedMemory * layout.metadata;
  memory.writePointer(slot, heap.address);
  return new MetadataHeap(parts, booting.segments, heap);
}

/** Elements of SpecialHeaps: prototype entries have one from 19041 on. */
function specialHeaps(tables: StructureTable): number {
  const members = tables.structure('_EX_POOL_HEAP_MANAGER_STATE')?.members ?? [];
  const type = members.find(({ path }) => path === 'SpecialHeaps')?.type ?? '';
  return Number(/\[(\d+)\]$/.exec(type)?.[1] ?? 0);
}

function lookasideAddresses(
  { layout }: HeapParts,
  tables: StructureTable,
  node: KernelAddress,
): [KernelAddress, KernelAddress] {
  const size = tables.size('_RTL_DYNAMIC_LOOKASIDE');
  assert(size !== undefined, 'the tables have lookasides');
  const first = node + layout.node.lookasides;
  return [first, first + size];
}

function bootGlobals({ memory, variables, layout }: HeapParts, state: KernelAddress, keys: HeapKeys): void {
  const globals = variables.get('RtlpHpHeapGlobals');
  memory.writeU64(globals + layout.globals.heapKey, keys.heapKey);
  memory.writeU64(globals + layout.globals.lfhKey, keys.lfhKey);
  memory.writePointer(globals + layout.globals.failure, variables.get('RtlpHeapFailureInfo'));
  memory.writePointer(state + layout.manager.globals, globals);
  const configs = state + layout.manager.configs;
  memory.writeU16(configs, lfhLimit);
  memory.writeU16(configs + 2, lfhFlags);
  memory.writeU32(configs + 4, vsFlags);
  memory.writeU64(variables.get('ExpPoolQuotaCookie'), keys.quotaCookie);
  memory.writeU32(variables.get('ExpCacheLineSize'), cacheLine);
  const random = keys.random;
  fillRandomData(memory, variables.get('RtlpLowFragHeapRandomData'), random);
  fillSearchWidths(memory, variables.get('RtlpSearchWidth'), lastBucket + 1);
  const sizes = variables.get('RtlpBucketBlockSizes');
  for (let bucket = 0; bucket <= lastBucket; bucket++)
    memory.writeU16(sizes + 2 * bucket, blockSizes(bucket));
}

const lastBucket = 128;

/** nt!RtlpBucketBlockSizes: 16 bytes apart up to 1 KB, then 64, 128, 256 and 512 for 16 sizes each. */
function blockSizes(bucket: number): number {
  if (bucket <= 0x40) return 0x10 * bucket;
  const group = Math.floor((bucket - 0x41) / 0x10);
  const step = 0x40 << group;
  const base = 0x400 << group;
  return base + step * (((bucket - 0x41) % 0x10) + 1);
}

/** Makes one heap after the other. */
class BootHeaps {
  readonly segments: Segments;
  readonly vs: VsHeap;
  readonly lfh: LfhHeap;
  readonly #parts: HeapParts;
  readonly #tables: StructureTable;

  constructor(parts: HeapParts, tables: StructureTable, freed: (body: KernelAddress) => void) {
    this.#parts = parts;
    this.#tables = tables;
    this.segments = new Segments(parts, this.extend);
    this.vs = new VsHeap(parts, this.segments, freed);
    this.lfh = this.#lowFragmentation();
  }

  heap(type: HeapType, isSpecial: boolean, start: KernelAddress, bytes = heapBytes): KnownHeap {
    const { memory, layout, pages, heaps, tracker } = this.#parts;
    const addresses = new HeapAddresses(start, bytes);
    const address = addresses.reserve(regionBytes);
    assert(address !== undefined, 'a heap has room for itself');
    const rights = { writable: true, executable: type === heapTypes.nonPaged };
    const heap = { address, type, isSpecial, addresses, rights };
    const size = alignUp(layout.heap.size, cacheLine);
    assert(pages.commit(address, Math.ceil(size / pageSize), rights), 'there is RAM for the heaps');
    heaps.push(heap);
    tracker.note(address, regionBytes, 0);
    memory.writeU32(address + layout.heap.signature, heapSignature);
    memory.writePointer(address + layout.heap.allocatedBase, address + size);
    memory.writePointer(address + layout.heap.uncommittedBase, address + alignUp(size, pageSize));
    memory.writePointer(address + layout.heap.reservedLimit, address + reservedBytes);
    const end = this.#tables.offset('_SEGMENT_HEAP', 'ReservedRegionEnd');
    if (end !== undefined) memory.writePointer(address + end, address + regionBytes);
    for (const index of [0, 1] as const) this.segments.initialize(heap, index);
    const lockType = type < heapTypes.paged ? 1 : 0;
    this.vs.initialize(heap, lockType, vsFlags);
    this.#initializeLfh(heap, lockType);
    this.#writeCallbacks(heap);
    return heap;
  }

  #initializeLfh(heap: KnownHeap, lockType: number): void {
    const { memory, layout } = this.#parts;
    const context = heap.address + layout.heap.lfh;
    memory.writePointer(context + layout.lfhContext.backend, this.segments.context(heap, 0));
    memory.writeU8(context + layout.lowFragmentation.context.maxAffinity, affinitySlots);
    memory.writeU8(context + layout.lfhContext.lockType, lockType);
    memory.writeU16(context + layout.lowFragmentation.context.maxBlockSize, lfhLimit);
    memory.writeU8(context + layout.lowFragmentation.context.configFlags, lfhFlags);
    this.lfh.initialize(context);
  }

  /** Functions that the two front ends call, encoded with the key and their context; what there is none of stays 0. */
  #writeCallbacks({ address }: KnownHeap): void {
    const { memory, layout, variables, heapKey } = this.#parts;
    const common = ['RtlpHpSegLfhVsFree', 'RtlpHpSegLfhVsCommit', 'RtlpHpSegLfhVsDecommit'];
    const write = (context: KernelAddress, at: KernelAddress, names: readonly string[]): void => {
      for (const [index, name] of names.entries()) {
        const value = memory.exact(variables.get(name)) ^ memory.exact(context) ^ heapKey;
        memory.writeU64(at + 8 * index, value);
      }
    };
    const vs = address + layout.heap.vs;
    write(vs, vs + layout.vs.callbacks, ['RtlpHpSegVsAllocate', ...common]);
    const lfh = address + layout.heap.lfh;
    const extend = 'RtlpHpSegLfhExtendContext';
    write(lfh, lfh + layout.lfhContext.callbacks, ['RtlpHpSegLfhAllocate', ...common, extend]);
  }

  /** Room behind the _SEGMENT_HEAP: RtlpHpHeapExtendContext. */
  readonly extend = ({ address, rights }: KnownHeap, bytes: number): KernelAddress | undefined => {
    const { memory, layout, pages } = this.#parts;
    const { allocatedBase, uncommittedBase, reservedLimit } = layout.heap;
    const start = alignUp(memory.readPointer(address + allocatedBase), cacheLine);
    const end = start + bytes;
    if (end > memory.readPointer(address + reservedLimit)) return undefined;
    const committed = memory.readPointer(address + uncommittedBase);
    if (end > committed) {
      const count = Math.ceil((end - committed) / pageSize);
      if (!pages.commit(committed, count, rights)) return undefined;
      memory.writePointer(address + uncommittedBase, committed + count * pageSize);
    }
    memory.writePointer(address + allocatedBase, end);
    return start;
  };

  #lowFragmentation(): LfhHeap {
    const parts = this.#parts;
    const { memory, trace, lists, layout, variables } = parts;
    const heapOf = (context: KernelAddress): KnownHeap => {
      const heap = parts.heapOf(context);
      assert(heap !== undefined, 'a context belongs to a heap');
      return heap;
    };
    return new LfhHeap({
      memory,
      trace,
      lists,
      layout: layout.lowFragmentation,
      lfhKey: () => parts.lfhKey,
      randomData: variables.get('RtlpLowFragHeapRandomData'),
      searchWidths: variables.get('RtlpSearchWidth'),
      allocateRange: (context, count) =>
        this.segments.allocate(heapOf(context), 0, count * pageSize, rangeTypes.lfh),
      freeRange: (_context, start) => {
        const range = this.segments.find(start);
        if (range !== undefined) this.segments.free(range);
      },
      extend: (context, bytes) => this.extend(heapOf(context), bytes),
      failure: (context, type, at) => parts.failure(heapOf(context).address, type, at),
    });
  }
}
