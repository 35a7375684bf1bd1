import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, offsetInPage } from '../pool/kernel-address.ts';
import type { HeapParts, KnownHeap } from './heap-parts.ts';
import { bodyOf, chunkHeader, chunkUnit, leastChunk, nodeOffset, type VsChunks } from './vs-chunks.ts';
import { VsShadow } from './vs-shadow.ts';
import type { VsSubsegments } from './vs-subsegments.ts';

/** Offset in its page of a chunk whose body begins the next one. */
export const pageChunk = pageSize - 2 * chunkHeader;

/** A free piece of a subsegment that is about to become a chunk, or two. */
export interface FreePiece {
  readonly start: KernelAddress;
  readonly bytes: number;
  /** Size of the chunk in front, in units; 0: there is none. */
  readonly previous: number;
}

/** Where a piece is: the subsegment, and the end of its last chunk. */
export interface VsPlace {
  readonly heap: KnownHeap;
  readonly subsegment: KernelAddress;
  readonly end: KernelAddress;
}

/**
 * The free chunks of a _HEAP_VS_CONTEXT, in a tree by their size. One that begins inside a page ends with it at the latest; one
 * whose body begins a page may be as long as its subsegment. So no block crosses a page that could do without.
 */
export class VsFreeChunks {
  readonly shadow = new VsShadow();
  readonly #parts: HeapParts;
  readonly #chunks: VsChunks;
  readonly #subsegments: VsSubsegments;

  constructor(parts: HeapParts, chunks: VsChunks, subsegments: VsSubsegments) {
    this.#parts = parts;
    this.#chunks = chunks;
    this.#subsegments = subsegments;
  }

  /** The smallest one that has room for a body of so many bytes at its place; 0: none. */
  find(heap: KnownHeap, bytes: number, beginsPage: boolean, costsNothing: boolean): KernelAddress {
    const { trees, trace } = this.#parts;
    const chunks = this.#chunks;
    const keyOf = chunks.keys();
    const least = ((bytes + chunkHeader) / chunkUnit) * 0x1_0000;
    let node = trees.find(this.#tree(heap), (each) => keyOf(each - nodeOffset) >= least);
    for (; node !== 0; node = trees.next(node)) {
      const chunk = node - nodeOffset;
      trace.chunk = chunk;
      trace.node = node;
      if (beginsPage && offsetInPage(chunk) !== pageChunk) continue;
      if (costsNothing && chunks.cost(chunk) > 0) continue;
      if (bodyOf(chunk) + bytes <= chunk + chunks.size(chunk) * chunkUnit) return chunk;
    }
    return 0;
  }

  remove(heap: KnownHeap, chunk: KernelAddress): void {
    this.#parts.trees.remove(this.#tree(heap), chunk + nodeOffset);
    this.shadow.remove(chunk);
  }

  /** Makes a piece a free chunk; one that reaches over the end of its page becomes two. */
  add(place: VsPlace, { start, bytes, previous }: FreePiece): void {
    const { trace } = this.#parts;
    const cut = start - offsetInPage(start) + pageChunk;
    if (cut - start < leastChunk || start + bytes <= cut + leastChunk) {
      this.#insert(place, start, bytes, previous);
      return;
    }
    trace.enter('RtlpHpVsChunkAlignSplit');
    this.#insert(place, cut, start + bytes - cut, (cut - start) / chunkUnit);
    this.#insert(place, start, cut - start, previous);
    trace.leave();
  }

  /** Joins a chunk with what is free behind and in front of it; their nodes leave the tree. */
  coalesce({ heap, end }: VsPlace, chunk: KernelAddress): FreePiece {
    const chunks = this.#chunks;
    let [start, bytes, previous] = [chunk, chunks.size(chunk) * chunkUnit, chunks.previous(chunk)];
    // Two free chunks are side by side where a page begins.
    while (chunk + bytes < end && chunks.isFree(chunk + bytes)) {
      const behind = chunk + bytes;
      this.remove(heap, behind);
      const more = chunks.size(behind) * chunkUnit;
      bytes += more;
      if (more === 0) break;
    }
    const front = chunk - previous * chunkUnit;
    if (previous !== 0 && chunks.isFree(front)) {
      this.remove(heap, front);
      bytes += chunks.size(front) * chunkUnit;
      previous = chunks.previous(front);
      start = front;
    }
    return { start, bytes, previous };
  }

  #insert({ heap, subsegment, end }: VsPlace, start: KernelAddress, bytes: number, previous: number): void {
    const { trees, trace } = this.#parts;
    const chunks = this.#chunks;
    trace.enter('RtlpHpVsFreeChunkInsert');
    this.#subsegments.decommit(heap, subsegment, start, bytes);
    const size = bytes / chunkUnit;
    const cost = this.#subsegments.cost(subsegment, start, bytes);
    chunks.write(start, { size, cost, previous, allocated: 0 });
    const keyOf = chunks.keys();
    const key = keyOf(start);
    trees.insert(this.#tree(heap), start + nodeOffset, (each) => key < keyOf(each - nodeOffset));
    this.shadow.add(start, bytes);
    if (start + bytes < end) chunks.setPrevious(start + bytes, size);
    trace.leave();
  }

  #tree({ address }: KnownHeap): KernelAddress {
    const { heap, vs } = this.#parts.layout;
    return address + heap.vs + vs.tree;
  }
}
