import { Fault, type Va } from '../../base/index.ts';
import {
  blockOffset,
  decodeHeader,
  decodeHeapType,
  type HeapBlock,
  type HeapPage,
  isPlaced,
  isPrintableTag,
  poolFormat,
  tagText,
  type VsChunk,
  VsCode,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { provenHeaps } from './proven-heaps.ts';

/** A block that is free now, as it was while it was in use. */
export interface FormerBlock {
  /** Of its header. */
  readonly address: Va;
  /** Bytes, header included; undefined: not known. */
  readonly size: number | undefined;
  /** Undefined: nothing is left of it. */
  readonly tag: string | undefined;
}

/** Blocks with a header have less than a page: no farther from an address are the headers of the one it was in. */
const farthest = 0x1000;
const unit = 0x10;

/**
 * The block that an address in free memory of a heap was in. Slots and blocks on lists keep their headers. Chunks that are
 * joined keep theirs inside of the larger one, encoded with their own addresses; of the first the next one tells the size.
 */
export function formerBlock(
  system: CrashedSystem,
  page: HeapPage,
  block: HeapBlock,
  at: Va,
): FormerBlock | undefined {
  const { chunk, address, size, tag } = block;
  if (chunk === undefined || block.state !== 'free') return { address, size, tag };
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string' || !isPlaced(heaps.keys.heapKey) || page.range === undefined)
    return undefined;
  return new FreeChunkReader(system, chunk, page.range.start, heaps.keys.heapKey.value).find(at);
}

/** A free chunk has its header and the node of the tree up to here. */
const chunkNodeEnd = 0x20;

class FreeChunkReader {
  readonly #system: CrashedSystem;
  readonly #chunk: VsChunk;
  readonly #subsegment: Va;
  readonly #code: VsCode;
  readonly #end: Va;

  constructor(system: CrashedSystem, chunk: VsChunk, subsegment: Va, key: bigint) {
    this.#system = system;
    this.#chunk = chunk;
    this.#subsegment = subsegment;
    this.#code = new VsCode(key);
    this.#end = chunk.address + BigInt(chunk.size);
  }

  find(at: Va): FormerBlock | undefined {
    const { address } = this.#chunk;
    for (let offset = unit; offset <= farthest + unit; offset += unit) {
      const place = (at & ~0xfn) - BigInt(offset);
      if (place <= address) break;
      const found = this.#joined(place, at);
      if (found !== undefined) return found;
    }
    return this.#first(at);
  }

  /** A chunk that became part of this one, with its block's header. */
  #joined(place: Va, at: Va): FormerBlock | undefined {
    const { memory } = this.#system;
    const read = memory.tryRead(place, 0x30);
    if (read instanceof Fault) return undefined;
    const { size, allocated, pageOffset } = this.#code.decode(read, 0, place);
    const end = place + BigInt(size);
    const isChunk = size > unit && end > at && end <= this.#end && allocated <= 1;
    const pages = Number((place & ~0xfffn) - this.#subsegment) >> 12;
    if (!isChunk || (allocated === 1 && pageOffset !== pages)) return undefined;
    const gap = this.#gap(place);
    const header = decodeHeader(read, gap, poolFormat(this.#system));
    const isHeader =
      decodeHeapType(header.type).isValid && header.previousSize === 0 && header.size <= size - gap;
    const isKnown = isHeader && isPrintableTag(header.tag) && header.size + unit >= size - gap;
    return {
      address: place + BigInt(gap),
      size: isKnown ? header.size : this.#usedBy(read, place, end, size - gap),
      tag: isKnown ? tagText(header.tag) : undefined,
    };
  }

  /** The same where what the header says of unused bytes is left: with it is the way back to the subsegment. */
  #usedBy(read: Uint8Array, place: Va, end: Va, size: number): number {
    const pages = Number((place & ~0xfffn) - this.#subsegment) >> 12;
    const isLeft = this.#code.pageOffset(read[8]!, Number(place & 0xffn)) === pages;
    return isLeft && (read[9]! & 1) === 0 ? size : this.#used(end, size);
  }

  /** Bytes of a block that ends with its chunk, but for a unit that was too little for a chunk: its count is left at the end. */
  #used(end: Va, size: number): number {
    const count = this.#system.target.readBytes(end - 2n, 2);
    return count !== undefined && count[0] === unit && count[1] === 0 ? size - unit : size;
  }

  /** The block that the chunk itself was: its header is gone where the tree keeps its node. */
  #first(at: Va): FormerBlock | undefined {
    const { address, size } = this.#chunk;
    const gap = this.#gap(address);
    const own = this.#firstSize() ?? (size <= farthest + unit ? size : undefined);
    if (own !== undefined && at >= address + BigInt(own)) return undefined;
    if (own === undefined && at >= address + BigInt(farthest)) return undefined;
    const header = gap >= chunkNodeEnd ? this.#headerAt(address + BigInt(gap), own) : undefined;
    return {
      address: address + BigInt(gap),
      size: header?.size ?? (own === undefined ? undefined : this.#used(address + BigInt(own), own - gap)),
      tag: header?.tag,
    };
  }

  /** The header of a block that begins a page, which the node in front of it leaves whole. */
  #headerAt(at: Va, most: number | undefined): { readonly size: number; readonly tag: string } | undefined {
    const read = this.#system.target.readBytes(at, unit);
    if (read === undefined) return undefined;
    const { size, type, tag, previousSize } = decodeHeader(read, 0, poolFormat(this.#system));
    const isHeader = decodeHeapType(type).isValid && previousSize === 0 && isPrintableTag(tag) && size > 0;
    const fits = most === undefined || size <= most;
    return isHeader && fits && at + BigInt(size) <= this.#end ? { size, tag: tagText(tag) } : undefined;
  }

  /** Bytes of the first of joined chunks, by the header of the second. */
  #firstSize(): number | undefined {
    const { address, size } = this.#chunk;
    const length = Math.min(size, farthest + 2 * unit);
    const read = this.#system.memory.tryRead(address, length);
    if (read instanceof Fault) return undefined;
    for (let offset = 2 * unit; offset + unit <= length; offset += unit) {
      const found = this.#code.decode(read, offset, address + BigInt(offset));
      const fits = found.previousSize === offset && found.size > unit && offset + found.size <= size;
      if (fits && found.allocated <= 1) return offset;
    }
    return undefined;
  }

  #gap(chunk: Va): number {
    const offset = Number(chunk & 0xfffn);
    return blockOffset(offset) - offset;
  }
}
