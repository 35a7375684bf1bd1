import { Fault } from '../base/index.ts';
import type { ImageReader } from './image-reader.ts';
import { type BaseRelocations, RelocationKind } from './relocations.ts';

/** Bytes that a relocation changes. */
const widths: Readonly<Record<number, number>> = {
  [RelocationKind.High]: 2,
  [RelocationKind.Low]: 2,
  [RelocationKind.HighLow]: 4,
  [RelocationKind.Dir64]: 8,
};

const widest = 8;

/** An image as it is at another base: relocations are applied to what is read. */
export class RelocatedImage implements ImageReader {
  readonly layout;
  readonly #image: ImageReader;
  readonly #relocations: BaseRelocations;
  readonly #distance: bigint;

  /** `distance` is the new base less ImageBase. HighAdjusted entries are not applied: no image of today has them. */
  constructor(image: ImageReader, relocations: BaseRelocations, distance: bigint) {
    this.layout = image.layout;
    this.#image = image;
    this.#relocations = relocations;
    this.#distance = distance;
  }

  tryReadRva(rva: number, length: number): Uint8Array | Fault {
    const read = this.#image.tryReadRva(rva, length);
    const bytes = (read instanceof Fault ? read.got : read).slice();
    if (this.#distance !== 0n) this.#apply(rva, bytes);
    return read instanceof Fault ? read.withGot(bytes) : bytes;
  }

  #apply(rva: number, bytes: Uint8Array): void {
    const { rvas, kinds } = this.#relocations;
    const end = rva + bytes.length;
    for (let index = firstFrom(rvas, rva - widest + 1); index < rvas.length && rvas[index]! < end; index++) {
      const width = widths[kinds[index]!];
      if (width !== undefined) this.#applyOne(rva, bytes, rvas[index]!, width, kinds[index]!);
    }
  }

  /** A relocation may begin before the bytes or end behind them: its own bytes are read whole. */
  #applyOne(rva: number, bytes: Uint8Array, at: number, width: number, kind: number): void {
    const original = this.#image.tryReadRva(at, width);
    if (original instanceof Fault) return;
    let value = 0n;
    for (let index = width - 1; index >= 0; index--) value = (value << 8n) | BigInt(original[index]!);
    const distance = kind === RelocationKind.High ? this.#distance >> 16n : this.#distance;
    let moved = BigInt.asUintN(width * 8, value + distance);
    for (let index = 0; index < width; index++, moved >>= 8n) {
      const place = at + index - rva;
      if (place >= 0 && place < bytes.length) bytes[place] = Number(moved & 0xffn);
    }
  }
}

/** Index of the first value that is not below `least`. */
function firstFrom(sorted: Uint32Array, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
