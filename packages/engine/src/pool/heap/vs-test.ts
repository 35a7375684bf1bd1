import type { VsBytes } from './vs-bytes.ts';
import { firstChunk, hasLinks, leastUnits, vsUnit } from './vs-code.ts';

/** Unit of the first chunk. */
export const firstUnit = firstChunk / vsUnit;
/** A subsegment has at most a megabyte. */
const mostUnits = 0x1_0000;

/**
 * Tests whole VS subsegments that lie in an array of 32-bit words, without making anything: what nearly all need. What it calls
 * whole `examineVs` calls whole too.
 */
export class VsTest {
  /** After `walk`: the units where chunks begin, as many as `count`, by address; and whether each is in use. */
  readonly starts = new Uint16Array(mostUnits / leastUnits + 1);
  readonly used = new Uint8Array(mostUnits / leastUnits + 1);
  count = 0;
  /** Where the walk stopped; the end of the last chunk where it did not. */
  stop = 0;
  readonly #keyLow: number;
  readonly #keyHigh: number;
  readonly #hasPlainNodes: boolean;

  /** `hasPlainNodes`: are links of free chunks not encoded, so that they can be looked at? */
  constructor({ low, high }: { readonly low: number; readonly high: number }, hasPlainNodes = true) {
    this.#hasPlainNodes = hasPlainNodes;
    this.#keyLow = low;
    this.#keyHigh = high;
  }

  /**
   * Do chunks follow each other from the first to unit `end`: each names the size of the one before it, and is free or in use, and
   * those in use know where the subsegment begins, and free ones have links? False as well where the header of one is missing.
   */
  walk({ words, present, address }: VsBytes, end: number): boolean {
    // In variables of its own the loop takes less time.
    const { starts, used } = this;
    const baseLow = Number(address & 0xffff_ffffn);
    const codeHigh = this.#keyHigh ^ Number((address >> 32n) & 0xffff_ffffn);
    const keyLow = this.#keyLow;
    const looks = this.#hasPlainNodes;
    let unit = firstUnit;
    let previous = 0;
    let count = 0;
    while (unit < end) {
      if (present[unit] !== 1) break;
      const place = unit * 4;
      const at = (baseLow + unit * vsUnit) | 0;
      const size = (words[place]! ^ keyLow ^ at) >>> 16;
      const high = words[place + 1]! ^ codeHigh;
      const allocated = (high >>> 16) & 0xff;
      if ((high & 0xffff) !== previous || allocated > 1 || size < leastUnits || unit + size > end) break;
      if (allocated === 1) {
        if (((words[place + 2]! ^ keyLow ^ at) & 0xff) !== unit >>> 8) break;
      } else if (looks && present[unit + 1] === 1 && !hasLinks(words, place)) break;
      starts[count] = unit;
      used[count++] = allocated;
      previous = size;
      unit += size;
    }
    this.count = count;
    this.stop = unit;
    return unit === end && end > firstUnit;
  }
}
