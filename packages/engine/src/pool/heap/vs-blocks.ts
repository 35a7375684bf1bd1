import { readU16, type Va } from '../../base/index.ts';
import type { PoolFormat } from '../format.ts';
import { decodeHeader, type PoolHeader, tagText } from '../header.ts';
import type { PageBytes } from '../page-bytes.ts';
import { findAlignedHeader } from './aligned-header.ts';
import { headerBitErrors } from './header-bit-errors.ts';
import type { HeapBitError, HeapBlock, HeapProblem, VsChunk } from './heap-block.ts';
import { brokenHeaderRules, decodeHeapType, type HeaderLimits } from './heap-header.ts';
import { type VsBytes, vsPage } from './vs-bytes.ts';
import { blockOffset, vsUnit } from './vs-code.ts';

/** Bytes of the largest block with a POOL_HEADER: BlockSize has 8 bits. */
const mostWithHeader = 0xff0;

/** What blocks are read with. */
export interface VsBlockReading {
  readonly format: PoolFormat;
  /** Is the heap paged? */
  readonly paged: boolean | undefined;
  /** nt!ExpPoolQuotaCookie, where it is known: proves second headers. */
  readonly cookie: bigint | undefined;
  /** A page that was read already. */
  readonly page?: PageBytes;
  /** Blocks that lists keep, each with where, as half a sentence. */
  readonly kept: ReadonlyMap<Va, string>;
}

/** The block of a chunk with what is wrong with its POOL_HEADER. */
export interface ReadVsBlock {
  readonly block: HeapBlock;
  readonly problems: readonly HeapProblem[];
  readonly bitErrors: readonly HeapBitError[];
  /** Is its POOL_HEADER not in the dump, which would tell its tag? */
  readonly lacksHeader: boolean;
}

/** The block of a chunk of a subsegment; `size`: bytes of the chunk, where its own header is not to be believed. */
export function vsBlock(
  sub: VsBytes,
  chunk: VsChunk,
  reading: VsBlockReading,
  size = chunk.size,
): ReadVsBlock {
  if (chunk.allocated === 0)
    return { block: freeBlock(chunk, size), problems: [], bitErrors: [], lacksHeader: false };
  return new BlockReader(sub, chunk, reading, size).read();
}

const nothing = {
  allocator: 'vs',
  tag: undefined,
  tagValue: undefined,
  header: undefined,
  data: undefined,
  slot: undefined,
  requested: undefined,
  cachedIn: undefined,
} as const;

const freeBlock = (chunk: VsChunk, size: number): HeapBlock => ({
  ...nothing,
  address: chunk.address,
  size,
  state: 'free',
  chunk,
});

class BlockReader {
  readonly #sub: VsBytes;
  readonly #chunk: VsChunk;
  readonly #reading: VsBlockReading;
  /** Offset of the block in the subsegment. */
  readonly #at: number;
  readonly #space: number;

  constructor(sub: VsBytes, chunk: VsChunk, reading: VsBlockReading, size: number) {
    this.#sub = sub;
    this.#chunk = chunk;
    this.#reading = reading;
    const offset = Number(chunk.address - sub.address);
    this.#at = blockOffset(offset);
    this.#space = Math.max(0, offset + size - this.#at);
  }

  read(): ReadVsBlock {
    const unused = this.#unused();
    const given = unused === undefined ? undefined : this.#space - unused;
    const header = this.#header();
    const hasHeader = this.#hasHeader(given, header);
    const base = this.#block(unused, hasHeader ? header : undefined, hasHeader);
    if (!hasHeader || header === undefined || this.#chunk.allocated > 1)
      return { block: base, problems: [], bitErrors: [], lacksHeader: hasHeader && header === undefined };
    const limits = this.#limits(given, header);
    const rules = brokenHeaderRules(header, limits);
    const problems = rules.map((rule): HeapProblem => {
      if (rule === 'header-size' && limits.size !== undefined)
        return { rule, at: base.address, found: BigInt(header.size), expected: BigInt(limits.size) };
      if (rule === 'header-previous-size')
        return { rule, at: base.address, found: BigInt(header.previousSize), expected: 0n };
      return { rule, at: base.address, found: BigInt(header.type) };
    });
    const bitErrors =
      problems.length === 0
        ? []
        : headerBitErrors(this.#page(), this.#reading.format, this.#at & 0xfff, limits);
    return { block: base, problems, bitErrors, lacksHeader: false };
  }

  #block(unused: number | undefined, header: PoolHeader | undefined, hasHeader: boolean): HeapBlock {
    const address = this.#sub.address + BigInt(this.#at);
    const kept = this.#keptIn(address);
    const recorded = this.#chunk.hasUnusedBytes && unused !== undefined ? this.#space - unused : undefined;
    const requested = recorded === undefined ? undefined : recorded - (hasHeader ? vsUnit : 0);
    return {
      ...nothing,
      address,
      size: this.#space,
      state: this.#chunk.allocated > 1 ? 'unknown' : kept === undefined ? 'allocated' : 'cached',
      tag: header === undefined ? undefined : tagText(header.tag),
      tagValue: header?.tag,
      header,
      data: hasHeader ? this.#data(address, header) : address,
      chunk: this.#chunk,
      requested: requested !== undefined && requested >= 0 ? requested : undefined,
      cachedIn: kept,
    };
  }

  /** Lists link the chunk or the user's bytes, and these may begin behind a second header. */
  #keptIn(address: Va): string | undefined {
    const { kept } = this.#reading;
    if (kept.size === 0) return undefined;
    // A small block ends before some of these: what is there is its neighbour's.
    const end = address + BigInt(this.#space);
    for (const at of [
      this.#chunk.address,
      address,
      address + 0x10n,
      address + 0x20n,
      address + 0x30n,
      address + 0x40n,
    ]) {
      if (at >= end) return undefined;
      const where = kept.get(at);
      if (where !== undefined) return where;
    }
    return undefined;
  }

  #data(address: Va, header: PoolHeader | undefined): Va {
    const aligned =
      header === undefined || !decodeHeapType(header.type).isValid
        ? undefined
        : findAlignedHeader(this.#page(), this.#reading.format, this.#at & 0xfff, this.#reading.cookie);
    return (aligned?.address ?? address) + BigInt(vsUnit);
  }

  #header(): PoolHeader | undefined {
    const isThere = this.#space >= vsUnit && this.#sub.present[this.#at / vsUnit] === 1;
    return isThere ? decodeHeader(this.#sub.bytes, this.#at, this.#reading.format) : undefined;
  }

  /** What is larger than a POOL_HEADER can count, and begins a page, has none: requests of more than 0xFE0 bytes. */
  #hasHeader(given: number | undefined, header: PoolHeader | undefined): boolean {
    if ((this.#at & 0xfff) !== 0) return true;
    if (given !== undefined && given !== mostWithHeader) return given < mostWithHeader;
    if (given === undefined && this.#space < mostWithHeader) return true;
    // Either is possible: the header itself tells.
    return header === undefined || brokenHeaderRules(header, this.#limits(given, header)).length === 0;
  }

  #limits(given: number | undefined, { size }: PoolHeader): HeaderLimits {
    const { paged } = this.#reading;
    if (given === undefined) return { size: size > this.#space ? this.#space : undefined, paged };
    // What remains of a chunk that is split can be too small for another.
    const isClose = this.#chunk.hasUnusedBytes && size <= given && size >= given - vsUnit;
    return { size: isClose ? size : given, paged };
  }

  /** Bytes at the end of the chunk that nobody asked for; undefined where they are counted in memory that is missing. */
  #unused(): number | undefined {
    if (!this.#chunk.hasUnusedBytes) return 0;
    const last = this.#at + this.#space - 2;
    if (this.#space < 2 || this.#sub.present[last >> 4] !== 1) return undefined;
    const info = readU16(this.#sub.bytes, last);
    const unused = (info & oneByteUnused) === 0 ? info & unusedMask : 1;
    return unused <= this.#space ? unused : undefined;
  }

  /** The page that the block begins in: its header never crosses one. */
  #page() {
    const { page } = this.#reading;
    const address = this.#sub.address + BigInt(this.#at & ~0xfff);
    return page?.address === address ? page : vsPage(this.#sub, this.#at >> 12);
  }
}

/** _HEAP_VS_UNUSED_BYTES_INFO. */
const oneByteUnused = 0x8000;
const unusedMask = 0x1fff;
