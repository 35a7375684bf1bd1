import { type PageIndex, PhysicalMemory } from '../src/dump/index.ts';
import { BlockCache, BufferSource } from '../src/io/index.ts';
import type { PagingSetup } from '../src/mmu/index.ts';

const pageSize = 0x1000;
/** Where the first page lies in the file: pages follow one another there, in the order of their making. */
const firstPageAt = 0x2000;

/** What a machine's tables look like, told apart from the engine's own account of it. */
export interface TableShape {
  readonly name: string;
  readonly setup: PagingSetup;
  /** Lowest address bit of each level's index, root first. */
  readonly shifts: readonly number[];
  readonly indexMask: bigint;
  readonly entrySize: 4 | 8;
  /** Flags of an entry that points to a table, and of one that maps a page. */
  readonly table: bigint;
  readonly page: bigint;
  readonly largePage: bigint;
  /** Some address of the kernel. */
  readonly kernel: bigint;
}

export const root = 0x10_0000;

const common = { indexMask: 0x1ffn, entrySize: 8, table: 0x67n, page: 0x63n, largePage: 0xe3n } as const;

export const x64: TableShape = {
  ...common,
  name: 'x64',
  setup: { machine: 'x64', directoryTableBase: root, build: 19041 },
  shifts: [39, 30, 21, 12],
  kernel: 0xfffff800_11223000n,
};

export const la57: TableShape = {
  ...common,
  name: 'x64 with LA57',
  setup: { ...x64.setup, levels: 5 },
  shifts: [48, 39, 30, 21, 12],
  kernel: 0xff12_3456_789a_b000n,
};

export const arm64: TableShape = {
  ...common,
  name: 'arm64',
  setup: { machine: 'arm64', directoryTableBase: root, build: 22000 },
  shifts: [39, 30, 21, 12],
  table: 0x3n,
  page: 0x403n,
  largePage: 0x401n,
  kernel: 0xffff8600_11223000n,
};

export const pae: TableShape = {
  ...common,
  name: 'x86 with PAE',
  setup: { machine: 'x86', directoryTableBase: root + 0x60, pae: true, build: 7601 },
  shifts: [30, 21, 12],
  kernel: 0xffff_ffff_8052_3000n,
};

export const x86: TableShape = {
  ...common,
  name: 'x86',
  setup: { machine: 'x86', directoryTableBase: root, pae: false, build: 7601 },
  shifts: [22, 12],
  indexMask: 0x3ffn,
  entrySize: 4,
  kernel: 0xffff_ffff_8052_3000n,
};

export const shapes: readonly TableShape[] = [x64, la57, arm64, pae, x86];

/** Physical memory and page tables made by hand, as a file of pages. */
export class HandBuiltMemory {
  readonly shape: TableShape;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #missing = new Set<number>();
  #nextTable = root + pageSize;
  /** Bytes cut off the end of the file. */
  cut = 0;
  /** Page frames that the container describes. */
  limit = 0x10_0000;

  constructor(shape: TableShape) {
    this.shape = shape;
    this.page(root);
  }

  /** The bytes of the page at a physical address; made when there is none. */
  page(pa: number): Uint8Array {
    const pfn = Math.floor(pa / pageSize);
    const page = this.#pages.get(pfn) ?? new Uint8Array(pageSize);
    this.#pages.set(pfn, page);
    return page;
  }

  /** A page filled with numbers that differ from page to page. */
  fill(pa: number): Uint8Array {
    const page = this.page(pa);
    for (let i = 0; i < pageSize; i++) page[i] = (i * 31 + Math.floor(pa / pageSize) * 7 + 1) & 0xff;
    return page;
  }

  /** Leaves a page out of the dump. */
  drop(pa: number): void {
    this.#missing.add(Math.floor(pa / pageSize));
  }

  putEntry(pa: number, value: bigint): void {
    const view = new DataView(this.page(pa).buffer);
    if (this.shape.entrySize === 8) view.setBigUint64(pa % pageSize, value, true);
    else view.setUint32(pa % pageSize, Number(value), true);
  }

  /** Physical address of the entry for `va` at a level (0 is the root), making the tables above it. */
  entryAt(va: bigint, level: number, directoryTableBase = this.shape.setup.directoryTableBase): number {
    const { shifts, indexMask, entrySize, table: flags } = this.shape;
    let table = directoryTableBase;
    for (let depth = 0; ; depth++) {
      // A PAE root has four entries, and they have no rights.
      const isPaeRoot = shifts.length === 3 && depth === 0;
      const mask = isPaeRoot ? 3n : indexMask;
      const entry = table + Number((va >> BigInt(shifts[depth]!)) & mask) * entrySize;
      if (depth === level) return entry;
      const value = this.#entry(entry);
      if (value === 0n) this.putEntry(entry, BigInt(this.#newTable()) | (isPaeRoot ? 1n : flags));
      table = Number(this.#entry(entry) & 0xffff_ffff_f000n);
    }
  }

  /** Writes the last level's entry for `va`. */
  putPte(va: bigint, value: bigint): void {
    this.putEntry(this.entryAt(va, this.shape.shifts.length - 1), value);
  }

  /** Maps a page at `va`, and fills it. */
  map(va: bigint, pa: number): Uint8Array {
    this.putPte(va, BigInt(pa) | this.shape.page);
    return this.fill(pa);
  }

  build(): PhysicalMemory {
    const present = [...this.#pages].filter(([pfn]) => !this.#missing.has(pfn));
    const file = new Uint8Array(firstPageAt + present.length * pageSize).fill(0xee, 0, firstPageAt);
    for (const [at, [, page]] of present.entries()) file.set(page, firstPageAt + at * pageSize);
    const offsets = new Map(present.map(([pfn], at) => [pfn, firstPageAt + at * pageSize]));
    const source = new BufferSource(file.subarray(0, file.length - this.cut));
    return new PhysicalMemory(new BlockCache(source), indexOf(offsets, this.limit));
  }

  #entry(pa: number): bigint {
    const view = new DataView(this.page(pa).buffer);
    const at = pa % pageSize;
    return this.shape.entrySize === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
  }

  #newTable(): number {
    const table = this.#nextTable;
    this.#nextTable += pageSize;
    this.page(table);
    return table;
  }
}

const indexOf = (offsets: ReadonlyMap<number, number>, limit: number): PageIndex => ({
  pageCount: offsets.size,
  limit,
  offsetOf: (pfn) => offsets.get(pfn) ?? -1,
  *runs() {
    for (const pfn of [...offsets.keys()].sort((a, b) => a - b)) yield { base: pfn, count: 1 };
  },
});
