import type { ByteSource } from '../io/index.ts';

const firstChunk = 4 << 10;
const largestChunk = 256 << 10;

/** The bytes of a range of a ByteSource one after another, fetched in chunks that double from 4 KB to 256 KB. */
export class SequentialReader {
  /** Bytes `at` to `length` of `chunk` are fetched and not yet consumed; whoever consumes them moves `at`. */
  chunk = new Uint8Array(firstChunk);
  at = 0;
  length = 0;
  readonly #source: ByteSource;
  #next = 0;
  #end = 0;
  #ahead = firstChunk;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Goes to `offset`; bytes from `end` on do not exist for the reads that follow. */
  seek(offset: number, end: number): void {
    this.#next = offset;
    this.#end = Math.min(end, this.#source.size);
    this.#ahead = firstChunk;
    this.at = 0;
    this.length = 0;
  }

  /** Offset in the source of the next byte to be consumed. */
  get position(): number {
    return this.#next - this.length + this.at;
  }

  /** Gives the last `count` consumed bytes back. */
  unread(count: number): void {
    if (count <= this.at) this.at -= count;
    else this.seek(this.position - count, this.#end);
  }

  /** The next byte, or -1 at the end of the range. */
  readByte(): number {
    if (this.at === this.length && !this.#fetch()) return -1;
    return this.chunk[this.at++]!;
  }

  /** The next `count` bytes, copied; fewer at the end of the range. For headers: `count` is ours or at most 64 K. */
  readBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const piece = this.readPiece(count - done);
      if (piece.length === 0) return bytes.subarray(0, done);
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }

  /** At most `limit` of the next bytes, as a view valid until the next call; empty at the end of the range. */
  readPiece(limit: number): Uint8Array {
    if (this.at === this.length && !this.#fetch()) return this.chunk.subarray(0, 0);
    const piece = this.chunk.subarray(this.at, Math.min(this.length, this.at + limit));
    this.at += piece.length;
    return piece;
  }

  #fetch(): boolean {
    const wanted = Math.min(this.#ahead, this.#end - this.#next);
    if (wanted <= 0) return false;
    if (this.chunk.length < wanted) this.chunk = new Uint8Array(this.#ahead);
    this.at = 0;
    this.length = this.#source.readInto(this.#next, this.chunk.subarray(0, wanted));
    this.#next += this.length;
    this.#ahead = Math.min(this.#ahead * 2, largestChunk);
    return this.length > 0;
  }
}
