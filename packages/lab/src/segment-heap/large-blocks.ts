import { pageSize } from '@poolscope/engine/base';
import type { KernelAddress } from '../pool/kernel-address.ts';
import { type HeapParts, heapFailure, type KnownHeap } from './heap-parts.ts';
import type { MetadataHeap } from './metadata-heap.ts';

/** Large allocations begin at such addresses: the low bits of theirs are a count of unused bytes. */
const granularity = 0x1_0000;
const pagesShift = 12;

/** Allocations that no segment has room for: addresses of their own, and a node in a tree of the heap. */
export class LargeBlocks {
  readonly #parts: HeapParts;
  readonly #metadata: MetadataHeap;

  constructor(parts: HeapParts, metadata: MetadataHeap) {
    this.#parts = parts;
    this.#metadata = metadata;
  }

  allocate(heap: KnownHeap, bytes: number): KernelAddress | undefined {
    const { memory, layout, trees, pages, trace } = this.#parts;
    return trace.in('RtlpHpLargeAlloc', () => {
      const count = Math.ceil(bytes / pageSize);
      const room = roomFor(count);
      const start = heap.addresses.reserve(room);
      if (start === undefined) return undefined;
      const node = pages.commit(start, count, heap.rights)
        ? this.#metadata.allocate(layout.large.size)
        : undefined;
      if (node === undefined) {
        pages.decommit(start, count);
        heap.addresses.release(start, room);
        return undefined;
      }
      memory.writePointer(node + layout.large.va, start + (count * pageSize - bytes));
      memory.writeU64(node + layout.large.pages, BigInt(count) << BigInt(pagesShift));
      trees.insert(heap.address + layout.heap.largeTree, node, (each) => start < this.#start(each));
      this.#count(heap, count);
      return start;
    });
  }

  /** Is a large allocation of the heap at an address? */
  holds(heap: KnownHeap, va: KernelAddress): boolean {
    return this.#find(heap, va) !== 0;
  }

  free(heap: KnownHeap, va: KernelAddress): void {
    const { memory, layout, trees, pages, trace } = this.#parts;
    trace.in('RtlpHpLargeFree', () => {
      const node = this.#find(heap, va);
      if (node === 0) throw this.#parts.failure(heap.address, heapFailure.invalidArgument, va);
      trees.remove(heap.address + layout.heap.largeTree, node);
      const count = Number(memory.readU64(node + layout.large.pages) >> BigInt(pagesShift));
      pages.decommit(va, count);
      heap.addresses.release(va, roomFor(count));
      this.#metadata.free(node);
      this.#count(heap, -count);
    });
  }

  #find(heap: KnownHeap, va: KernelAddress): KernelAddress {
    const { trees, layout } = this.#parts;
    const node = trees.find(heap.address + layout.heap.largeTree, (each) => this.#start(each) >= va);
    return node !== 0 && this.#start(node) === va ? node : 0;
  }

  #start(node: KernelAddress): KernelAddress {
    const { memory, layout } = this.#parts;
    return Math.floor(memory.readPointer(node + layout.large.va) / granularity) * granularity;
  }

  #count({ address }: KnownHeap, pages: number): void {
    const { memory, layout } = this.#parts;
    for (const counter of [layout.heap.largeReserved, layout.heap.largeCommitted])
      memory.add(address + counter, 8, pages);
  }
}

const roomFor = (pages: number): number => Math.ceil((pages * pageSize) / granularity) * granularity;
