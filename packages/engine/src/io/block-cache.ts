import { assert } from '../base/index.ts';
import type { ByteSource } from './byte-source.ts';

export interface BlockCacheOptions {
  /** Bytes in a block: a power of two of at least 4096. Small where a read is cheap (a file), large where it is not (a Blob). */
  readonly blockSize?: number;
  /** Most bytes kept; memory is taken as blocks come in. */
  readonly capacity?: number;
  /** Most bytes fetched at once when reads run on sequentially. */
  readonly readAhead?: number;
}

const blocksPerSegment = 64;
const directoryShift = 10;
const directoryMask = (1 << directoryShift) - 1;

/**
 * A block cache over a ByteSource: second-chance eviction, and read-ahead that doubles while misses
 * run on sequentially. Opening costs the same for every file size: memory is taken by what was read.
 */
export class BlockCache implements ByteSource {
  readonly size: number;
  readonly blockSize: number;
  readonly #source: ByteSource;
  readonly #shift: number;
  readonly #mask: number;
  readonly #maxAhead: number;
  readonly #slots: number;
  /** Block number -> slot + 1, in lazily made leaves of 1024 blocks. */
  readonly #directory: (Int32Array | undefined)[] = [];
  readonly #segments: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  readonly #blockOf: Float64Array;
  readonly #length: Int32Array;
  readonly #used: Uint8Array;
  #filled = 0;
  #hand = 0;
  #nextMiss = -1;
  #ahead = 1;

  constructor(source: ByteSource, options: BlockCacheOptions = {}) {
    this.blockSize = options.blockSize ?? 4096;
    assert(this.blockSize >= 4096 && Number.isInteger(Math.log2(this.blockSize)), 'block size is a power of two');
    this.#source = source;
    this.size = source.size;
    this.#shift = Math.log2(this.blockSize);
    this.#mask = this.blockSize - 1;
    this.#maxAhead = Math.max(1, Math.floor((options.readAhead ?? 1 << 19) / this.blockSize));
    const wanted = Math.max(this.#maxAhead + 1, Math.floor((options.capacity ?? 192 << 20) / this.blockSize));
    this.#slots = Math.min(wanted, Math.max(1, Math.ceil(this.size / this.blockSize)));
    this.#blockOf = new Float64Array(this.#slots);
    this.#length = new Int32Array(this.#slots);
    this.#used = new Uint8Array(this.#slots);
  }

  readInto(offset: number, target: Uint8Array): number {
    if (offset < 0 || offset >= this.size) return 0;
    if (target.length >= this.#maxAhead * this.blockSize) return this.#source.readInto(offset, target);
    const count = Math.min(target.length, this.size - offset);
    let done = 0;
    while (done < count) {
      const slot = this.#slotOf(Math.floor((offset + done) / this.blockSize));
      const within = (offset + done) % this.blockSize;
      const part = Math.min(count - done, this.#length[slot]! - within);
      if (part <= 0) break;
      const from = (slot % blocksPerSegment) * this.blockSize + within;
      target.set(this.#segments[Math.floor(slot / blocksPerSegment)]!.subarray(from, from + part), done);
      done += part;
    }
    return done;
  }

  /** A new array with the bytes that exist in [offset, offset + length). */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    const count = this.readInto(offset, bytes);
    return count === bytes.length ? bytes : bytes.subarray(0, count);
  }

  /** The u64 at `offset`, or undefined where the file ends before it. */
  readU64(offset: number): bigint | undefined {
    const within = offset % this.blockSize;
    if (offset >= 0 && offset + 8 <= this.size && within <= this.blockSize - 8) {
      const slot = this.#slotOf((offset - within) / this.blockSize);
      if (within + 8 > this.#length[slot]!) return undefined;
      const at = (slot % blocksPerSegment) * this.blockSize + within;
      return this.#views[Math.floor(slot / blocksPerSegment)]!.getBigUint64(at, true);
    }
    const bytes = this.read(offset, 8);
    return bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  }

  /** The u32 at `offset`, or -1 where the file ends before it. */
  readU32(offset: number): number {
    const within = offset % this.blockSize;
    if (offset < 0 || offset + 4 > this.size) return -1;
    if (within > this.blockSize - 4) {
      const bytes = this.read(offset, 4);
      return bytes.length < 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    }
    const slot = this.#slotOf((offset - within) / this.blockSize);
    if (within + 4 > this.#length[slot]!) return -1;
    const at = (slot % blocksPerSegment) * this.blockSize + within;
    return this.#views[Math.floor(slot / blocksPerSegment)]!.getUint32(at, true);
  }

  #slotOf(block: number): number {
    const leaf = this.#directory[block >> directoryShift];
    const known = leaf === undefined ? 0 : leaf[block & directoryMask]!;
    if (known === 0) return this.#fetch(block);
    this.#used[known - 1] = 1;
    return known - 1;
  }

  #fetch(block: number): number {
    this.#ahead = block === this.#nextMiss ? Math.min(this.#ahead * 2, this.#maxAhead) : 1;
    const last = Math.ceil(this.size / this.blockSize);
    const count = Math.min(this.#ahead, last - block);
    this.#nextMiss = block + count;
    if (count <= 1) return this.#fetchOne(block);
    const bytes = new Uint8Array(count * this.blockSize);
    const got = this.#source.readInto(block * this.blockSize, bytes);
    for (let i = count - 1; i > 0; i--) {
      const part = bytes.subarray(i * this.blockSize, Math.max(i * this.blockSize, Math.min(got, (i + 1) * this.blockSize)));
      if (this.#isCached(block + i)) continue;
      const slot = this.#claim(block + i);
      this.#bytesOf(slot).set(part);
      this.#length[slot] = part.length;
      this.#used[slot] = 1;
    }
    const slot = this.#claim(block);
    const first = bytes.subarray(0, Math.min(got, this.blockSize));
    this.#bytesOf(slot).set(first);
    this.#length[slot] = first.length;
    return slot;
  }

  #fetchOne(block: number): number {
    const slot = this.#claim(block);
    this.#length[slot] = 0;
    this.#length[slot] = this.#source.readInto(block * this.blockSize, this.#bytesOf(slot));
    return slot;
  }

  #isCached(block: number): boolean {
    const leaf = this.#directory[block >> directoryShift];
    return leaf !== undefined && leaf[block & directoryMask] !== 0;
  }

  #bytesOf(slot: number): Uint8Array {
    const at = (slot % blocksPerSegment) * this.blockSize;
    return this.#segments[Math.floor(slot / blocksPerSegment)]!.subarray(at, at + this.blockSize);
  }

  /** A free or evicted slot, entered in the directory for `block`. */
  #claim(block: number): number {
    const slot = this.#filled < this.#slots ? this.#grow() : this.#evict();
    this.#blockOf[slot] = block;
    const index = block >> directoryShift;
    let leaf = this.#directory[index];
    if (leaf === undefined) {
      leaf = new Int32Array(1 << directoryShift);
      this.#directory[index] = leaf;
    }
    leaf[block & directoryMask] = slot + 1;
    return slot;
  }

  #grow(): number {
    if (this.#filled % blocksPerSegment === 0) {
      const blocks = Math.min(blocksPerSegment, this.#slots - this.#filled);
      const segment = new Uint8Array(blocks * this.blockSize);
      this.#segments.push(segment);
      this.#views.push(new DataView(segment.buffer));
    }
    return this.#filled++;
  }

  #evict(): number {
    while (this.#used[this.#hand] !== 0) {
      this.#used[this.#hand] = 0;
      this.#hand = (this.#hand + 1) % this.#slots;
    }
    const slot = this.#hand;
    this.#hand = (this.#hand + 1) % this.#slots;
    const block = this.#blockOf[slot]!;
    const leaf = this.#directory[block >> directoryShift];
    if (leaf !== undefined) leaf[block & directoryMask] = 0;
    return slot;
  }
}
