import { assert } from '../base/index.ts';
import { BlockSlots } from './block-slots.ts';
import type { ByteSource } from './byte-source.ts';

/** How much of a file is read at once, and kept. */
export interface BlockCacheOptions {
  /** Bytes in a block: a power of two of at least 4096. Small where a read is cheap (a file), large where it is not (a Blob). */
  readonly blockSize?: number;
  /** Most bytes kept; memory is taken as blocks come in. */
  readonly capacity?: number;
  /** Most bytes fetched at once when reads run on sequentially. */
  readonly readAhead?: number;
}

/** Blocks of this size are for sources whose reads cost little more than a call. */
const smallestBlock = 4096;

/** Single words on their way from the source. */
const word = new Uint8Array(8);
const halfWord = word.subarray(0, 4);
const wordView = new DataView(word.buffer);

/** Blocks that pass through first: this many, but no more than a third of them all. */
const ringBlocks = 512;

/**
 * A block cache over a ByteSource, with read-ahead that doubles while misses run on sequentially. Opening costs the
 * same for every file size: memory is taken by what was read.
 */
export class BlockCache implements ByteSource {
  readonly size: number;
  readonly blockSize: number;
  readonly #source: ByteSource;
  readonly #slots: BlockSlots;
  readonly #perBlock: number;
  readonly #blocks: number;
  readonly #maxAhead: number;
  /** Where the running stream of misses will continue, and how many blocks it fetched last. */
  #nextMiss = -1;
  #ahead = 1;
  /** The last miss outside the stream: the block after it starts a new one. */
  #lastMiss = -2;

  constructor(source: ByteSource, options: BlockCacheOptions = {}) {
    this.blockSize = options.blockSize ?? smallestBlock;
    assert(
      this.blockSize >= smallestBlock && Number.isInteger(Math.log2(this.blockSize)),
      'block size is a power of two',
    );
    this.#source = source;
    this.size = source.size;
    this.#perBlock = 1 / this.blockSize;
    this.#blocks = Math.ceil(this.size / this.blockSize);
    this.#maxAhead = Math.max(1, Math.floor((options.readAhead ?? 1 << 19) / this.blockSize));
    const wanted = Math.max(this.#maxAhead + 1, Math.floor((options.capacity ?? 192 << 20) / this.blockSize));
    const ring = Math.max(this.#maxAhead + 1, Math.min(ringBlocks, Math.floor(wanted / 3)));
    this.#slots = new BlockSlots(this.blockSize, Math.max(1, Math.min(wanted, this.#blocks)), ring);
  }

  readInto(offset: number, target: Uint8Array): number {
    if (offset < 0 || offset >= this.size) return 0;
    if (target.length >= this.#maxAhead * this.blockSize) return this.#source.readInto(offset, target);
    const count = Math.min(target.length, this.size - offset);
    let done = 0;
    while (done < count) {
      const part = this.#readPart(offset + done, target, done, count - done);
      if (part <= 0) break;
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
    const block = Math.floor(offset * this.#perBlock);
    const within = offset - block * this.blockSize;
    if (within > this.blockSize - 8 || offset < 0 || offset + 8 > this.size)
      return this.#readU64Across(offset);
    const slot = this.#slotOf(block);
    if (slot < 0) return this.#source.readInto(offset, word) < 8 ? undefined : wordView.getBigUint64(0, true);
    if (within + 8 > this.#slots.lengthOf(slot)) return undefined;
    return this.#slots.viewOf(slot).getBigUint64(this.#slots.offsetOf(slot) + within, true);
  }

  /** The u32 at `offset`, or -1 where the file ends before it. */
  readU32(offset: number): number {
    const block = Math.floor(offset * this.#perBlock);
    const within = offset - block * this.blockSize;
    if (within > this.blockSize - 4 || offset < 0 || offset + 4 > this.size)
      return this.#readU32Across(offset);
    const slot = this.#slotOf(block);
    if (slot < 0) return this.#source.readInto(offset, halfWord) < 4 ? -1 : wordView.getUint32(0, true);
    if (within + 4 > this.#slots.lengthOf(slot)) return -1;
    return this.#slots.viewOf(slot).getUint32(this.#slots.offsetOf(slot) + within, true);
  }

  #readU64Across(offset: number): bigint | undefined {
    const bytes = this.read(offset, 8);
    return bytes.length < 8 ? undefined : new DataView(bytes.buffer).getBigUint64(0, true);
  }

  #readU32Across(offset: number): number {
    const bytes = this.read(offset, 4);
    return bytes.length < 4 ? -1 : new DataView(bytes.buffer).getUint32(0, true);
  }

  /** Copies up to the end of one block to `target`; returns how many bytes there were. */
  #readPart(offset: number, target: Uint8Array, at: number, most: number): number {
    const block = Math.floor(offset * this.#perBlock);
    const within = offset - block * this.blockSize;
    let slot = this.#slots.find(block);
    if (slot < 0) {
      const wanted = this.#wantedFrom(block);
      const isWhole = wanted === 1 && within === 0 && most >= this.blockSize;
      if (isWhole && !this.#slots.wasRead(block)) return this.#passThrough(block, target, at);
      slot = this.#fetch(block, wanted);
    }
    const part = Math.min(most, this.#slots.lengthOf(slot) - within);
    if (part > 0) target.set(this.#slots.bytesOf(slot, within, part), at);
    return part;
  }

  /** A whole block goes straight to its reader the first time. */
  #passThrough(block: number, target: Uint8Array, at: number): number {
    this.#slots.noteRead(block);
    return this.#source.readInto(block * this.blockSize, target.subarray(at, at + this.blockSize));
  }

  /** Slot of a block; -1 for the first word read in it where reads are cheap, which is read alone: most are the last. */
  #slotOf(block: number): number {
    const slot = this.#slots.find(block);
    if (slot >= 0) return slot;
    const wanted = this.#wantedFrom(block);
    if (wanted > 1 || this.blockSize > smallestBlock || this.#slots.wasRead(block))
      return this.#fetch(block, wanted);
    this.#slots.noteRead(block);
    return -1;
  }

  #fetch(block: number, wanted: number): number {
    return wanted === 1 ? this.#fetchOne(block) : this.#fetchRun(block, this.#slots.runLength(wanted));
  }

  /** Nothing is entered when the source throws. */
  #fetchOne(block: number): number {
    const slot = this.#slots.claimOne(block);
    const length = this.#source.readInto(block * this.blockSize, this.#slots.blockAt(slot));
    this.#slots.enter(slot, block, length);
    return slot;
  }

  #fetchRun(block: number, count: number): number {
    const slot = this.#slots.claimRun(count);
    this.#nextMiss = block + count;
    const bytes = this.#slots.bytesOf(slot, 0, count * this.blockSize);
    const got = this.#source.readInto(block * this.blockSize, bytes);
    for (let i = 0; i < count; i++) {
      const length = Math.min(Math.max(0, got - i * this.blockSize), this.blockSize);
      this.#slots.enter(slot + i, block + i, length);
    }
    return slot;
  }

  /** How many blocks to fetch for a miss: one, or up to the next cached block while misses run on. */
  #wantedFrom(block: number): number {
    const isStream = block === this.#nextMiss;
    if (!isStream && block !== this.#lastMiss + 1) {
      this.#lastMiss = block;
      return 1;
    }
    this.#ahead = Math.min(isStream ? this.#ahead * 2 : 2, this.#maxAhead);
    const end = Math.min(block + this.#ahead, this.#blocks);
    let count = 1;
    while (block + count < end && !this.#slots.holds(block + count)) count++;
    return count;
  }
}
