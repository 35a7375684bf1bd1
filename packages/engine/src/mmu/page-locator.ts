import { type Pfn, pageSize } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { classify, frameOf } from './hardware-entry.ts';
import { frameOfPending, OffsetTables, pendingFrame, unknownPage } from './offset-tables.ts';
import type { Level, PagingScheme } from './paging-scheme.ts';
import type { Walker } from './walker.ts';

/** Finds the file offsets of an address space's pages, and remembers those that are in the dump. */
export class PageLocator {
  readonly #physical: PhysicalMemory;
  readonly #walker: Walker;
  readonly #scheme: PagingScheme;
  readonly #last: Level;
  readonly #offsets: OffsetTables;

  constructor(physical: PhysicalMemory, walker: Walker) {
    this.#physical = physical;
    this.#walker = walker;
    this.#scheme = walker.scheme;
    this.#last = walker.scheme.levels.at(-1)!;
    this.#offsets = new OffsetTables(this.#last.count);
  }

  /** File offset of the page that holds an address, given as its upper and lower half, or -1. */
  offsetOf(high: number, low: number): number {
    const position = this.#offsets.find(high, low);
    if (position < 0) return this.#locate(high, low);
    const known = this.#offsets.get(position);
    if (known >= 0) return known;
    return known === unknownPage ? this.#locate(high, low) : this.#enter(position, frameOfPending(known));
  }

  /** Finds a page by walking, and takes in the table it stands in. */
  #locate(high: number, low: number): number {
    this.#walker.walk(high, low);
    if (this.#offsets.find(high, low) < 0) this.#takeIn(high, low);
    const { pa } = this.#walker;
    return pa < 0 ? -1 : this.#enter(this.#offsets.find(high, low), Math.floor(pa / pageSize));
  }

  #enter(position: number, frame: Pfn): number {
    const offset = this.#physical.pages.offsetOf(frame);
    if (offset >= 0 && position >= 0) this.#offsets.set(position, offset);
    return offset;
  }

  /** The frames around an address just walked: of the table that holds its PTE, or of the large page it lies in. */
  #takeIn(high: number, low: number): void {
    const { level, state, pa } = this.#walker;
    if (level === this.#last) {
      const words = this.#readTable();
      if (words !== undefined) this.#fillFromTable(this.#offsets.add(high, low), words);
    } else if (state === 'valid') {
      const table = this.#offsets.add(high, low);
      const first = Math.floor(pa / pageSize) - ((low >>> 12) & (table.length - 1));
      for (let i = 0; i < table.length; i++) table[i] = pendingFrame(first + i);
    }
  }

  /** The last table of the walk, if all of it is in the file. */
  #readTable(): Uint32Array | undefined {
    const words = new Uint32Array(pageSize / 4);
    const offset = this.#walker.table;
    const isWhole =
      offset >= 0 && this.#physical.file.readInto(offset, new Uint8Array(words.buffer)) === pageSize;
    return isWhole ? words : undefined;
  }

  #fillFromTable(table: Float64Array, words: Uint32Array): void {
    const step = words.length / table.length;
    for (let i = 0; i < table.length; i++) {
      const low = words[i * step]!;
      const high = step === 1 ? 0 : words[i * step + 1]!;
      const isPage = classify(this.#scheme, this.#last, low) === 'page';
      table[i] = isPage ? pendingFrame(frameOf(this.#scheme, this.#last, low, high) / pageSize) : unknownPage;
    }
  }
}
