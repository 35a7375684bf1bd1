import { readU32, type Va, wrap64 } from '../../base/index.ts';
import type { VsChunk } from './heap-block.ts';

/** Sizes of chunks are counted in units of 16 bytes. */
export const vsUnit = 16;
/** _HEAP_VS_CHUNK_HEADER. */
export const vsHeader = 0x10;
/** Of a subsegment: where its first chunk is. */
export const firstChunk = 0x30;
/** A free chunk has a header and a node of the tree in it: 0x20 bytes, the least of all. */
export const leastUnits = 2;
/** (Size ^ Signature) of a subsegment, in 15 bits. Source: MemProcFS, PoolViewer, win-kexp. */
export const subsegmentSecret = 0x2bed;
/** AllocatedChunkBits.UnusedBytes */
const unusedBytesBit = 0x100;

/** The heap key in two halves: what headers of chunks are encoded with, each besides its own address. */
export class VsCode {
  readonly low: number;
  readonly high: number;

  constructor(heapKey: bigint) {
    this.low = Number(heapKey & 0xffff_ffffn);
    this.high = Number((heapKey >> 32n) & 0xffff_ffffn);
  }

  /** The header at an index of bytes, 16 of which are there. */
  decode(bytes: Uint8Array, at: number, address: Va): VsChunk {
    const [storedLow, storedHigh] = [readU32(bytes, at), readU32(bytes, at + 4)];
    const low = storedLow ^ this.low ^ Number(address & 0xffff_ffffn);
    const high = storedHigh ^ this.high ^ Number((address >> 32n) & 0xffff_ffffn);
    const allocated = (high >>> 16) & 0xff;
    const bits = readU32(bytes, at + 8);
    return {
      address,
      size: (low >>> 16) * vsUnit,
      previousSize: (high & 0xffff) * vsUnit,
      allocated,
      memoryCost: low & 0xffff,
      pageOffset: allocated === 0 ? undefined : this.pageOffset(bits & 0xff, Number(address & 0xffn)),
      hasUnusedBytes: allocated !== 0 && (bits & unusedBytesBit) !== 0,
      stored: (BigInt(storedHigh) << 32n) | BigInt(storedLow),
    };
  }

  /** EncodedSegmentPageOffset without its encoding. */
  pageOffset(stored: number, address: number): number {
    return (stored ^ this.low ^ address) & 0xff;
  }
}

/** Where a chunk in use says that its subsegment begins. */
export const subsegmentOf = ({
  address,
  pageOffset,
}: Pick<VsChunk, 'address' | 'pageOffset'>): Va | undefined =>
  pageOffset === undefined ? undefined : wrap64((address & ~0xfffn) - BigInt(pageOffset) * 0x1000n);

/** Do size and signature of a subsegment fit? */
export const isSubsegment = (size: number, signature: number): boolean =>
  ((size ^ signature) & 0x7fff) === subsegmentSecret;

/**
 * Where the block of a chunk begins: behind its header; a block has no place for a header of its own in the last 16 bytes of a page
 * and begins on the next one.
 */
export const blockOffset = (chunkAt: number): number =>
  ((chunkAt + vsHeader) & 0xfff) === 0xff0 ? chunkAt + 2 * vsHeader : chunkAt + vsHeader;

const isLink = (low: number, high: number): boolean =>
  high >= 0xffff_8000 ? (low & 0xf) === 8 : high === 0 && low === 0;

/**
 * Can what is behind the sizes of a chunk be the node of a free one: two children and a parent that are nodes of chunks, or none? `place`
 * is the index of the chunk's first word. Where they lead is not looked at.
 */
export const hasLinks = (words: Uint32Array, place: number): boolean =>
  isLink(words[place + 2]!, words[place + 3]!) &&
  isLink(words[place + 4]!, words[place + 5]!) &&
  isLink((words[place + 6]! & ~3) >>> 0, words[place + 7]!);
