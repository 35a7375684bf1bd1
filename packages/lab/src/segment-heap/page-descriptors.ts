import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, offsetInPage } from '../pool/kernel-address.ts';
import type { HeapParts } from './heap-parts.ts';

/** RangeFlags: in use, first of its range; the type of the range above them. */
export const [inUse, firstUnit] = [1, 2];
export const typeShift = 2;
/** TreeSignature of the first descriptor of a range in use. */
const signature = 0xccdd_ccdd;
/** EncodedCommittedPageCount is the complement: no page has memory. */
const noPages = 0xffff;

/** Descriptors of a segment's units: _HEAP_PAGE_RANGE_DESCRIPTOR. All addresses are those of descriptors. */
export class PageDescriptors {
  readonly #parts: HeapParts;

  constructor(parts: HeapParts) {
    this.#parts = parts;
  }

  flags(at: KernelAddress): number {
    const { memory, layout } = this.#parts;
    return memory.readU8(at + layout.descriptor.flags);
  }

  /** Of the first one, how many units its range has; of the others, how far the first one is. */
  units(at: KernelAddress): number {
    const { memory, layout } = this.#parts;
    return memory.readU8(at + layout.descriptor.units);
  }

  committed(at: KernelAddress): number {
    const { memory, layout } = this.#parts;
    return memory.readU8(at + layout.descriptor.committed);
  }

  addCommitted(at: KernelAddress, pages: number): void {
    const { memory, layout } = this.#parts;
    memory.writeU8(at + layout.descriptor.committed, (this.committed(at) + pages) & 0xff);
  }

  /** Bytes at the end of a range that nobody asked for. */
  unused(at: KernelAddress): number {
    const { memory, layout } = this.#parts;
    return memory.readU32(at + layout.descriptor.unusedBytes);
  }

  /** By what free ranges are in order: the units, then what it would cost to give them memory. */
  key(at: KernelAddress): number {
    const { memory, layout } = this.#parts;
    return memory.readU32(at + layout.descriptor.key);
  }

  isInUse(at: KernelAddress): boolean {
    return (this.flags(at) & inUse) !== 0;
  }

  /** The first descriptor of the range of another one. */
  firstOf(at: KernelAddress): KernelAddress {
    const isFirst = (this.flags(at) & firstUnit) !== 0;
    return isFirst ? at : at - this.units(at) * this.#parts.layout.descriptor.size;
  }

  /** The first descriptor of a range in use says so in two ways. */
  isValid(at: KernelAddress): boolean {
    return this.#parts.memory.readU32(at) === signature && (this.flags(at) & 3) === (inUse | firstUnit);
  }

  /** A range in use. `committed`: pages of it that have memory; `unused`: bytes at its end that nobody asked for. */
  use(at: KernelAddress, units: number, type: number, committed: number, unused: number): void {
    const { memory, layout } = this.#parts;
    const { descriptor } = layout;
    this.#number(at, units, inUse, true);
    memory.writeU8(at + descriptor.flags, inUse | firstUnit | (type << typeShift));
    memory.writeU8(at + descriptor.units, units);
    memory.writeU8(at + descriptor.committed, Math.min(committed, 0xff));
    memory.writeU32(at, signature);
    memory.writeU32(at + descriptor.unusedBytes, unused);
  }

  /** What a range in use said is no more. */
  clear(at: KernelAddress, units: number): void {
    this.#number(at, units, 0, true);
  }

  /** A free range, whose units were cleared before or are free already. */
  release(at: KernelAddress, units: number): void {
    const { memory, layout } = this.#parts;
    const { descriptor } = layout;
    this.#number(at, units, 0, false);
    memory.writeU16(at + descriptor.key, noPages);
    memory.writeU8(at + descriptor.flags, firstUnit);
    memory.writeU8(at + descriptor.units, units);
  }

  /** Flags of all units of a range, and how far each one's first is. `isFresh`: all else becomes 0. */
  #number(at: KernelAddress, units: number, flags: number, isFresh: boolean): void {
    const { memory, layout } = this.#parts;
    const { descriptor } = layout;
    for (let unit = 0; unit < units; ) {
      const start = at + unit * descriptor.size;
      const bytes = memory.page(start, true);
      for (let offset = offsetInPage(start); offset < pageSize && unit < units; unit++) {
        if (isFresh) bytes.fill(0, offset, offset + descriptor.size);
        bytes[offset + descriptor.flags] = flags;
        bytes[offset + descriptor.units] = unit;
        offset += descriptor.size;
      }
    }
  }
}
