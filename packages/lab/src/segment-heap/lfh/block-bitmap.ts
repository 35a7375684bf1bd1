import type { KernelAddress } from '../../pool/kernel-address.ts';
import type { PoolMemory } from '../../pool/pool-memory.ts';

/** Blocks that one 64-bit word of a bitmap tells of: two bits each, of which the low one says busy. */
export const blocksPerWord = 32;

export const bitmapWords = (blocks: number): number => Math.ceil(blocks / blocksPerWord);

/** Every second bit of 32, from bit 0 on, moved together. */
function evenBits(value: number): number {
  let bits = value & 0x5555_5555;
  bits = (bits | (bits >>> 1)) & 0x3333_3333;
  bits = (bits | (bits >>> 2)) & 0x0f0f_0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff_00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

/** The blocks of a word that are free, a bit each. */
export function freeMask(memory: PoolMemory, word: KernelAddress): number {
  const low = evenBits(~memory.readU32(word));
  const high = evenBits(~memory.readU32(word + 4));
  return (low | (high << 16)) >>> 0;
}

/** The first block that is free from `start` on, around the end of the word; the mask is not 0. */
export function nextFree(mask: number, start: number): number {
  const turned = start === 0 ? mask : (mask >>> start) | (mask << (blocksPerWord - start));
  const lowest = turned & -turned;
  return (start + (31 - Math.clz32(lowest))) & (blocksPerWord - 1);
}

const byteOf = (bitmap: KernelAddress, index: number): KernelAddress => bitmap + (index >>> 2);
const shiftOf = (index: number): number => (index & 3) * 2;

export const isBusy = (memory: PoolMemory, bitmap: KernelAddress, index: number): boolean =>
  ((memory.readU8(byteOf(bitmap, index)) >>> shiftOf(index)) & 1) !== 0;

/** Busy, and no unused bytes are recorded. */
export function setBusy(memory: PoolMemory, bitmap: KernelAddress, index: number): void {
  const at = byteOf(bitmap, index);
  const others = memory.readU8(at) & ~(3 << shiftOf(index));
  memory.writeU8(at, others | (1 << shiftOf(index)));
}

/** Free; that unused bytes were recorded stays. */
export function setFree(memory: PoolMemory, bitmap: KernelAddress, index: number): void {
  const at = byteOf(bitmap, index);
  memory.writeU8(at, memory.readU8(at) & ~(1 << shiftOf(index)));
}

/** All blocks free; bits that no block has are set. */
export function clearBitmap(memory: PoolMemory, bitmap: KernelAddress, blocks: number): void {
  const bits = 2 * blocks;
  const bytes = 8 * bitmapWords(blocks);
  for (let at = 0; at < bytes; at++) {
    const within = Math.min(8, Math.max(0, bits - 8 * at));
    memory.writeU8(bitmap + at, (0xff << within) & 0xff);
  }
}
