import { type KernelAddress, toVa } from '../pool/kernel-address.ts';
import type { PoolKind } from '../pool/pool-descriptor.ts';
import type { HeapAllocator, TrueBigAllocation, TrueBlock } from '../pool/pool-truth.ts';
import { type HeapType, heapTypes } from './heap-parts.ts';
import type { LfhSlot } from './lfh/lfh-heap.ts';
import { chunkOf } from './vs-chunks.ts';
import type { FreeChunk } from './vs-shadow.ts';

export const kindOf = (type: HeapType): PoolKind =>
  type === heapTypes.nonPaged ? 'nonpaged' : type === heapTypes.nonPagedNx ? 'nonpaged-nx' : 'paged';

type BlockState = 'allocated' | 'lookaside' | 'deferred';

/** A block with a header, as the allocator made it. */
export interface KnownBlock {
  /** Of the header. */
  readonly block: KernelAddress;
  readonly data: KernelAddress;
  /** With the header. */
  readonly size: number;
  readonly requested: number;
  readonly tag: number;
  readonly type: HeapType;
  readonly allocator: HeapAllocator;
  readonly process: bigint | undefined;
  state: BlockState;
}

/** An allocation of pages. */
export interface KnownPages {
  readonly start: KernelAddress;
  readonly bytes: number;
  readonly tag: number;
  /** POOL_TYPE */
  readonly type: number;
  readonly heapType: HeapType;
  readonly allocator: HeapAllocator;
}

/** The pool's own account of what it gave out, for the truth of a scenario: no decision is taken by it. */
export class HeapLedger {
  readonly #blocks = new Map<KernelAddress, KnownBlock>();
  readonly #pages = new Map<KernelAddress, KnownPages>();

  /** The account keeps the object, which is nobody else's from then on. */
  add(block: KnownBlock): void {
    this.#blocks.set(block.block, block);
  }

  addPages(pages: KnownPages): void {
    this.#pages.set(pages.start, pages);
  }

  /** A block that was freed, and is kept for now. */
  keep(block: KernelAddress, state: 'lookaside' | 'deferred'): void {
    const known = this.#blocks.get(block);
    if (known !== undefined) known.state = state;
  }

  remove(block: KernelAddress): void {
    this.#blocks.delete(block);
  }

  removePages(start: KernelAddress): void {
    this.#pages.delete(start);
  }

  /** All blocks by address, with the free pieces of all heaps. */
  blocks(
    free: Iterable<FreeChunk & { readonly type: HeapType }>,
    slots: Iterable<LfhSlot & { readonly type: HeapType }>,
  ): TrueBlock[] {
    const blocks = [...this.#blocks.values()].map(trueBlock);
    for (const { start, bytes, type } of free) blocks.push(freeBlock(start, bytes, type, 'vs'));
    for (const { start, bytes, type } of slots)
      if (!this.#blocks.has(start)) blocks.push(freeBlock(start, bytes, type, 'lfh'));
    return blocks.sort((a, b) => (a.header < b.header ? -1 : 1));
  }

  bigAllocations(): TrueBigAllocation[] {
    return [...this.#pages.values()].map(({ start, bytes, tag, type, heapType, allocator }) => ({
      address: toVa(start),
      bytes,
      tag,
      type,
      kind: kindOf(heapType),
      allocator,
    }));
  }
}

const trueBlock = ({
  block,
  data,
  size,
  requested,
  tag,
  type,
  allocator,
  process,
  state,
}: KnownBlock): TrueBlock => ({
  header: toVa(block),
  address: toVa(data),
  size,
  requested,
  tag,
  kind: kindOf(type),
  state,
  allocator,
  ...(allocator === 'vs' ? { chunk: toVa(chunkOf(block)) } : {}),
  process: state === 'allocated' ? process : undefined,
});

const freeBlock = (
  start: KernelAddress,
  bytes: number,
  type: HeapType,
  allocator: HeapAllocator,
): TrueBlock => ({
  header: toVa(start),
  address: toVa(start + 0x10),
  size: bytes,
  requested: 0,
  tag: undefined,
  kind: kindOf(type),
  state: 'free',
  allocator,
  ...(allocator === 'vs' ? { chunk: toVa(start) } : {}),
  process: undefined,
});
