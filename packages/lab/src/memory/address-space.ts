import { assert, type Pfn, pageOf, pageSize, type Va } from '@poolscope/engine/base';
import { alignUpVa } from '../bytes/integers.ts';
import type { PageTables } from './page-tables.ts';
import type { MapOptions } from './paging-format.ts';
import type { PageOwner, PhysicalMemory } from './physical-memory.ts';

const page = BigInt(pageSize);

/**
 * Virtual memory of a machine: real page tables for the reader of its dump, and a plain map from page to page for
 * ourselves, so that the lab never reads its own tables.
 */
export class AddressSpace {
  readonly memory: PhysicalMemory;
  readonly tables: PageTables;
  readonly #pages = new Map<Va, Pfn>();
  #version = 0;

  constructor(memory: PhysicalMemory, tables: PageTables) {
    this.memory = memory;
    this.tables = tables;
  }

  /** The address space of another process: the same kernel half. */
  fork(rootOffset = 0): AddressSpace {
    const twin = new AddressSpace(this.memory, this.tables.fork(rootOffset));
    for (const [va, pfn] of this.#pages) twin.#pages.set(va, pfn);
    return twin;
  }

  /** Counts the changes of mappings: who keeps pages at hand looks whether they still hold. */
  get version(): number {
    return this.#version;
  }

  /** Maps one page (or one large page) that is already claimed. */
  mapPage(va: Va, pfn: Pfn, options: MapOptions = {}): void {
    assert(va % page === 0n, 'a mapping starts on a page');
    this.#version++;
    this.tables.map(va, pfn, options);
    const count = options.at === undefined ? 1 : this.#largeCount(options.at);
    for (let index = 0; index < count; index++) this.#pages.set(va + BigInt(index) * page, pfn + index);
  }

  /** Backs `[va, va + size)` with fresh pages; pages that are mapped already stay. */
  allocate(va: Va, size: number, options: MapOptions = {}): void {
    const owner: PageOwner = options.user ? 'user' : 'kernel';
    for (let at = pageOf(va); at < va + BigInt(size); at += page)
      if (!this.#pages.has(at)) this.mapPage(at, this.memory.allocate(owner), options);
  }

  /** Writes an entry that is not a mapping; the page at `va` cannot be read any more. */
  plant(va: Va, entry: bigint): void {
    this.tables.plant(va, entry);
    this.#pages.delete(pageOf(va));
    this.#version++;
  }

  /** Every page that is mapped, in the order in which that was done. */
  pages(): IterableIterator<[Va, Pfn]> {
    return this.#pages.entries();
  }

  /** The page behind an address; page tables show at the addresses of the self-map. */
  pfnOf(va: Va): Pfn | undefined {
    return this.#pages.get(pageOf(va)) ?? this.tables.selfMapPage(va);
  }

  write(va: Va, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const { pfn, within } = this.#place(va + BigInt(done));
      const count = Math.min(pageSize - within, bytes.length - done);
      const part = count === bytes.length ? bytes : bytes.subarray(done, done + count);
      this.memory.storage(pfn).set(part, within);
      done += count;
    }
  }

  read(va: Va, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { pfn, within } = this.#place(va + BigInt(done));
      const count = Math.min(pageSize - within, length - done);
      const stored = this.memory.page(pfn);
      if (stored !== undefined) bytes.set(stored.subarray(within, within + count), done);
      done += count;
    }
    return bytes;
  }

  /** Undefined: no page is mapped there. */
  byteAt(va: Va): number | undefined {
    return this.pfnOf(va) === undefined ? undefined : this.read(va, 1)[0];
  }

  #place(va: Va): { readonly pfn: Pfn; readonly within: number } {
    const pfn = this.pfnOf(va);
    assert(pfn !== undefined, `nothing is mapped at ${va.toString(16)}`);
    return { pfn, within: Number(BigInt.asUintN(12, va)) };
  }

  #largeCount(level: 'PDE' | 'PPE'): number {
    const step = this.tables.format.steps.find((candidate) => candidate.level === level);
    assert(step !== undefined, `${this.tables.format.name} tables have no ${level}`);
    return 2 ** (step.shift - 12);
  }
}

/** Hands out consecutive addresses of a region of an address space, and backs them with pages. */
export class Region {
  readonly #space: AddressSpace;
  readonly #options: MapOptions;
  #next: Va;

  constructor(space: AddressSpace, start: Va, options: MapOptions) {
    this.#space = space;
    this.#next = start;
    this.#options = options;
  }

  allocate(size: number, alignment = 16): Va {
    const va = alignUpVa(this.#next, BigInt(alignment));
    this.#next = va + BigInt(size);
    this.#space.allocate(va, size, this.#options);
    return va;
  }

  /** Room for the bytes, filled with them. */
  place(bytes: Uint8Array, alignment = 16): Va {
    const va = this.allocate(bytes.length, alignment);
    this.#space.write(va, bytes);
    return va;
  }

  /** Leaves addresses unused, for instance a guard page. */
  skip(size: number): void {
    this.#next += BigInt(size);
  }
}
