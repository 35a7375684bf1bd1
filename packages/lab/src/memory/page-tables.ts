import {
  assert,
  DebuggerError,
  type Pa,
  type PagingLevel,
  type Pfn,
  pageSize,
  type Va,
  wrap64,
} from '@poolscope/engine/base';
import type { MapOptions, PagingFormat, PagingStep } from './paging-format.ts';
import type { PhysicalMemory } from './physical-memory.ts';

/** On PAE the four page directories show in the last gigabyte. */
const paeSelfMapSlot = 3;

/** Real page tables in the RAM of a machine. */
export class PageTables {
  readonly format: PagingFormat;
  /** Physical address of the root table: what goes into CR3 or TTBR. */
  readonly root: Pa;
  readonly #memory: PhysicalMemory;
  /** The table of the pages that were mapped last, by their addresses without what it tells apart. */
  #newest: { readonly region: Va; readonly table: Pa } | undefined;
  #pteBase: Va | undefined;
  #selfMapSlot: number | undefined;

  /** `rootOffset`: where in its page the root is; only the four-entry root of PAE can be elsewhere than at 0. */
  constructor(memory: PhysicalMemory, format: PagingFormat, rootOffset = 0) {
    assert(format.name === 'pae' || rootOffset === 0, 'only a PAE root may start inside a page');
    this.#memory = memory;
    this.format = format;
    this.root = memory.allocate() * pageSize + rootOffset;
  }

  map(va: Va, pfn: Pfn, options: MapOptions = {}): void {
    const level = options.at ?? 'PTE';
    if (level !== 'PTE') this.#newest = undefined;
    const { step, pa } = this.#descend(va, level, options.user ?? false);
    const pages = 2 ** (step.shift - 12);
    assert(pfn % pages === 0, `page ${pfn.toString(16)} is not aligned for a page of this size`);
    this.#memory.writeEntry(pa, this.format.entrySize, this.format.leaf(pfn, step, options));
  }

  /** Writes any entry (not valid, damaged, of software) at a level, making the tables above it. */
  plant(va: Va, entry: bigint, level: PagingLevel = 'PTE', user = false): void {
    if (level !== 'PTE') this.#newest = undefined;
    this.#memory.writeEntry(this.#descend(va, level, user).pa, this.format.entrySize, entry);
  }

  /** Physical address of the entry of `va` at a level, if the tables above it exist. */
  entryAddress(va: Va, level: PagingLevel = 'PTE'): Pa | undefined {
    let table: Pa = this.root;
    for (const step of this.format.steps) {
      const pa = table + entryIndex(va, step) * this.format.entrySize;
      if (step.level === level) return pa;
      const entry = this.#memory.readEntry(pa, this.format.entrySize);
      if (entry === 0n) return undefined;
      table = tableAddress(entry);
    }
    return undefined;
  }

  /** The entry itself; 0 where there is none. */
  entry(va: Va, level: PagingLevel = 'PTE'): bigint {
    const pa = this.entryAddress(va, level);
    return pa === undefined ? 0n : this.#memory.readEntry(pa, this.format.entrySize);
  }

  /**
   * Makes the tables visible in virtual memory as Windows does: an entry of the root points to the root
   * (on PAE: four entries of the last directory point to the four directories).
   */
  mapSelf(slot: number): Va {
    const { format } = this;
    if (format.name === 'pae') this.#mapPaeDirectories();
    else {
      const first = format.steps[0]!;
      const entry = format.table(this.root / pageSize, first, false);
      this.#memory.writeEntry(this.root + slot * format.entrySize, format.entrySize, entry);
    }
    this.#selfMapSlot = slot;
    this.#pteBase = selfMapBase(format, slot);
    return this.#pteBase;
  }

  /** Virtual address of the PTE of `va`; `mapSelf` has been called. */
  pteAddress(va: Va): Va {
    assert(this.#pteBase !== undefined, 'the tables have no self-map');
    const { format } = this;
    const top = format.steps[0]!;
    const pageNumber = (va & ((1n << BigInt(top.shift + top.bits)) - 1n)) >> 12n;
    return this.#pteBase + pageNumber * BigInt(format.entrySize);
  }

  /** The table page that shows at an address of the self-map; undefined elsewhere and where no table is. */
  selfMapPage(va: Va): Pfn | undefined {
    if (this.#pteBase === undefined) return undefined;
    const { entrySize, steps } = this.format;
    const top = steps[0]!;
    const size = (1n << BigInt(top.shift + top.bits - 12)) * BigInt(entrySize);
    if (va < this.#pteBase || va >= this.#pteBase + size) return undefined;
    let table: Pa = this.root;
    for (const step of steps) {
      const entry = this.#memory.readEntry(table + entryIndex(va, step) * entrySize, entrySize);
      if ((entry & 1n) === 0n) return undefined;
      table = tableAddress(entry);
    }
    return table / pageSize;
  }

  /** Addresses of the entries that translate `va`, PTE first. */
  entryAddresses(va: Va): Va[] {
    // The four entries at the root of PAE do not show in the self-map.
    const levels = this.format.name === 'pae' ? 2 : this.format.steps.length;
    const addresses = [this.pteAddress(va)];
    while (addresses.length < levels) addresses.push(this.pteAddress(addresses.at(-1)!));
    return addresses;
  }

  /**
   * Tables of another process: its own root, with the same kernel half. What is mapped in that half later shows in
   * both only where the table below the root existed already.
   */
  fork(rootOffset = 0): PageTables {
    const twin = new PageTables(this.#memory, this.format, rootOffset);
    const { entrySize, steps } = this.format;
    const count = 2 ** steps[0]!.bits;
    for (let index = count / 2; index < count; index++) {
      const entry = this.#memory.readEntry(this.root + index * entrySize, entrySize);
      this.#memory.writeEntry(twin.root + index * entrySize, entrySize, entry);
    }
    if (this.#selfMapSlot === undefined) return twin;
    if (this.format.name === 'pae') twin.#copyLastDirectory();
    twin.mapSelf(this.#selfMapSlot);
    return twin;
  }

  /** On PAE the directory of the last gigabyte holds the self-map, so each process has its own. */
  #copyLastDirectory(): void {
    const pa = this.root + paeSelfMapSlot * 8;
    const shared = tableAddress(this.#memory.readEntry(pa, 8));
    this.#memory.writeEntry(pa, 8, 0n);
    const own = this.#child(pa, this.format.steps[0]!, false);
    this.#memory.write(own, this.#memory.read(shared, pageSize));
  }

  #mapPaeDirectories(): void {
    const [top, directory] = this.format.steps as [PagingStep, PagingStep];
    const bases = [0, 1, 2, 3].map((index) => this.#child(this.root + index * 8, top, false));
    for (const [index, base] of bases.entries()) {
      const entry = this.format.table(base / pageSize, directory, false);
      this.#memory.writeEntry(bases[paeSelfMapSlot]! + index * 8, 8, entry);
    }
  }

  #descend(va: Va, level: PagingLevel, user: boolean): { step: PagingStep; pa: Pa } {
    const { steps, entrySize } = this.format;
    const last = steps.at(-1)!;
    const region = va >> BigInt(last.shift + last.bits);
    if (level === 'PTE' && this.#newest?.region === region)
      return { step: last, pa: this.#newest.table + entryIndex(va, last) * entrySize };
    let table: Pa = this.root;
    for (const step of steps) {
      const pa = table + entryIndex(va, step) * entrySize;
      if (step.level === 'PTE') this.#newest = { region, table };
      if (step.level === level) return { step, pa };
      table = this.#child(pa, step, user);
    }
    throw new DebuggerError('LAB_OPTIONS', `${this.format.name} tables have no ${level}`);
  }

  #child(pa: Pa, step: PagingStep, user: boolean): Pa {
    const { entrySize } = this.format;
    const entry = this.#memory.readEntry(pa, entrySize);
    if (entry !== 0n) return tableAddress(entry);
    const pfn = this.#memory.allocate();
    this.#memory.writeEntry(pa, entrySize, this.format.table(pfn, step, user));
    return pfn * pageSize;
  }
}

const entryIndex = (va: Va, { shift, bits }: PagingStep): number =>
  Number((va >> BigInt(shift)) & ((1n << BigInt(bits)) - 1n));

const tableAddress = (entry: bigint): Pa => Number(entry & 0x000f_ffff_ffff_f000n);

function selfMapBase(format: PagingFormat, slot: number): Va {
  const top = format.steps[0]!;
  const width = BigInt(top.shift + top.bits);
  const base = BigInt(slot) << BigInt(top.shift);
  const negative = (base >> (width - 1n)) & 1n;
  return negative ? wrap64(base - (1n << width)) : base;
}
