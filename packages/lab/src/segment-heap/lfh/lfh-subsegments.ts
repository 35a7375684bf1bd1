import { pageSize } from '@poolscope/engine/base';
import type { KernelAddress } from '../../pool/kernel-address.ts';
import {
  bitmapWords,
  blocksPerWord,
  clearBitmap,
  freeMask,
  isBusy,
  nextFree,
  setBusy,
  setFree,
} from './block-bitmap.ts';
import { crossesPage, type LfhGeometry } from './lfh-geometry.ts';
import { type LfhHost, lfhFailure } from './lfh-host.ts';
import type { LfhRandom } from './lfh-random.ts';

/** LfhSubsegment.Location. Source: public notes; 1 also in a user-mode dump. */
export const lfhLocation = { available: 0, full: 1, unlisted: 2 } as const;

const disableRandomization = 2;

/**
 * _HEAP_LFH_SUBSEGMENT: pages with a header, then blocks of one size without headers of their own. Which of them are given
 * out is in a bitmap of the header; where they are is encoded with the key and the page number.
 */
export class LfhSubsegments {
  readonly #host: LfhHost;
  readonly #random: LfhRandom;

  constructor(host: LfhHost, random: LfhRandom) {
    this.#host = host;
    this.#random = random;
  }

  /** Makes zeroed pages a subsegment of an owner; blocks that cross a page are kept back by being busy. */
  initialize(at: KernelAddress, owner: KernelAddress, geometry: LfhGeometry): void {
    const { memory, layout } = this.#host;
    const { subsegment } = layout;
    const { blockCount, pages, first, blockSize, commitState } = geometry;
    clearBitmap(memory, at + subsegment.bitmap, blockCount);
    let withheld = 0;
    for (let index = 0; index < blockCount; index++) {
      if (!crossesPage(geometry, index)) continue;
      setBusy(memory, at + subsegment.bitmap, index);
      withheld++;
    }
    memory.writePointer(at + subsegment.owner, owner);
    memory.writeU16(at + subsegment.freeCount, blockCount - withheld);
    memory.writeU16(at + subsegment.blockCount, blockCount);
    memory.writeU8(at + subsegment.withheld, withheld);
    memory.writeU8(at + subsegment.location, lfhLocation.unlisted);
    memory.writeU32(at + subsegment.offsets, this.#encode(at, (blockSize | (first << 16)) >>> 0));
    memory.writeU8(at + subsegment.commitUnitShift, Math.log2(pageSize));
    memory.writeU8(at + subsegment.commitUnitCount, pages);
    memory.writeU16(at + subsegment.commitState, commitState);
    for (let unit = 0; unit < pages; unit++) memory.writeU16(at + commitState + 2 * unit, 1);
  }

  freeCount(at: KernelAddress): number {
    return this.#host.memory.readU16(at + this.#host.layout.subsegment.freeCount);
  }

  blockCount(at: KernelAddress): number {
    return this.#host.memory.readU16(at + this.#host.layout.subsegment.blockCount);
  }

  owner(at: KernelAddress): KernelAddress {
    return this.#host.memory.readPointer(at + this.#host.layout.subsegment.owner);
  }

  /** Is nothing of it given out? */
  isEmpty(at: KernelAddress): boolean {
    const withheld = this.#host.memory.readU8(at + this.#host.layout.subsegment.withheld);
    return this.freeCount(at) + withheld >= this.blockCount(at);
  }

  /** Gives out a block by chance; the count said that there is one. */
  take(context: KernelAddress, at: KernelAddress, bucketIndex: number): KernelAddress {
    const { memory, layout, trace } = this.#host;
    const { bitmap, freeHint, freeCount } = layout.subsegment;
    trace.at('lfh-subsegment', at, freeCount);
    const index = this.#choose(context, at, bucketIndex);
    setBusy(memory, at + bitmap, index);
    memory.writeU16(at + freeHint, index);
    memory.writeU16(at + freeCount, this.freeCount(at) - 1);
    const { blockSize, first } = this.offsets(at);
    return at + first + index * blockSize;
  }

  /** Takes a block back. A block that nobody has stops the machine. */
  giveBack(context: KernelAddress, at: KernelAddress, block: KernelAddress): void {
    const { memory, layout, trace } = this.#host;
    const { bitmap, freeCount } = layout.subsegment;
    trace.at('lfh-subsegment', at, layout.subsegment.offsets);
    const { blockSize, first } = this.offsets(at);
    const index = Math.floor((block - at - first) / blockSize);
    if (!(index >= 0 && index < this.blockCount(at)))
      throw this.#host.failure(context, lfhFailure.invalidArgument, block);
    if (!isBusy(memory, at + bitmap, index)) throw this.#host.failure(context, lfhFailure.doubleFree, block);
    setFree(memory, at + bitmap, index);
    memory.writeU16(at + freeCount, this.freeCount(at) + 1);
  }

  /** The decoded BlockOffsets: builds before 26100 shift the low 32 bits of the address only. */
  offsets(at: KernelAddress): { blockSize: number; first: number } {
    const { memory, layout } = this.#host;
    const word = this.#encode(at, memory.readU32(at + layout.subsegment.offsets));
    return { blockSize: word & 0xffff, first: word >>> 16 };
  }

  #encode(at: KernelAddress, word: number): number {
    return (word ^ this.#host.lfhKey() ^ ((at >>> 0) >>> 12)) >>> 0;
  }

  /** From the word of the hint on, the first with a free block; in it a place by chance and the next free block. */
  #choose(context: KernelAddress, at: KernelAddress, bucketIndex: number): number {
    const { memory, layout } = this.#host;
    const { bitmap, freeHint } = layout.subsegment;
    const words = bitmapWords(this.blockCount(at));
    const start = Math.floor(memory.readU16(at + freeHint) / blocksPerWord);
    for (let tries = 0; tries < words; tries++) {
      const word = (start + tries) % words;
      const mask = freeMask(memory, at + bitmap + 8 * word);
      if (mask !== 0) return word * blocksPerWord + this.#place(context, mask, bucketIndex);
    }
    throw this.#host.failure(context, lfhFailure.bitmapCorruption, at);
  }

  #place(context: KernelAddress, mask: number, bucketIndex: number): number {
    const { memory, layout, searchWidths } = this.#host;
    const first = nextFree(mask, 0);
    if ((memory.readU8(context + layout.context.configFlags) & disableRandomization) !== 0) return first;
    const width = memory.readU8(searchWidths + bucketIndex);
    const turn = ((width * this.#random.next()) >>> 7) & 0x1ff_fffe;
    return nextFree(mask, ((2 * first + turn) & 0x3f) >>> 1);
  }
}
