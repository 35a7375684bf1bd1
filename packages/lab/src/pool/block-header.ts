import { readU16, readU32 } from '@poolscope/engine/base';
import { writeU16, writeU32 } from '../bytes/integers.ts';
import { type KernelAddress, offsetInPage } from './kernel-address.ts';
import type { PoolMemory } from './pool-memory.ts';

/** What a header says; sizes in units. */
export interface BlockHeader {
  readonly previousSize: number;
  readonly index: number;
  readonly size: number;
  readonly type: number;
  readonly tag: number;
}

/**
 * Headers of blocks in memory. A header never crosses a page, so every access looks its page up once.
 * x64: PreviousSize, PoolIndex, BlockSize and PoolType a byte each; x86: 9, 7, 9 and 7 bits.
 */
export class BlockHeaders {
  readonly unit: 8 | 16;
  readonly #memory: PoolMemory;
  readonly #isWide: boolean;

  constructor(memory: PoolMemory, unit: 8 | 16) {
    this.#memory = memory;
    this.unit = unit;
    this.#isWide = unit === 16;
  }

  previousSize(at: KernelAddress): number {
    const [bytes, offset] = [this.#memory.page(at), offsetInPage(at)];
    return this.#isWide ? bytes[offset]! : readU16(bytes, offset) & 0x1ff;
  }

  index(at: KernelAddress): number {
    const [bytes, offset] = [this.#memory.page(at), offsetInPage(at)];
    return this.#isWide ? bytes[offset + 1]! : bytes[offset + 1]! >> 1;
  }

  size(at: KernelAddress): number {
    const [bytes, offset] = [this.#memory.page(at), offsetInPage(at)];
    return this.#isWide ? bytes[offset + 2]! : readU16(bytes, offset + 2) & 0x1ff;
  }

  type(at: KernelAddress): number {
    const [bytes, offset] = [this.#memory.page(at), offsetInPage(at)];
    return this.#isWide ? bytes[offset + 3]! : bytes[offset + 3]! >> 1;
  }

  tag(at: KernelAddress): number {
    return readU32(this.#memory.page(at), offsetInPage(at) + 4);
  }

  /** The first four bytes, which bug checks show. */
  word(at: KernelAddress): number {
    return readU32(this.#memory.page(at), offsetInPage(at));
  }

  read(at: KernelAddress): BlockHeader {
    return {
      previousSize: this.previousSize(at),
      index: this.index(at),
      size: this.size(at),
      type: this.type(at),
      tag: this.tag(at),
    };
  }

  write(at: KernelAddress, previousSize: number, index: number, size: number, type: number): void {
    const [bytes, offset] = [this.#memory.page(at, true), offsetInPage(at)];
    if (this.#isWide) {
      bytes[offset] = previousSize;
      bytes[offset + 1] = index;
      bytes[offset + 2] = size;
      bytes[offset + 3] = type;
    } else {
      writeU16(bytes, offset, previousSize | (index << 9));
      writeU16(bytes, offset + 2, size | (type << 9));
    }
  }

  setPreviousSize(at: KernelAddress, value: number): void {
    const [bytes, offset] = [this.#memory.page(at, true), offsetInPage(at)];
    if (this.#isWide) bytes[offset] = value;
    else writeU16(bytes, offset, (readU16(bytes, offset) & 0xfe00) | value);
  }

  setSize(at: KernelAddress, value: number): void {
    const [bytes, offset] = [this.#memory.page(at, true), offsetInPage(at)];
    if (this.#isWide) bytes[offset + 2] = value;
    else writeU16(bytes, offset + 2, (readU16(bytes, offset + 2) & 0xfe00) | value);
  }

  setType(at: KernelAddress, value: number): void {
    const [bytes, offset] = [this.#memory.page(at, true), offsetInPage(at)];
    if (this.#isWide) bytes[offset + 3] = value;
    else bytes[offset + 3] = (bytes[offset + 3]! & 1) | (value << 1);
  }

  setTag(at: KernelAddress, tag: number): void {
    writeU32(this.#memory.page(at, true), offsetInPage(at) + 4, tag);
  }
}
