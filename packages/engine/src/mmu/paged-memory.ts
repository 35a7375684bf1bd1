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
import { nextMapped } from './next-mapped.ts';
import { PageLocator } from './page-locator.ts';
import type { PagingSetup } from './paging-setup.ts';
import { describeWalk, entryAt, type Translation } from './translation.ts';
import type { VirtualMemory } from './virtual-memory.ts';
import { Walker } from './walker.ts';

/** An address on its way from bigint to two halves (hosts are little-endian). */
const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);

/**
 * One process's virtual memory through its page tables. Pages in transition and pages behind prototype PTEs are
 * read like valid ones. Arrays that it returns may be parts of larger buffers.
 */
export class PagedMemory implements VirtualMemory {
  readonly kind = 'paged';
  readonly setup: PagingSetup;
  readonly #physical: PhysicalMemory;
  readonly #file: BlockCache;
  readonly #walker: Walker;
  readonly #pages: PageLocator;
  readonly #slab = new ByteSlab();

  constructor(physical: PhysicalMemory, setup: PagingSetup) {
    this.setup = setup;
    this.#physical = physical;
    this.#file = physical.file;
    this.#walker = new Walker(physical, setup);
    this.#pages = new PageLocator(physical, this.#walker);
  }

  /** The same machine's memory as another process sees it. */
  withDirectoryTableBase(directoryTableBase: Pa): PagedMemory {
    return new PagedMemory(this.#physical, { ...this.setup, directoryTableBase });
  }

  /** How `va` translates, and through which entries. Not for hot paths. */
  translate(va: Va): Translation {
    this.#walk(va);
    const signBit = this.#walker.scheme.addressBits === 32 ? 31n : 63n;
    return describeWalk(this.#walker, ((va >> signBit) & 1n) === 1n);
  }

  tryRead(va: Va, length: number): Uint8Array | Fault {
    const bytes = this.#slab.take(length);
    const count = this.readInto(va, bytes);
    return count === length ? bytes : this.#faultAt(va + BigInt(count), bytes.subarray(0, count));
  }

  tryReadU64(va: Va): bigint | Fault {
    wide[0] = va;
    const high = halves[1]!;
    const low = halves[0]!;
    const within = low & 0xfff;
    if (within > pageSize - 8) return this.#readU64Across(va);
    const page = this.#pages.offsetOf(high, low);
    if (page < 0) return this.#faultAt(va);
    return this.#file.readU64(page + within) ?? this.#readU64Across(va);
  }

  tryReadU32(va: Va): number | Fault {
    wide[0] = va;
    const high = halves[1]!;
    const low = halves[0]!;
    const within = low & 0xfff;
    if (within > pageSize - 4) return this.#readU32Across(va);
    const page = this.#pages.offsetOf(high, low);
    if (page < 0) return this.#faultAt(va);
    const value = this.#file.readU32(page + within);
    return value < 0 ? this.#readU32Across(va) : value;
  }

  nextCandidate(va: Va): Va | undefined {
    this.#walk(va);
    return nextMapped(this.#physical, this.#walker, wrap64(va));
  }

  #readU64Across(va: Va): bigint | Fault {
    const bytes = this.tryRead(va, 8);
    return bytes instanceof Fault ? bytes : readU64(bytes, 0);
  }

  #readU32Across(va: Va): number | Fault {
    const bytes = this.tryRead(va, 4);
    return bytes instanceof Fault ? bytes : readU32(bytes, 0);
  }

  /** Copies the bytes that are there, from `va` on without a gap; returns how many. For much memory: makes no arrays. */
  readInto(va: Va, bytes: Uint8Array): number {
    wide[0] = va;
    let high = halves[1]!;
    let low = halves[0]!;
    let done = 0;
    while (done < bytes.length && high <= 0xffff_ffff) {
      const page = this.#pages.offsetOf(high, low);
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
      if (this.#pages.offsetOf(high, low + length) !== page + within + length) break;
      length += pageSize;
    }
    return Math.min(length, most);
  }

  #walk(va: Va): void {
    wide[0] = va;
    this.#walker.walk(halves[1]!, halves[0]!);
  }

  /** Why the byte at `va` cannot be read. */
  #faultAt(va: Va, got?: Uint8Array): Fault {
    const at = wrap64(va);
    // Past the last address there is none.
    if (at !== va) return new Fault('non-canonical', at, { ...(got && { got }) });
    this.#walk(at);
    const walker = this.#walker;
    const level = walker.level?.name;
    const hasEntry = level !== undefined && walker.state !== 'table-not-in-dump';
    return new Fault(this.#faultKind(), at, {
      ...(got && { got }),
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
