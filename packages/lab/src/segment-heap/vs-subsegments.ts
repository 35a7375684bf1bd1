import { pageSize } from '@poolscope/engine/base';
import type { KernelAddress } from '../pool/kernel-address.ts';
import { PoolBugCheck } from '../pool/pool-fault.ts';
import { type HeapParts, heapFailure, type KnownHeap } from './heap-parts.ts';
import { PageBits } from './page-bits.ts';
import type { Segments } from './segments.ts';
import { chunkHeader, chunkUnit, leastChunk } from './vs-chunks.ts';

/** Where the first chunk begins. */
export const subsegmentHeader = 0x30;
const subsegmentSecret = 0x2bed;
const signatureMask = 0x7fff;
/** FAST_FAIL_CORRUPT_LIST_ENTRY */
const corruptList = 3n;
const [leastSubsegment, mostSubsegment] = [0x1_0000, 0x4_0000];
/** Pages inside a free chunk are given back when more than so much of the context's memory is free: an assumption. */
const [keptUnits, keptShare] = [0x800, 8];

/** _HEAP_VS_SUBSEGMENT: the pages that chunks are in, and which of them have memory; in a list of their context. */
export class VsSubsegments {
  readonly #parts: HeapParts;
  readonly #segments: Segments;

  constructor(parts: HeapParts, segments: Segments) {
    this.#parts = parts;
    this.#segments = segments;
  }

  /** An empty list. */
  initialize(heap: KnownHeap): void {
    const list = this.#list(heap);
    for (const link of [0, 8]) this.#setLink(list, link, list);
  }

  /** Makes a range a subsegment; its first page has memory. */
  create(heap: KnownHeap, start: KernelAddress, bytes: number): void {
    const { memory, layout } = this.#parts;
    const size = (bytes - subsegmentHeader) / chunkUnit;
    memory.writeU64(start + layout.subsegment.commitBitmap, 1n);
    memory.writeU16(start + layout.subsegment.size, size);
    memory.writeU16(start + layout.subsegment.signature, (size ^ subsegmentSecret) & signatureMask);
    this.#link(heap, start);
    const units = pageSize / chunkUnit;
    memory.add(this.#context(heap) + layout.vs.totalUnits, 8, units);
    memory.add(this.#context(heap) + layout.vs.freeUnits, 8, units);
  }

  /** Takes one out of the list whose chunks have left the tree already; its range has to be given back. */
  remove(heap: KnownHeap, subsegment: KernelAddress): void {
    const { memory, layout } = this.#parts;
    this.#unlink(subsegment);
    const units = (this.#committed(subsegment).count * pageSize) / chunkUnit;
    memory.add(this.#context(heap) + layout.vs.totalUnits, 8, -units);
    memory.add(this.#context(heap) + layout.vs.freeUnits, 8, -units);
  }

  /** Is it the only one of its context? */
  isOnly(heap: KnownHeap, subsegment: KernelAddress): boolean {
    const list = this.#list(heap);
    return this.#readLink(list, 0) === subsegment && this.#readLink(list, 8) === subsegment;
  }

  /** What a chunk names as its subsegment has to be one: the size and the signature know each other. */
  check(heap: KnownHeap, subsegment: KernelAddress): void {
    const { memory, layout, trace } = this.#parts;
    trace.subsegment = subsegment;
    trace.at('vs-subsegment', subsegment, layout.subsegment.size);
    const size = memory.readU16(subsegment + layout.subsegment.size);
    const signature = memory.readU16(subsegment + layout.subsegment.signature);
    if (((size ^ signature) & signatureMask) !== subsegmentSecret)
      throw this.#parts.failure(heap.address, heapFailure.vsSubsegment, subsegment);
  }

  endOf(subsegment: KernelAddress): KernelAddress {
    const { memory, layout } = this.#parts;
    return subsegment + subsegmentHeader + memory.readU16(subsegment + layout.subsegment.size) * chunkUnit;
  }

  /** Pages from the one of `from` to the one before `to` get memory. */
  commit(heap: KnownHeap, subsegment: KernelAddress, from: KernelAddress, to: KernelAddress): boolean {
    const { pages, trace } = this.#parts;
    const first = Math.floor((from - subsegment) / pageSize);
    const last = Math.ceil((to - subsegment) / pageSize);
    const committed = this.#committed(subsegment);
    const wanted = PageBits.range(first, last);
    const { count } = wanted.without(committed);
    if (count === 0) return true;
    trace.enter('RtlpHpVsSubsegmentCommitPages');
    const isDone = pages.commit(subsegment + first * pageSize, last - first, heap.rights);
    if (isDone) {
      this.#setCommitted(subsegment, committed.or(wanted));
      this.#count(heap, subsegment, count);
    }
    trace.leave();
    return isDone;
  }

  /** Whole pages inside a free chunk go, where much of the heap is free. */
  decommit(heap: KnownHeap, subsegment: KernelAddress, start: KernelAddress, bytes: number): void {
    const first = Math.ceil((start + leastChunk - subsegment) / pageSize);
    const last = Math.floor((start + bytes - subsegment) / pageSize);
    if (last <= first || !this.#hasMuch(heap)) return;
    const committed = this.#committed(subsegment);
    const inside = PageBits.range(first, last);
    const { count } = inside.and(committed);
    if (count === 0) return;
    this.#parts.pages.decommit(subsegment + first * pageSize, last - first);
    this.#setCommitted(subsegment, committed.without(inside));
    this.#count(heap, subsegment, -count);
  }

  /** Pages that the chunk would need memory for. */
  cost(subsegment: KernelAddress, start: KernelAddress, bytes: number): number {
    const first = Math.floor((start - subsegment) / pageSize);
    const last = Math.ceil((start + bytes - subsegment) / pageSize);
    return PageBits.range(first, last).without(this.#committed(subsegment)).count;
  }

  #committed(subsegment: KernelAddress): PageBits {
    const { memory, layout } = this.#parts;
    const at = subsegment + layout.subsegment.commitBitmap;
    return new PageBits(memory.readU32(at), memory.readU32(at + 4));
  }

  #setCommitted(subsegment: KernelAddress, { low, high }: PageBits): void {
    const { memory, layout } = this.#parts;
    const at = subsegment + layout.subsegment.commitBitmap;
    memory.writeU32(at, low);
    memory.writeU32(at + 4, high);
  }

  #hasMuch(heap: KnownHeap): boolean {
    const { memory, layout } = this.#parts;
    const context = this.#context(heap);
    const total = memory.readU32(context + layout.vs.totalUnits);
    return memory.readU32(context + layout.vs.freeUnits) > keptUnits + total / keptShare;
  }

  #count(heap: KnownHeap, subsegment: KernelAddress, pages: number): void {
    const { memory, layout } = this.#parts;
    const units = (pages * pageSize) / chunkUnit;
    memory.add(this.#context(heap) + layout.vs.totalUnits, 8, units);
    memory.add(this.#context(heap) + layout.vs.freeUnits, 8, units);
    this.#segments.countPages(subsegment, pages);
  }

  /** Behind all others. */
  #link(heap: KnownHeap, entry: KernelAddress): void {
    const list = this.#list(heap);
    const last = this.#readLink(list, 8);
    this.#parts.trace.at('insert-head', last);
    if (this.#readLink(last, 0) !== list) throw new PoolBugCheck(0x139, [corruptList, 0n, 0n, 0n]);
    this.#setLink(entry, 0, list);
    this.#setLink(entry, 8, last);
    this.#setLink(last, 0, entry);
    this.#setLink(list, 8, entry);
  }

  /** Neighbours that do not lead back stop the machine. */
  #unlink(entry: KernelAddress): void {
    const { trace } = this.#parts;
    trace.entry = entry;
    trace.at('vs-subsegment', entry);
    const [next, previous] = [this.#readLink(entry, 0), this.#readLink(entry, 8)];
    trace.flink = next;
    trace.blink = previous;
    trace.at('unlink-blink', next, 8);
    const isLinked = this.#readLink(next, 8) === entry;
    trace.at('unlink-flink', previous);
    if (!isLinked || this.#readLink(previous, 0) !== entry)
      throw new PoolBugCheck(0x139, [corruptList, 0n, 0n, 0n]);
    this.#setLink(previous, 0, next);
    this.#setLink(next, 8, previous);
  }

  /** Links are exclusive-or'ed with the address of the entry that holds them. */
  #readLink(entry: KernelAddress, link: number): KernelAddress {
    const { memory } = this.#parts;
    return memory.pointer(BigInt.asUintN(64, memory.readU64(entry + link) ^ memory.exact(entry)));
  }

  #setLink(entry: KernelAddress, link: number, target: KernelAddress): void {
    const { memory } = this.#parts;
    memory.writeU64(entry + link, memory.exact(target) ^ memory.exact(entry));
  }

  #list(heap: KnownHeap): KernelAddress {
    return this.#context(heap) + this.#parts.layout.vs.subsegments;
  }

  #context({ address }: KnownHeap): KernelAddress {
    return address + this.#parts.layout.heap.vs;
  }
}

/** A power of two with room for two such blocks, between 64 and 256 KB. */
export function subsegmentBytes(bytes: number): number {
  const least = 2 * (bytes + 2 * chunkHeader) + subsegmentHeader;
  const power = 2 ** Math.ceil(Math.log2(least));
  return Math.min(mostSubsegment, Math.max(leastSubsegment, power));
}
