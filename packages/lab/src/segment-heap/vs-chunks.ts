import { pageSize, readU32 } from '@poolscope/engine/base';
import { type KernelAddress, offsetInPage, pageNumberOf } from '../pool/kernel-address.ts';
import type { HeapParts } from './heap-parts.ts';

export const chunkUnit = 16;
/** _HEAP_VS_CHUNK_HEADER */
export const chunkHeader = 0x10;
/** _HEAP_VS_CHUNK_FREE_HEADER, the least that a chunk has. */
export const leastChunk = 0x20;
/** The node of a free chunk. */
export const nodeOffset = 8;
const bitsOffset = 8;
const hasUnusedBytes = 0x100;

/** What headers are read and written with. */
type ChunkParts = Pick<HeapParts, 'memory' | 'trace' | 'keyLow' | 'keyHigh'>;

/** What a header says of its chunk; sizes in units of 16 bytes. */
export interface ChunkSizes {
  readonly size: number;
  /** Pages that it would need memory for. */
  readonly cost: number;
  readonly previous: number;
  readonly allocated: number;
}

/**
 * Headers of VS chunks: the sizes exclusive-or'ed with the key and the header's own address; in a chunk in use, how many
 * pages the subsegment begins in front of its page, encoded with the low bytes of both.
 */
export class VsChunks {
  readonly #parts: ChunkParts;

  constructor(parts: ChunkParts) {
    this.#parts = parts;
  }

  size(chunk: KernelAddress): number {
    return this.#low(chunk) >>> 16;
  }

  cost(chunk: KernelAddress): number {
    return this.#low(chunk) & 0xffff;
  }

  /** Size of the chunk in front; 0: there is none. */
  previous(chunk: KernelAddress): number {
    return this.#high(chunk) & 0xffff;
  }

  isFree(chunk: KernelAddress): boolean {
    return ((this.#high(chunk) >>> 16) & 0xff) === 0;
  }

  /**
   * By what free chunks are in order: the size, then what it would cost to give them memory. Holds while the heap's key
   * does.
   */
  keys(): (chunk: KernelAddress) => number {
    const { memory, trace, keyLow } = this.#parts;
    return (chunk) => {
      trace.at('vs-chunk', chunk);
      return (memory.readU32(chunk) ^ keyLow ^ (chunk | 0)) >>> 0;
    };
  }

  write(chunk: KernelAddress, { size, cost, previous, allocated }: ChunkSizes): void {
    const { memory, trace } = this.#parts;
    trace.at('vs-chunk', chunk);
    memory.writeU32(chunk, this.#codeLow(chunk) ^ ((size << 16) | cost));
    memory.writeU32(chunk + 4, this.#codeHigh(chunk) ^ ((allocated << 16) | previous));
  }

  setPrevious(chunk: KernelAddress, previous: number): void {
    const high = (this.#high(chunk) & ~0xffff) | previous;
    this.#parts.memory.writeU32(chunk + 4, this.#codeHigh(chunk) ^ high);
  }

  setFree(chunk: KernelAddress): void {
    const high = this.#high(chunk) & ~0xff_0000;
    this.#parts.memory.writeU32(chunk + 4, this.#codeHigh(chunk) ^ high);
  }

  /** The start of the subsegment of a chunk in use, by its header. */
  subsegment(chunk: KernelAddress): KernelAddress {
    const { memory, trace, keyLow } = this.#parts;
    trace.at('vs-chunk', chunk, bitsOffset);
    const pages = memory.readU8(chunk + bitsOffset) ^ (chunk & 0xff) ^ (keyLow & 0xff);
    return (pageNumberOf(chunk) - pages) * pageSize;
  }

  /** `unused`: bytes at the end of the chunk that belong to nobody. */
  setSubsegment(chunk: KernelAddress, subsegment: KernelAddress, unused: number): void {
    const { memory, keyLow } = this.#parts;
    const pages = pageNumberOf(chunk) - subsegment / pageSize;
    const encoded = (pages ^ chunk ^ keyLow) & 0xff;
    memory.writeU32(chunk + bitsOffset, encoded | (unused === 0 ? 0 : hasUnusedBytes));
    if (unused !== 0) memory.writeU16(chunk + this.size(chunk) * chunkUnit - 2, unused);
  }

  /** UnsafeSize above MemoryCost. */
  #low(chunk: KernelAddress): number {
    const { memory, trace } = this.#parts;
    trace.at('vs-chunk', chunk);
    return memory.readU32(chunk) ^ this.#codeLow(chunk);
  }

  /** Allocated above UnsafePrevSize. The header is read as a whole: what fails is its first byte. */
  #high(chunk: KernelAddress): number {
    const { memory, trace } = this.#parts;
    trace.at('vs-chunk', chunk);
    const at = offsetInPage(chunk) + 4;
    const page = memory.page(chunk);
    const stored = at <= pageSize - 4 ? readU32(page, at) : memory.readU32(chunk + 4);
    return stored ^ this.#codeHigh(chunk);
  }

  #codeLow(chunk: KernelAddress): number {
    return this.#parts.keyLow ^ (chunk | 0);
  }

  #codeHigh(chunk: KernelAddress): number {
    return this.#parts.keyHigh ^ Math.floor(chunk / 0x1_0000_0000);
  }
}

/** Where the body of a chunk begins: behind its header, and where that would be the last unit of a page, on the next page. */
export const bodyOf = (chunk: KernelAddress): KernelAddress =>
  ((chunk + chunkHeader) & 0xfff) === 0xff0 ? chunk + 2 * chunkHeader : chunk + chunkHeader;

/** The chunk of a body: one that begins a page has its header in the page before. */
export const chunkOf = (body: KernelAddress): KernelAddress =>
  (body & 0xfff) === 0 ? body - 2 * chunkHeader : body - chunkHeader;
