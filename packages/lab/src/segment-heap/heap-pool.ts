import { DebuggerError, pageSize, type Va } from '@poolscope/engine/base';
import { BlockHeaders } from '../pool/block-header.ts';
import { type KernelAddress, toKernelAddress, toVa } from '../pool/kernel-address.ts';
import type { MachinePool, MachinePoolRules } from '../pool/machine-pool.ts';
import { checkAllocation } from '../pool/pool-checks.ts';
import type { PoolCaller } from '../pool/pool-parts.ts';
import type { HeapAllocator, TrueBlock } from '../pool/pool-truth.ts';
import { headerType, nxBit, type PoolTag, pagedBit, tagNumber } from '../pool/pool-type.ts';
import { ProcessBilling } from '../pool/process-billing.ts';
import type { SpecialRanges } from '../special-pool/heap-special-pages.ts';
import { type BootedHeaps, bootHeaps } from './boot-heaps.ts';
import { countedBytes, isChunk } from './counted-bytes.ts';
import { lookasideBytes } from './dynamic-lookasides.ts';
import { FreePath } from './free-path.ts';
import { HeapLedger } from './heap-ledger.ts';
import { HeapParts, type HeapType, heapTypes, type KnownHeap } from './heap-parts.ts';
import type { HeapPoolOptions } from './heap-pool-options.ts';
import { bootTables, type HeapTables, mostPages } from './heap-tables.ts';
import { type HeapTruth, trueHeap, trueRanges } from './heap-truth.ts';
import { LargeBlocks } from './large-blocks.ts';
import { rangeTypes } from './segments.ts';

const plainCaller: PoolCaller = { processor: 0, irql: 0 };
const dispatchLevel = 2;
const unit = 0x10;
/** Largest request that has a header, and largest ranges of the two back ends. */
const mostSmall = 0xfe0;
const mostPieces = 0x7f_0000;
const cacheAligned = 4;
const cacheLine = 0x40;
/** Bits of POOL_TYPE that the header keeps. Source: Bayet and Fariello, SSTIC 2020. */
const keptType = 0x6d;

/**
 * The kernel pool of Windows 10 1903 and later in the memory of a machine: segment heaps, with headers of their own in front of
 * small blocks. Everything that decides what happens next is in that memory. Operations throw a `PoolBugCheck` where Windows
 * notices damage, and a `PoolFault` where the processor does; both tell the functions of nt that were at work.
 */
export class HeapPool implements MachinePool {
  readonly generation: MachinePoolRules;
  readonly #parts: HeapParts;
  readonly #heaps: BootedHeaps;
  readonly #tables: HeapTables;
  readonly #large: LargeBlocks;
  readonly #headers: BlockHeaders;
  readonly #billing: ProcessBilling;
  readonly #ledger = new HeapLedger();
  readonly #frees: FreePath;
  readonly #processors: number;
  readonly #keys: HeapTruth['keys'];

  constructor(options: HeapPoolOptions) {
    const { build, tables, regions, keys, processors } = options;
    this.generation = { architecture: 'x64', build, pointerSize: 8, unit, hasNx: true };
    this.#processors = processors.length;
    const { heapKey, lfhKey, quotaCookie } = keys;
    this.#keys = { heapKey, lfhKey, quotaCookie };
    this.#parts = new HeapParts(options);
    const { memory, trace, generation } = this.#parts;
    this.#heaps = bootHeaps(this.#parts, tables, regions, keys, (body) => this.#ledger.remove(body));
    const { segments, heaps } = this.#heaps;
    this.#tables = bootTables(this.#parts, segments, heaps, processors.length);
    this.#large = new LargeBlocks(this.#parts, this.#heaps.metadata);
    this.#headers = new BlockHeaders(memory, unit);
    this.#billing = new ProcessBilling(memory, this.#headers, trace, { generation, cookie: quotaCookie });
    this.#frees = new FreePath({
      parts: this.#parts,
      heaps: this.#heaps,
      tables: this.#tables,
      large: this.#large,
      headers: this.#headers,
      billing: this.#billing,
      ledger: this.#ledger,
    });
  }

  /** ExAllocatePoolWithTag: address of so many bytes, 0 when there is no memory. */
  allocate(type: number, bytes: number, tag: PoolTag, caller: PoolCaller = plainCaller): Va {
    return this.#run(type, caller, () => toVa(this.#allocate(type, bytes, tagNumber(tag), caller)));
  }

  /** ExAllocatePoolWithQuotaTag: a process pays. Allocations of whole pages are charged to nobody. */
  allocateWithQuota(
    type: number,
    bytes: number,
    tag: PoolTag,
    process: Va,
    caller: PoolCaller = plainCaller,
  ): Va {
    return this.#run(type, caller, () => toVa(this.#allocate(type, bytes, tagNumber(tag), caller, process)));
  }

  /** ExFreePoolWithTag, which is ExFreePool on these builds: no tag is compared. */
  free(va: Va, _tag: PoolTag = 0, caller: PoolCaller = plainCaller): void {
    // The header is read before any lock is taken.
    this.#run(pagedBit, caller, () => this.#frees.free(this.#parts.memory.pointer(va), caller));
  }

  /** All chunks that wait for their free are freed. */
  drainDeferred(): void {
    this.#run(0, plainCaller, () => {
      for (const heap of this.#heaps.heaps) this.#heaps.vs.drain(heap);
    });
  }

  /** What the balance set manager does from time to time: sizes that are asked for often get lists of their own. */
  rebalance(): void {
    this.#run(0, plainCaller, () => {
      const lists = this.#heaps.heaps.map((heap) => this.#listsOf(heap));
      for (const each of new Set(lists)) {
        if (each === 0) continue;
        this.#heaps.lookasides.rebalance(each, (data) => {
          const block = data - unit;
          this.#frees.release(block, data, this.#headers.size(block) * unit);
        });
      }
    });
  }

  /** The lookasides of a heap; 0: it has none. */
  #listsOf({ address }: KnownHeap): KernelAddress {
    const { memory, layout } = this.#parts;
    return memory.readPointer(address + layout.heap.userContext);
  }

  /** What the pool knows, for comparison with what a reader of the dump finds. */
  /** Its blocks, as `truth` has them. */
  blocks(): TrueBlock[] {
    const { heaps, vs, lfh } = this.#heaps;
    const typeAt = (start: KernelAddress): HeapType =>
      heaps.find(({ addresses }) => addresses.holds(start))?.type ?? heapTypes.nonPaged;
    const typed = <T extends { readonly start: KernelAddress }>(each: T) => ({
      ...each,
      type: typeAt(each.start),
    });
    return this.#ledger.blocks(vs.shadow.free().map(typed), [...lfh.slots()].map(typed));
  }

  truth(): HeapTruth {
    const { segments, metadata } = this.#heaps;
    return {
      blocks: this.blocks(),
      bigAllocations: this.#ledger.bigAllocations(),
      tags: this.#tables.tags.sums(),
      heaps: this.#parts.heaps.map((heap) => trueHeap(heap, metadata.heap)),
      ranges: trueRanges(segments.known.values()),
      keys: this.#keys,
    };
  }

  /** Pairs of pages of the special heaps. */
  get special(): SpecialRanges {
    const { segments, special } = this.#heaps;
    return {
      allocatePair: (type, withMemory) => {
        const heap = special[heapTypeOf(type)];
        const isFirst = withMemory === 'first';
        const start = heap && segments.allocate(heap, 0, 2 * pageSize, rangeTypes.user, isFirst ? 1 : 0);
        if (start === undefined) return undefined;
        if (isFirst || this.#parts.pages.commit(start + pageSize, 1, heap!.rights)) return toVa(start);
        return undefined;
      },
      freePair: (page) => {
        const range = segments.find(toKernelAddress(page));
        if (range !== undefined) segments.free(range);
      },
      holds: (va) => special.some(({ addresses }) => addresses.holds(toKernelAddress(va))),
    };
  }

  #run<T>(type: number, { irql, processor }: PoolCaller, work: () => T): T {
    const { trace, memory } = this.#parts;
    if (processor < 0 || processor >= this.#processors)
      throw new DebuggerError('LAB_OPTIONS', `the machine has no processor ${processor}`);
    trace.begin(irql);
    this.#heaps.vs.shadow.begin();
    this.#raise((type & pagedBit) === 0, irql);
    try {
      return work();
    } catch (error) {
      this.#heaps.vs.shadow.undo();
      throw trace.explain(error, memory);
    }
  }

  /** Heaps of nonpaged pool are locked at DISPATCH_LEVEL, paged ones by a push lock. */
  #raise(isNonPaged: boolean, irql: number): void {
    this.#parts.trace.irql = isNonPaged ? Math.max(irql, dispatchLevel) : irql;
  }

  #allocate(type: number, bytes: number, tag: number, caller: PoolCaller, process?: Va): KernelAddress {
    if (!Number.isSafeInteger(bytes) || bytes < 0)
      throw new DebuggerError('LAB_OPTIONS', `${bytes} is no number of bytes`);
    checkAllocation(type, bytes, tag, caller.irql);
    const wanted = bytes === 0 ? 1 : bytes;
    const heap = this.#heaps.heaps[heapTypeOf(type)]!;
    this.#parts.trace.heap = heap.address;
    if (wanted > mostSmall) return this.#allocatePages(heap, type, wanted, tag, caller);
    const aligned = (type & cacheAligned) !== 0 && wanted + cacheLine <= mostSmall;
    const size = blockSize(wanted + (aligned ? cacheLine : 0));
    const found = this.#takeBlock(heap, size, caller.processor);
    if (found === undefined) return 0;
    const { block, bytes: whole, allocator } = found;
    const kept = (type & keptType & ~cacheAligned) | headerType.inUse;
    const quota = process === undefined ? 0 : headerType.quota;
    this.#writeHeader(block, whole, kept | quota, tag);
    if (process !== undefined) this.#billing.charge(block, process);
    const data = aligned ? this.#align(block, whole, kept | quota, tag) : block + unit;
    if (aligned && process !== undefined && data - unit !== block) this.#billing.charge(data - unit, process);
    const isPaged = heap.type >= heapTypes.paged;
    this.#tables.tags.countAllocation(tag, whole, isPaged, caller.processor);
    const { type: heapType } = heap;
    this.#ledger.add({
      block,
      data,
      size: whole,
      requested: wanted,
      tag,
      type: heapType,
      allocator,
      process,
      state: 'allocated',
    });
    return data;
  }

  /** What is left in a header from before stays: PoolIndex, and the process of a block that nobody pays for. */
  #writeHeader(block: KernelAddress, bytes: number, type: number, tag: number): void {
    this.#headers.write(block, 0, this.#headers.index(block), bytes / unit, type);
    this.#headers.setTag(block, tag);
  }

  /** Data on a cache line. A second header in front of it says how far the first one is. */
  #align(block: KernelAddress, bytes: number, type: number, tag: number): KernelAddress {
    const { memory, variables } = this.#parts;
    const data = Math.ceil((block + unit) / cacheLine) * cacheLine;
    const second = data - unit;
    const distance = second - block;
    if (distance === 0) return data;
    const rest = (bytes - distance) / unit;
    this.#headers.write(second, distance / unit, 0, rest, type | headerType.freed);
    this.#headers.setTag(second, tag);
    // The first header is followed by the encoded address of the second, where it has room for that.
    if (distance > unit) {
      const cookie = memory.readU64(variables.get('ExpPoolQuotaCookie'));
      memory.writeU64(block + unit, memory.exact(second) ^ cookie);
    }
    return data;
  }

  #takeBlock(
    heap: KnownHeap,
    size: number,
    processor: number,
  ): { block: KernelAddress; bytes: number; allocator: HeapAllocator } | undefined {
    const { lfh, lookasides, vs } = this.#heaps;
    const context = heap.address + this.#parts.layout.heap.lfh;
    if (lfh.serves(context, size)) {
      const block = lfh.allocate(context, size, processor, this.#processors);
      if (block !== undefined) return { block, bytes: lfh.blockBytes(size), allocator: 'lfh' };
    }
    const lists = this.#listsOf(heap);
    const kept = lists === 0 ? undefined : lookasides.pop(lists, size);
    // The header tells how large the block was.
    if (kept !== undefined)
      return { block: kept - unit, bytes: this.#headers.size(kept - unit) * unit, allocator: 'vs' };
    const isListed = lists !== 0 && lookasides.isEnabled(lists, size);
    const bytes = isListed ? lookasideBytes(size) : size;
    const block = vs.allocate(heap, bytes, false);
    return block === undefined ? undefined : { block, bytes, allocator: 'vs' };
  }

  /** Pages without a header; nt!PoolBigPageTable tells of them. */
  #allocatePages(
    heap: KnownHeap,
    type: number,
    wanted: number,
    tag: number,
    { processor }: PoolCaller,
  ): KernelAddress {
    const { bigPages, tags } = this.#tables;
    if (bigPages.isCrowded && !this.#tables.grow()) return 0;
    const found = this.#takePages(heap, wanted);
    if (found === undefined) return 0;
    const { start, allocator } = found;
    this.#parts.trace.in('ExpAddTagForBigPages', () =>
      bigPages.insert({ va: start, tag, type, bytes: wanted, slush: 0, pattern: 0 }),
    );
    tags.countAllocation(tag, countedBytes(wanted), heap.type >= heapTypes.paged, processor);
    this.#ledger.addPages({ start, bytes: wanted, tag, type, heapType: heap.type, allocator });
    return start;
  }

  #takePages(heap: KnownHeap, bytes: number): { start: KernelAddress; allocator: HeapAllocator } | undefined {
    const { segments, vs } = this.#heaps;
    const { trace } = this.#parts;
    const of = (start: KernelAddress | undefined, allocator: HeapAllocator) =>
      start === undefined ? undefined : { start, allocator };
    if (isChunk(bytes)) return of(vs.allocate(heap, Math.ceil(bytes / unit) * unit, true), 'vs');
    if (bytes > mostPieces) return of(this.#large.allocate(heap, bytes), 'large');
    const index = bytes <= mostPages ? 0 : 1;
    return of(
      trace.in('RtlpHpSegAlloc', () => segments.allocate(heap, index, bytes, rangeTypes.user)),
      'segment',
    );
  }
}

const blockSize = (bytes: number): number => Math.ceil((bytes + unit) / unit) * unit;

const heapTypeOf = (type: number): HeapType =>
  (type & pagedBit) !== 0
    ? heapTypes.paged
    : (type & nxBit) === 0
      ? heapTypes.nonPaged
      : heapTypes.nonPagedNx;
