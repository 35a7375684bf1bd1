import {
  Fault,
  type FaultKind,
  type Pa,
  pageSize,
  readU32,
  readU64,
  type Va,
  wrap64,
} from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import type { BlockCache } from '../io/index.ts';
import { ByteSlab } from './byte-slab.ts';
import { classify, frameOf } from './hardware-entry.ts';
import { nextMapped } from './next-mapped.ts';
import { frameOfPending, OffsetTables, pendingFrame, unknownPage } from './offset-tables.ts';
import type { Level, PagingScheme } from './paging-scheme.ts';
import type { PagingSetup } from './paging-setup.ts';
import { describeWalk, entryAt, type Translation } from './translation.ts';
import type { VirtualMemory } from './virtual-memory.ts';
import { Walker } from './walker.ts';

const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/**
 * One process's virtual memory through its page tables. Pages in transition and pages behind prototype PTEs are
 * read like valid ones. Only addresses whose page is in the dump are cached.
 */
export class PagedMemory implements VirtualMemory {
  readonly kind = 'paged';
  readonly setup: PagingSetup;
  readonly #physical: PhysicalMemory;
  readonly #file: BlockCache;
  readonly #walker: Walker;
  readonly #scheme: PagingScheme;
  readonly #last: Level;
  readonly #offsets: OffsetTables;
  readonly #slab = new ByteSlab();

  constructor(physical: PhysicalMemory, setup: PagingSetup) {
    this.setup = setup;
    this.#physical = physical;
    this.#file = physical.file;
    this.#walker = new Walker(physical, setup);
    this.#scheme = this.#walker.scheme;
    this.#last = this.#scheme.levels.at(-1)!;
    this.#offsets = new OffsetTables(this.#last.count);
  }

  /** The same machine's memory as another process sees it. */
  withDirectoryTableBase(directoryTableBase: Pa): PagedMemory {
    return new PagedMemory(this.#physical, { ...this.setup, directoryTableBase });
  }

  /** How `va` translates, and through which entries. Not for hot paths. */
  translate(va: Va): Translation {
    this.#walk(va);
    return describeWalk(this.#walker, this.#isKernel(va));
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    const bytes = this.#slab.take(length);
    const count = this.#readInto(va, bytes);
    return count === length ? bytes : this.#faultAt(va + BigInt(count), bytes.subarray(0, count));
  }

  tryReadU64(va: Va): bigint | Fault {
    wide[0] = va;
    const high = halves[1]!;
    const low = halves[0]!;
    const within = low & 0xfff;
    if (within > pageSize - 8) return this.#readAcross(va);
    const page = this.#offsetOfPage(high, low);
    return (page < 0 ? undefined : this.#file.readU64(page + within)) ?? this.#readAcross(va);
  }

  tryReadU32(va: Va): number | Fault {
    wide[0] = va;
    const low = halves[0]!;
    const within = low & 0xfff;
    const page = within > pageSize - 4 ? -1 : this.#offsetOfPage(halves[1]!, low);
    const value = page < 0 ? -1 : this.#file.readU32(page + within);
    if (value >= 0) return value;
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : readU32(bytes, 0);
  }

  nextCandidate(va: Va): Va | undefined {
    this.#walk(va);
    return nextMapped(this.#physical, this.#walker, wrap64(va));
  }

  #readAcross(va: Va): bigint | Fault {
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : readU64(bytes, 0);
  }

  /** Copies the bytes that are there, from `va` on without a gap; returns how many. */
  #readInto(va: Va, bytes: Uint8Array): number {
    wide[0] = va;
    let high = halves[1]!;
    let low = halves[0]!;
    let done = 0;
    while (done < bytes.length && high <= 0xffff_ffff) {
      const page = this.#offsetOfPage(high, low);
      if (page < 0) break;
      const want = this.#contiguous(high, low, page, bytes.length - done);
      const part = want === bytes.length ? bytes : bytes.subarray(done, done + want);
      const count = this.#file.readInto(page + (low & 0xfff), part);
      done += count;
      if (count < want) break;
      high += Math.floor((low + want) / 2 ** 32);
      low = (low + want) >>> 0;
    }
    return done;
  }

  /** How many of the next `most` bytes follow one another in the file too. */
  #contiguous(high: number, low: number, page: number, most: number): number {
    const within = low & 0xfff;
    let length = pageSize - within;
    while (length < most && low + length < 2 ** 32) {
      if (this.#offsetOfPage(high, low + length) !== page + within + length) break;
      length += pageSize;
    }
    return Math.min(length, most);
  }

  /** File offset of the page that holds an address, or -1. */
  #offsetOfPage(high: number, low: number): number {
    const position = this.#offsets.find(high, low);
    if (position < 0) return this.#locate(high, low);
    const known = this.#offsets.get(position);
    if (known >= 0) return known;
    return known === unknownPage ? this.#locate(high, low) : this.#enter(position, frameOfPending(known));
  }

  /** Finds a page by walking, and takes in the table it stands in. */
  #locate(high: number, low: number): number {
    const walker = this.#walker;
    walker.walk(high, low);
    if (this.#offsets.find(high, low) < 0) this.#takeIn(high, low);
    return walker.pa < 0 ? -1 : this.#enter(this.#offsets.find(high, low), Math.floor(walker.pa / pageSize));
  }

  /** Only pages that are in the dump are remembered. */
  #enter(position: number, frame: number): number {
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
    const offset = this.#walker.table;
    const words = new Uint32Array(pageSize / 4);
    const isWhole = offset >= 0 && this.#file.readInto(offset, new Uint8Array(words.buffer)) === pageSize;
    return isWhole ? words : undefined;
  }

  #fillFromTable(table: Float64Array, words: Uint32Array): void {
    const step = words.length / table.length;
    for (let i = 0; i < table.length; i++) {
      const entry = words[i * step]!;
      const isPage = classify(this.#scheme, this.#last, entry) === 'page';
      const frame = isPage ? frameOf(this.#scheme, this.#last, entry, words[i * step + 1]!) / pageSize : 0;
      table[i] = isPage ? pendingFrame(frame) : unknownPage;
    }
  }

  #walk(va: Va): void {
    wide[0] = va;
    this.#walker.walk(halves[1]!, halves[0]!);
  }

  #isKernel(va: Va): boolean {
    return ((va >> (this.#scheme.addressBits === 32 ? 31n : 63n)) & 1n) === 1n;
  }

  /** Why the byte at `va` cannot be read. */
  #faultAt(va: Va, got: Uint8Array): Fault {
    const at = wrap64(va);
    if (at !== va) return new Fault('non-canonical', at, { got });
    this.#walk(at);
    const walker = this.#walker;
    const level = walker.level?.name;
    const hasEntry = level !== undefined && walker.state !== 'table-not-in-dump';
    return new Fault(this.#faultKind(), at, {
      got,
      ...(level && { level }),
      ...(hasEntry && { entry: entryAt(walker, walker.depth - 1) }),
    });
  }

  /** The last walk's state; where it found a page, that page is missing or the file ends in it. */
  #faultKind(): FaultKind {
    const { state, pa } = this.#walker;
    if (pa >= 0) return this.#physical.offsetOf(pa) < 0 ? 'not-in-dump' : 'truncated';
    return state === 'valid' || state === 'transition' ? 'not-in-dump' : state;
  }
}
