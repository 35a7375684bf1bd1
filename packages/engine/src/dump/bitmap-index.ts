import type { Pfn } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';
import type { PageIndex } from './physical-memory.ts';

/** Bits in one piece of the bitmap: 4 KB of file, 128 MB of memory. */
const pieceBits = 1 << 15;
/** Bits between two entries of the rank table inside a piece. */
const stepBits = 512;

interface Piece {
  readonly words: Uint32Array;
  /** Set bits of this piece before each step. */
  readonly ranks: Uint16Array;
  readonly total: number;
}

/** Bits after which `runs` gives what it has: 8 GB of memory, some milliseconds. */
const patience = 1 << 21;

/** Pieces kept: 8 MB of bitmap, 256 GB of memory. Others are read again when they are needed. */
const keptPieces = 2048;

/**
 * Page index of bitmap dumps: the file offset of a page is the first page's offset plus a page for each set bit
 * below it. Rank tables are built piece by piece as pages are asked for, so opening reads none of the bitmap.
 */
export class BitmapIndex implements PageIndex {
  readonly pageCount: number;
  readonly limit: number;
  readonly #file: BlockCache;
  readonly #bitmapAt: number;
  readonly #firstPageAt: number;
  readonly #pieces = new Map<number, Piece>();
  /** Set bits of all pieces before piece i; as long as pieces have been counted. */
  readonly #before: number[] = [0];

  /** `bits`: length of the bitmap, already checked against the file; `pageCount`: what the container claims. */
  constructor(file: BlockCache, bitmapAt: number, bits: number, firstPageAt: number, pageCount: number) {
    this.#file = file;
    this.#bitmapAt = bitmapAt;
    this.limit = bits;
    this.#firstPageAt = firstPageAt;
    this.pageCount = pageCount;
  }

  offsetOf(pfn: Pfn): number {
    if (pfn < 0 || pfn >= this.limit) return -1;
    const index = Math.floor(pfn / pieceBits);
    const piece = this.#pieceAt(index);
    const bit = pfn % pieceBits;
    const word = bit >>> 5;
    const value = piece.words[word]!;
    if (((value >>> (bit & 31)) & 1) === 0) return -1;
    let rank = this.#rankBefore(index) + piece.ranks[Math.floor(bit / stepBits)]!;
    for (let w = Math.floor(bit / stepBits) * (stepBits / 32); w < word; w++)
      rank += popcount(piece.words[w]!);
    rank += popcount(value & ((1 << (bit & 31)) - 1));
    return this.#firstPageAt + rank * 4096;
  }

  *runs(): Iterable<{ base: Pfn; count: number }> {
    let base = 0;
    let count = 0;
    for (let pfn = 0; pfn < this.limit; ) {
      if (pfn % patience === 0 && pfn > 0) {
        yield { base: count > 0 ? base : pfn, count };
        count = 0;
      }
      const word = this.#pieceAt(Math.floor(pfn / pieceBits)).words[(pfn % pieceBits) >>> 5]!;
      const uniform = word === 0 || word === 0xffff_ffff;
      const step = pfn % 32 === 0 && uniform ? Math.min(32, this.limit - pfn) : 1;
      if (((word >>> (pfn & 31)) & 1) !== 0) {
        if (count === 0) base = pfn;
        count += step;
      } else if (count > 0) {
        yield { base, count };
        count = 0;
      }
      pfn += step;
    }
    if (count > 0) yield { base, count };
  }

  /** Set bits of the whole bitmap: reads all of it. */
  countBits(): number {
    return this.#rankBefore(Math.ceil(this.limit / pieceBits));
  }

  #rankBefore(index: number): number {
    for (let next = this.#before.length - 1; next < index; next++) {
      this.#before.push(this.#before[next]! + this.#pieceAt(next).total);
    }
    return this.#before[index]!;
  }

  #pieceAt(index: number): Piece {
    let piece = this.#pieces.get(index);
    if (piece === undefined) {
      piece = this.#readPiece(index);
      if (this.#pieces.size >= keptPieces) this.#pieces.clear();
      this.#pieces.set(index, piece);
    }
    return piece;
  }

  #readPiece(index: number): Piece {
    const bits = Math.min(pieceBits, this.limit - index * pieceBits);
    const bytes = new Uint8Array(pieceBits / 8);
    this.#file.readInto(this.#bitmapAt + (index * pieceBits) / 8, bytes.subarray(0, Math.ceil(bits / 8)));
    if (bits % 8 !== 0) bytes[bits >>> 3]! &= (1 << (bits % 8)) - 1;
    const words = new Uint32Array(bytes.buffer);
    const ranks = new Uint16Array(pieceBits / stepBits);
    let total = 0;
    for (let word = 0; word < words.length; word++) {
      if (word % (stepBits / 32) === 0) ranks[word / (stepBits / 32)] = total;
      total += popcount(words[word]!);
    }
    return { words, ranks, total };
  }
}

function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return (((x + (x >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
