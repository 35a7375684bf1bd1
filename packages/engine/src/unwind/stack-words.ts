import { Fault, readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import { type Machine, pointerSize } from '../cpu/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';
import { stripSignature } from './arm64-state.ts';
import type { StackRange } from './frame.ts';

/** Bytes of a stack that are looked at: the largest kernel stack has 0x12000. */
const maxStack = 0x2_0000;
const unknownStack = 0x1_0000;

/** The words of one stack from some address up, read at once. Ends before the first byte that is not in the dump. */
export class StackWords {
  readonly start: Va;
  readonly bytes: Uint8Array;
  readonly wordSize: 4 | 8;
  readonly #machine: Machine;

  constructor(machine: Machine, memory: VirtualMemory, sp: Va, range: StackRange | undefined) {
    this.#machine = machine;
    this.wordSize = pointerSize(machine);
    const size = BigInt(this.wordSize);
    this.start = ((sp + size - 1n) / size) * size;
    const room = range === undefined ? BigInt(unknownStack) : range.base - this.start;
    const length = room > BigInt(maxStack) ? maxStack : room < 0n ? 0 : Number(room);
    const read = memory.tryRead(this.start, length);
    this.bytes = read instanceof Fault ? read.got : read;
  }

  /** Are the bytes from `va` on among those that were read? */
  covers(va: Va): boolean {
    return va >= this.start && va - this.start <= BigInt(this.bytes.length);
  }

  /** Offset of the first whole word at or above `va`. */
  offsetOf(va: Va): number {
    return Math.ceil(Number(va - this.start) / this.wordSize) * this.wordSize;
  }

  /** Quick test: can the word at this offset be an address of this half of the address space? */
  isAddress(offset: number, user: boolean): boolean {
    const high = readU32(this.bytes, offset + this.wordSize - 4);
    if (this.#machine === 'x86') return high >= 0x8000_0000 !== user;
    // A signed return address on arm64 has only bit 55 in common with a plain one.
    if (this.#machine === 'arm64') return ((high & 0x80_0000) !== 0) !== user;
    return user ? high < 0x8000 : high >= 0xffff_8000;
  }

  pointerAt(offset: number): Va {
    if (this.wordSize === 4) return signExtend32(readU32(this.bytes, offset));
    const value = readU64(this.bytes, offset);
    return this.#machine === 'arm64' ? stripSignature(value) : value;
  }
}
