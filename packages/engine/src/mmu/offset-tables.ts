const sets = 1 << 10;
/** Entries in one piece of memory: 256 KB. */
const chunkShift = 15;
const chunkMask = (1 << chunkShift) - 1;

/** Entries that are no file offset: nothing is known without a walk, or ... */
export const unknownPage = -1;
/** ... the page frame is known, its place in the file not yet. */
export const pendingFrame = (frame: number): number => -2 - frame;
export const frameOfPending = (entry: number): number => -2 - entry;

/**
 * File offsets of pages, in tables that cover what one last-level page table maps: TLB and paging-structure cache in
 * one. A known page costs one look, a page of a known table one entry, and only a table that is not here a walk.
 * Two-way associative; memory is taken as tables come in. Addresses come as their upper and lower half.
 */
export class OffsetTables {
  /** Pages in a table. */
  readonly count: number;
  /** Lowest address bit of a table's number. */
  readonly #shift: number;
  /** Tables in 4 GB. */
  readonly #perHigh: number;
  /** Number of the table plus one, so that it differs from an empty place; two places a set, the newer first. */
  readonly #keys = new Float64Array(sets * 2);
  /** Position of the table's first entry. */
  readonly #starts = new Int32Array(sets * 2);
  readonly #chunks: Float64Array[] = [];
  #end = 0;

  constructor(count: number) {
    this.count = count;
    this.#shift = 12 + Math.log2(count);
    this.#perHigh = 2 ** (32 - this.#shift);
  }

  /** Position of the entry for an address, or -1 when its table is not here. */
  find(high: number, low: number): number {
    const key = this.#keyOf(high, low);
    const place = this.#setOf(high, low);
    const index = (low >>> 12) & (this.count - 1);
    if (this.#keys[place] === key) return this.#starts[place]! + index;
    return this.#keys[place + 1] === key ? this.#starts[place + 1]! + index : -1;
  }

  get(position: number): number {
    return this.#chunks[position >>> chunkShift]![position & chunkMask]!;
  }

  set(position: number, entry: number): void {
    this.#chunks[position >>> chunkShift]![position & chunkMask] = entry;
  }

  /** Enters the table for an address, in place of the older one of its set; returns its entries to be filled. */
  add(high: number, low: number): Float64Array {
    const place = this.#setOf(high, low);
    const start = this.#keys[place + 1] === 0 ? this.#grow() : this.#starts[place + 1]!;
    this.#keys[place + 1] = this.#keys[place]!;
    this.#starts[place + 1] = this.#starts[place]!;
    this.#keys[place] = this.#keyOf(high, low);
    this.#starts[place] = start;
    const at = start & chunkMask;
    return this.#chunks[start >>> chunkShift]!.subarray(at, at + this.count);
  }

  #grow(): number {
    const start = this.#end;
    if ((start & chunkMask) === 0) this.#chunks.push(new Float64Array(1 << chunkShift));
    this.#end += this.count;
    return start;
  }

  #keyOf(high: number, low: number): number {
    return high * this.#perHigh + (low >>> this.#shift) + 1;
  }

  /** Neighbours never meet; the upper half scatters regions that lie 4 GB apart. */
  #setOf(high: number, low: number): number {
    return (((low >>> this.#shift) + Math.imul(high, 0x9e37_79b1)) & (sets - 1)) * 2;
  }
}
