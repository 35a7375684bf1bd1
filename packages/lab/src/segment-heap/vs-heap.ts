import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, offsetInPage } from '../pool/kernel-address.ts';
import { type HeapParts, heapFailure, type KnownHeap } from './heap-parts.ts';
import { rangeTypes, type Segments } from './segments.ts';
import { bodyOf, chunkHeader, chunkOf, chunkUnit, leastChunk, nodeOffset, VsChunks } from './vs-chunks.ts';
import { VsDelayed } from './vs-delayed.ts';
import { pageChunk, VsFreeChunks, type VsPlace } from './vs-free-chunks.ts';
import type { VsShadow } from './vs-shadow.ts';
import { subsegmentBytes, subsegmentHeader, VsSubsegments } from './vs-subsegments.ts';

/** _HEAP_VS_CONTEXT: chunks of any size in subsegments, and a tree of those that are free. */
export class VsHeap {
  readonly #parts: HeapParts;
  readonly #segments: Segments;
  readonly #chunks: VsChunks;
  readonly #subsegments: VsSubsegments;
  readonly #free: VsFreeChunks;
  readonly #delayed: VsDelayed;
  /** Is told of the body of each chunk that is free from now on. */
  readonly #freed: (body: KernelAddress) => void;

  constructor(parts: HeapParts, segments: Segments, freed: (body: KernelAddress) => void) {
    this.#freed = freed;
    this.#parts = parts;
    this.#segments = segments;
    this.#chunks = new VsChunks(parts);
    this.#subsegments = new VsSubsegments(parts, segments);
    this.#free = new VsFreeChunks(parts, this.#chunks, this.#subsegments);
    this.#delayed = new VsDelayed(parts);
  }

  /** The free chunks as the allocator made them. */
  get shadow(): VsShadow {
    return this.#free.shadow;
  }

  context({ address }: Pick<KnownHeap, 'address'>): KernelAddress {
    return address + this.#parts.layout.heap.vs;
  }

  /** An empty front end, in zeroed memory; its list of subsegments is encoded. */
  initialize(heap: KnownHeap, lockType: number, config: number): void {
    const { memory, layout } = this.#parts;
    const context = this.context(heap);
    memory.writeU32(context + layout.vs.lockType, lockType);
    memory.writePointer(context + layout.vs.backend, this.#segments.context(heap, 0));
    memory.writeU32(context + layout.vs.config, config);
    this.#subsegments.initialize(heap);
  }

  /** Address of a body of so many bytes within a page, or of one that begins a page; undefined: there is no memory. */
  allocate(heap: KnownHeap, bytes: number, beginsPage: boolean): KernelAddress | undefined {
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsContextAllocateInternal');
    trace.context = this.context(heap);
    trace.heap = heap.address;
    const body = this.#allocate(heap, bytes, beginsPage);
    trace.leave();
    return body;
  }

  #allocate(heap: KnownHeap, bytes: number, beginsPage: boolean): KernelAddress | undefined {
    let chunk = this.#free.find(heap, bytes, beginsPage, false);
    if (chunk === 0 && this.#addSubsegment(heap, bytes))
      chunk = this.#free.find(heap, bytes, beginsPage, false);
    const body = chunk === 0 ? undefined : this.#carve(heap, chunk, bytes);
    if (body !== undefined) return body;
    // RAM is used up. What waits for its free is looked at, and chunks whose pages are there: an assumption.
    this.drain(heap);
    const left = this.#free.find(heap, bytes, beginsPage, true);
    return left === 0 ? undefined : this.#carve(heap, left, bytes);
  }

  /** Takes the front of a free chunk; the rest is free again. Undefined: RAM is used up. */
  #carve(heap: KnownHeap, chunk: KernelAddress, bytes: number): KernelAddress | undefined {
    this.shadow.begin();
    const { trace } = this.#parts;
    const chunks = this.#chunks;
    const subsegment = this.#checkFree(heap, chunk);
    const [whole, previous] = [chunks.size(chunk) * chunkUnit, chunks.previous(chunk)];
    const body = bodyOf(chunk);
    const used = usedBytes(chunk, body - chunk + bytes, whole);
    const touched = chunk + Math.min(used + leastChunk, whole);
    if (!this.#subsegments.commit(heap, subsegment, chunk, touched)) return undefined;
    this.#free.remove(heap, chunk);
    const size = used / chunkUnit;
    if (used < whole) {
      trace.enter('RtlpHpVsChunkSplit');
      const place = { heap, subsegment, end: this.#subsegments.endOf(subsegment) };
      this.#free.add(place, { start: chunk + used, bytes: whole - used, previous: size });
      trace.leave();
    }
    chunks.write(chunk, { size, cost: 0, previous, allocated: 1 });
    chunks.setSubsegment(chunk, subsegment, chunk + used - body - bytes);
    this.#countFree(heap, -size);
    return body;
  }

  /** Gives a body back. Small ones wait until enough are there, linked through `data`. */
  free(heap: KnownHeap, body: KernelAddress, data: KernelAddress): 'free' | 'deferred' {
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsContextFree');
    const [chunk, context] = [chunkOf(body), this.context(heap)];
    trace.chunk = chunk;
    trace.node = chunk + nodeOffset;
    trace.context = context;
    trace.heap = heap.address;
    this.#checkInUse(heap, chunk);
    const waits = this.#delayed.takes(context, this.#chunks.size(chunk) * chunkUnit);
    const isFull = waits && this.#delayed.push(context, data);
    if (isFull) this.drain(heap);
    else if (!waits) this.#freeNow(heap, chunk);
    trace.leave();
    return waits && !isFull ? 'deferred' : 'free';
  }

  /** Frees what waits. */
  drain(heap: KnownHeap): void {
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsContextFreeList');
    this.#delayed.drain(this.context(heap), (data) => this.#freeNow(heap, chunkOf(data - chunkHeader)));
    trace.leave();
  }

  /** Data of blocks that wait, by the links in memory. */
  delayed(heap: KnownHeap): Generator<KernelAddress> {
    return this.#delayed.entries(this.context(heap));
  }

  #freeNow(heap: KnownHeap, chunk: KernelAddress): void {
    this.shadow.begin();
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsContextFreeInternal');
    trace.chunk = chunk;
    trace.node = chunk + nodeOffset;
    const subsegment = this.#checkInUse(heap, chunk);
    const place: VsPlace = { heap, subsegment, end: this.#subsegments.endOf(subsegment) };
    this.#countFree(heap, this.#chunks.size(chunk));
    this.#chunks.setFree(chunk);
    trace.enter('RtlpHpVsChunkCoalesce');
    const piece = this.#free.coalesce(place, chunk);
    trace.leave();
    this.#free.add(place, piece);
    // A block whose free stopped the machine is told of as it was.
    this.#freed(bodyOf(chunk));
    if (this.#isEmpty(place)) this.#release(place);
    trace.leave();
  }

  /** Is the chunk in use, and is what it names as its subsegment one? In this order, by public notes on the code. */
  #checkInUse(heap: KnownHeap, chunk: KernelAddress): KernelAddress {
    if (this.#chunks.isFree(chunk)) throw this.#parts.failure(heap.address, heapFailure.blockNotBusy, chunk);
    const subsegment = this.#chunks.subsegment(chunk);
    this.#subsegments.check(heap, subsegment);
    return subsegment;
  }

  /**
   * A free chunk that is about to be given out. Where its header does not fit what is around it, Windows was seen to look for a
   * subsegment at a place that the header's bytes give; how it gets there is not known.
   */
  #checkFree(heap: KnownHeap, chunk: KernelAddress): KernelAddress {
    const known = this.#segments.find(chunk)?.start;
    const end = chunk + this.#chunks.size(chunk) * chunkUnit;
    const fits = known !== undefined && this.#chunks.isFree(chunk) && end <= this.#subsegments.endOf(known);
    if (!fits) {
      const named = this.#chunks.subsegment(chunk);
      this.#parts.trace.subsegment = named;
      throw this.#parts.failure(heap.address, heapFailure.vsSubsegment, named);
    }
    this.#subsegments.check(heap, known);
    return known;
  }

  #addSubsegment(heap: KnownHeap, bytes: number): boolean {
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsSubsegmentCreate');
    const total = subsegmentBytes(bytes);
    const subsegment = this.#segments.allocate(heap, 0, total, rangeTypes.vs, 1);
    if (subsegment !== undefined) {
      this.#subsegments.create(heap, subsegment, total);
      const start = subsegment + subsegmentHeader;
      const end = subsegment + total;
      this.#free.add({ heap, subsegment, end }, { start, bytes: end - start, previous: 0 });
    }
    trace.leave();
    return subsegment !== undefined;
  }

  /** Two free chunks, up to the end of the first page and behind it, are all that there is; another subsegment is left. */
  #isEmpty({ heap, subsegment, end }: VsPlace): boolean {
    const chunks = this.#chunks;
    const [first, second] = [subsegment + subsegmentHeader, subsegment + pageChunk];
    return (
      chunks.isFree(first) &&
      first + chunks.size(first) * chunkUnit === second &&
      chunks.isFree(second) &&
      second + chunks.size(second) * chunkUnit === end &&
      !this.#subsegments.isOnly(heap, subsegment)
    );
  }

  #release({ heap, subsegment }: VsPlace): void {
    const { trace } = this.#parts;
    trace.enter('RtlpHpVsSubsegmentFree');
    this.#free.remove(heap, subsegment + subsegmentHeader);
    this.#free.remove(heap, subsegment + pageChunk);
    this.#subsegments.remove(heap, subsegment);
    const range = this.#segments.find(subsegment);
    if (range !== undefined) this.#segments.free(range);
    trace.leave();
  }

  #countFree(heap: KnownHeap, units: number): void {
    const { memory, layout } = this.#parts;
    memory.add(this.context(heap) + layout.vs.freeUnits, 8, units);
  }
}

/** Bytes of a chunk that leave a rest which can be one, or none at all. */
function usedBytes(chunk: KernelAddress, wanted: number, whole: number): number {
  let used = wanted;
  const end = offsetInPage(chunk + used);
  const toCut = pageChunk - end;
  // No chunk fits in front of the one that begins the next page, or at that place and behind.
  if (toCut > 0 && toCut < leastChunk) used += toCut;
  else if (toCut < 0) used += pageSize - end;
  return whole - used < leastChunk ? whole : used;
}
