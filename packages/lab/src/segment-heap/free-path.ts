import type { BlockHeaders } from '../pool/block-header.ts';
import { type KernelAddress, offsetInPage } from '../pool/kernel-address.ts';
import { highestLevel } from '../pool/pool-checks.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import type { PoolCaller } from '../pool/pool-parts.ts';
import { headerType, pagedBit } from '../pool/pool-type.ts';
import type { ProcessBilling } from '../pool/process-billing.ts';
import type { BootedHeaps } from './boot-heaps.ts';
import { countedBytes } from './counted-bytes.ts';
import { lookasideBucket, lookasideBytes } from './dynamic-lookasides.ts';
import type { HeapLedger } from './heap-ledger.ts';
import { type HeapParts, heapFailure, heapTypes, type KnownHeap } from './heap-parts.ts';
import type { HeapTables } from './heap-tables.ts';
import type { LargeBlocks } from './large-blocks.ts';
import { type FoundRange, rangeTypes } from './segments.ts';

const unit = 0x10;
const dispatchLevel = 2;

/** What frees work with. */
export interface FreePathParts {
  readonly parts: HeapParts;
  readonly heaps: BootedHeaps;
  readonly tables: HeapTables;
  readonly large: LargeBlocks;
  readonly headers: BlockHeaders;
  readonly billing: ProcessBilling;
  readonly ledger: HeapLedger;
}

/**
 * ExFreeHeapPool: from an address to the part of a heap that takes the block back. It goes by what is in front of the block,
 * in the table of large allocations and in the descriptors of segments; which of these is looked at before which decides what
 * damage is noticed, and where.
 */
export class FreePath {
  readonly #parts: HeapParts;
  readonly #heaps: BootedHeaps;
  readonly #tables: HeapTables;
  readonly #large: LargeBlocks;
  readonly #headers: BlockHeaders;
  readonly #billing: ProcessBilling;
  readonly #ledger: HeapLedger;

  constructor({ parts, heaps, tables, large, headers, billing, ledger }: FreePathParts) {
    this.#parts = parts;
    this.#heaps = heaps;
    this.#tables = tables;
    this.#large = large;
    this.#headers = headers;
    this.#billing = billing;
    this.#ledger = ledger;
  }

  /** Whole pages by their address, blocks by their header. */
  free(data: KernelAddress, caller: PoolCaller): void {
    const { trace } = this.#parts;
    if (offsetInPage(data) === 0) {
      this.#freePages(data, caller);
      return;
    }
    const given = data - unit;
    trace.header = given;
    trace.at('read-header', given);
    const givenType = this.#headers.type(given);
    // A second header leads to the first one; nobody asks whether that leads back.
    const block =
      (givenType & headerType.freed) === 0 ? given : given - this.#headers.previousSize(given) * unit;
    trace.header = block;
    trace.at('read-header', block);
    const type = this.#headers.type(block);
    this.#checkHeader(block, data, type, caller);
    const bytes = this.#headers.size(block) * unit;
    const isPaged = (type & pagedBit) !== 0;
    this.#raise(!isPaged, caller.irql);
    if ((type & headerType.quota) !== 0) this.#billing.check(block, data);
    this.#tables.tags.countFree(this.#headers.tag(block), bytes, isPaged, caller.processor);
    this.#giveBack(block, block + unit, bytes);
  }

  /** What is looked at before a block goes back. That the in-use bit still is was not seen on these builds. */
  #checkHeader(block: KernelAddress, data: KernelAddress, type: number, { irql }: PoolCaller): void {
    const { memory } = this.#parts;
    if ((type & headerType.inUse) === 0)
      throw new PoolBugCheck(0xc2, [7n, 0n, BigInt(this.#headers.word(block)), memory.exact(data)]);
    if (irql > highestLevel(type))
      throw new PoolBugCheck(0xc2, [9n, BigInt(irql), BigInt(type & pagedBit), memory.exact(data)]);
  }

  /** To the list of its size, where the heap that it is of has one with room, or to that heap. */
  #giveBack(block: KernelAddress, data: KernelAddress, bytes: number): void {
    const isListed = lookasideBucket(bytes) !== undefined && lookasideBytes(bytes) === bytes;
    const lists = isListed ? this.#listsOf(block) : 0;
    if (lists !== 0 && this.#heaps.lookasides.push(lists, bytes, data)) this.#ledger.keep(block, 'lookaside');
    else this.release(block, data, bytes);
  }

  /** The lookasides of the heap whose segment an address is in; 0: there are none, or no such heap. */
  #listsOf(va: KernelAddress): KernelAddress {
    const { memory, layout } = this.#parts;
    const range = this.#heaps.segments.find(va);
    const heap = range && this.#parts.heapOf(range.context);
    return heap === undefined ? 0 : memory.readPointer(heap.address + layout.heap.userContext);
  }

  /** RtlpHpFreeHeap: what the descriptor of the page says decides who takes the block. */
  release(block: KernelAddress, data: KernelAddress, bytes: number): void {
    const { segments, vs, lfh } = this.#heaps;
    const { layout } = this.#parts;
    const { range, heap } = this.#rangeOf(block);
    this.#raise(heap.type < heapTypes.paged, this.#parts.trace.irql);
    const kind = segments.typeOf(range);
    const context = heap.address + layout.heap.lfh;
    if (kind === rangeTypes.lfh) {
      lfh.free(context, range.start, block);
      this.#ledger.remove(block);
    } else if (kind === rangeTypes.vs) {
      if (lfh.serves(context, bytes)) lfh.countFree(context, bytes);
      if (vs.free(heap, block, data) === 'deferred') this.#ledger.keep(block, 'deferred');
    } else segments.free(range);
  }

  /** The range of an address, in use, and the heap that it belongs to. */
  #rangeOf(va: KernelAddress): { range: FoundRange; heap: KnownHeap } {
    const { segments } = this.#heaps;
    const { trace } = this.#parts;
    const range = trace.in('RtlpHpSegDescriptorValidate', () => {
      const found = segments.find(va);
      if (found !== undefined) {
        const heap = this.#parts.heapOf(found.context);
        if (heap === undefined || !segments.isInUse(found))
          throw this.#parts.failure(heap?.address ?? 0, heapFailure.invalidArgument, va);
        return { range: found, heap };
      }
      return undefined;
    });
    if (range !== undefined) return range;
    return trace.in('RtlpHpVaMgrCtxQuery', () => {
      throw this.#parts.failure(0, heapFailure.vaQuery, va);
    });
  }

  #freePages(start: KernelAddress, { irql, processor }: PoolCaller): void {
    const { bigPages, tags } = this.#tables;
    const { memory, trace } = this.#parts;
    const entry = trace.in('ExpRemoveTagForBigPages', () => {
      const found = bigPages.find(start);
      if (found === undefined) throw new PoolBugCheck(0x19, [0x22n, memory.exact(start), 1n, 0n]);
      bigPages.remove(start);
      return found;
    });
    if (irql > highestLevel(entry.type))
      throw new PoolBugCheck(0xc2, [9n, BigInt(irql), BigInt(entry.type), memory.exact(start)]);
    const isPaged = (entry.type & pagedBit) !== 0;
    this.#raise(!isPaged, irql);
    tags.countFree(entry.tag, countedBytes(entry.bytes), isPaged, processor);
    this.#ledger.removePages(start);
    this.#releasePages(start);
  }

  #releasePages(start: KernelAddress): void {
    const { segments, vs, heaps } = this.#heaps;
    const { trace } = this.#parts;
    const heap = heaps.find((each) => this.#large.holds(each, start));
    if (heap !== undefined) {
      this.#large.free(heap, start);
      return;
    }
    const { range, heap: owner } = this.#rangeOf(start);
    if (segments.typeOf(range) === rangeTypes.vs) vs.free(owner, start, start);
    else trace.in('RtlpHpSegFree', () => segments.free(range));
  }

  /** Heaps of nonpaged pool are locked at DISPATCH_LEVEL, paged ones by a push lock. */
  #raise(isNonPaged: boolean, irql: number): void {
    this.#parts.trace.irql = isNonPaged ? Math.max(irql, dispatchLevel) : irql;
  }
}
