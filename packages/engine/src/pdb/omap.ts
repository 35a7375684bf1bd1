import { readU32 } from '../base/index.ts';

/**
 * A table of moved code: `from` ascending, each range reaching to the next. Kernels up to Windows 8 were reordered after
 * linking, so symbols speak of addresses before the move. Source: imagehlp's OMAP; kernel PDBs of Windows XP to 8.
 */
export class Omap {
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;

  /** Entries of 8 bytes: from, to. Entries that do not ascend end the table. */
  constructor(bytes: Uint8Array) {
    const count = Math.floor(bytes.length / 8);
    const from = new Uint32Array(count);
    const to = new Uint32Array(count);
    let used = 0;
    for (; used < count; used++) {
      from[used] = readU32(bytes, used * 8);
      to[used] = readU32(bytes, used * 8 + 4);
      if (used > 0 && from[used]! < from[used - 1]!) break;
    }
    this.#from = from.subarray(0, used);
    this.#to = to.subarray(0, used);
  }

  /** Where `rva` is on the other side; undefined for code that has no place there. */
  translate(rva: number): number | undefined {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#from[middle]! <= rva) low = middle + 1;
      else high = middle;
    }
    const to = this.#to[low - 1];
    return to === undefined || to === 0 ? undefined : to + (rva - this.#from[low - 1]!);
  }
}
