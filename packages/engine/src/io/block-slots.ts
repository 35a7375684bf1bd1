const leafShift = 12;
const leafMask = (1 << leafShift) - 1;
/** Memory is taken in pieces of this size, or of one block where that is more. */
const segmentBytes = 1 << 19;

/** Marks of a block, two bits each. */
const unknown = 0;
const readBefore = 1;
const held = 2;
const heldBits = 0xaaaa_aaaa;
const markLeafShift = 16;
const markLeafMask = (1 << markLeafShift) - 1;

/**
 * Where the blocks of a BlockCache live, and which give way (2Q, after Johnson and Shasha). Blocks are read into a
 * small ring, first in, first out; one that is missed again soon after it left goes into the rest of the memory, kept
 * by second chance. So one pass over a large file displaces nothing that is used repeatedly and takes little memory,
 * and a run of blocks lands in one piece.
 */
export class BlockSlots {
  readonly #blockSize: number;
  readonly #slots: number;
  readonly #ringSlots: number;
  readonly #segmentShift: number;
  /** Is a block held, was it read before? So small that the first look at a block stays in the processor's cache. */
  readonly #marks: (Uint32Array | undefined)[] = [];
  /** Held block -> slot. */
  readonly #directory: (Int32Array | undefined)[] = [];
  /** Slot -> block + 1, 0 when empty. */
  readonly #blocks: Float64Array;
  readonly #lengths: Int32Array;
  readonly #used: Uint8Array;
  readonly #segments: (DataView<ArrayBuffer> | undefined)[] = [];
  readonly #ringViews: (Uint8Array | undefined)[] = [];
  #ringNext = 0;
  /** Blocks marked as read since the marks were last cleared. */
  #newlyRead = 0;
  #grown: number;
  #hand: number;
  #lastBlock = -1;
  #lastSlot = -1;

  constructor(blockSize: number, slots: number, ringSlots: number) {
    this.#blockSize = blockSize;
    this.#slots = slots;
    this.#ringSlots = Math.min(slots, ringSlots);
    this.#segmentShift = Math.max(0, Math.log2(segmentBytes / blockSize));
    this.#blocks = new Float64Array(slots);
    this.#lengths = new Int32Array(slots);
    this.#used = new Uint8Array(slots);
    this.#grown = this.#ringSlots;
    this.#hand = this.#ringSlots;
  }

  /** Slot of a block, or -1. */
  find(block: number): number {
    if (block === this.#lastBlock) return this.#lastSlot;
    if (this.#markOf(block) !== held) return -1;
    const slot = this.#directory[block >>> leafShift]![block & leafMask]!;
    this.#used[slot] = 1;
    this.#lastBlock = block;
    this.#lastSlot = slot;
    return slot;
  }

  holds(block: number): boolean {
    return this.#markOf(block) === held;
  }

  /** Was the block read before, as far as that is remembered? */
  wasRead(block: number): boolean {
    return this.#markOf(block) !== unknown;
  }

  /** Remembers that the block was read without being kept. */
  noteRead(block: number): void {
    this.#mark(block, readBefore);
  }

  /** Slot for a block read by itself: among the kept ones when it was read before. */
  claimOne(block: number): number {
    const isBack = this.#ringSlots < this.#slots && this.wasRead(block);
    return isBack ? this.#claimKept() : this.claimRun(1);
  }

  /** How many of the next `most` slots of the ring are one piece of memory: at least one. */
  runLength(most: number): number {
    const segmentEnd = ((this.#ringNext >>> this.#segmentShift) + 1) << this.#segmentShift;
    return Math.min(most, segmentEnd - this.#ringNext, this.#ringSlots - this.#ringNext);
  }

  /** The first of the next `count` slots of the ring, which `runLength` allows. */
  claimRun(count: number): number {
    const slot = this.#ringNext;
    for (let i = 0; i < count; i++) this.#release(slot + i);
    this.#ringNext = slot + count === this.#ringSlots ? 0 : slot + count;
    return slot;
  }

  /** A claimed slot now holds `length` bytes of `block`. */
  enter(slot: number, block: number, length: number): void {
    const index = block >>> leafShift;
    const leaf = this.#directory[index] ?? new Int32Array(1 << leafShift);
    this.#directory[index] = leaf;
    leaf[block & leafMask] = slot;
    this.#mark(block, held);
    this.#blocks[slot] = block + 1;
    this.#lengths[slot] = length;
  }

  lengthOf(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** The whole memory of a slot. */
  blockAt(slot: number): Uint8Array {
    if (slot >= this.#ringSlots) return this.bytesOf(slot, 0, this.#blockSize);
    const view = this.#ringViews[slot] ?? this.bytesOf(slot, 0, this.#blockSize);
    this.#ringViews[slot] = view;
    return view;
  }

  /** Memory from byte `at` of a slot on, which may run into the next slots of the same run. */
  bytesOf(slot: number, at: number, length: number): Uint8Array {
    return new Uint8Array(this.viewOf(slot).buffer, this.offsetOf(slot) + at, length);
  }

  /** Memory that holds a slot, at `offsetOf` it. */
  viewOf(slot: number): DataView<ArrayBuffer> {
    return this.#segments[slot >>> this.#segmentShift] ?? this.#addSegment(slot >>> this.#segmentShift);
  }

  offsetOf(slot: number): number {
    return (slot & ((1 << this.#segmentShift) - 1)) * this.#blockSize;
  }

  #markOf(block: number): number {
    const leaf = this.#marks[block >>> markLeafShift];
    if (leaf === undefined) return unknown;
    return (leaf[(block & markLeafMask) >>> 4]! >>> ((block & 15) * 2)) & 3;
  }

  #mark(block: number, mark: number): void {
    const index = block >>> markLeafShift;
    const leaf = this.#marks[index] ?? new Uint32Array((markLeafMask + 1) / 16);
    this.#marks[index] = leaf;
    const word = (block & markLeafMask) >>> 4;
    const shift = (block & 15) * 2;
    const before = leaf[word]!;
    leaf[word] = (before & ~(3 << shift)) | (mark << shift);
    if (((before >>> shift) & 3) === unknown && ++this.#newlyRead > this.#slots) this.#forget();
  }

  /** Forgets which blocks were read before: what was not missed again by now is not in use. */
  #forget(): void {
    this.#newlyRead = 0;
    for (const leaf of this.#marks) {
      if (leaf === undefined) continue;
      for (let word = 0; word < leaf.length; word++) leaf[word]! &= heldBits;
    }
  }

  #claimKept(): number {
    if (this.#grown < this.#slots) return this.#grown++;
    while (this.#used[this.#hand] !== 0) {
      this.#used[this.#hand] = 0;
      this.#advanceHand();
    }
    const slot = this.#hand;
    this.#advanceHand();
    this.#release(slot);
    return slot;
  }

  #advanceHand(): void {
    this.#hand = this.#hand + 1 === this.#slots ? this.#ringSlots : this.#hand + 1;
  }

  #release(slot: number): void {
    const block = this.#blocks[slot]! - 1;
    if (block < 0) return;
    this.#blocks[slot] = 0;
    this.#mark(block, readBefore);
    if (slot === this.#lastSlot) this.#lastBlock = -1;
  }

  #addSegment(index: number): DataView<ArrayBuffer> {
    const blocks = Math.min(1 << this.#segmentShift, this.#slots - (index << this.#segmentShift));
    const segment = new DataView(new ArrayBuffer(blocks * this.#blockSize));
    this.#segments[index] = segment;
    return segment;
  }
}
