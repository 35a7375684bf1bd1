import type { KernelAddress } from './kernel-address.ts';
import { type PoolLayout, readMember, type TrackerPlaces } from './pool-layout.ts';
import type { PoolMemory } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';
import { plainTag, wellKnownTags } from './pool-type.ts';

/** Sums of one tag over all processors. */
export interface TagSums {
  readonly tag: number;
  readonly nonPaged: TagCounts;
  readonly paged: TagCounts;
}

/** What the pool counts for a tag. */
export interface TagCounts {
  readonly allocs: number;
  readonly frees: number;
  readonly bytes: number;
}

/** Where a tag belongs in a table of `mask + 1` entries. Source: ReactOS, as facts. */
export function trackerHash(tag: number, mask: number): number {
  const product = 40543 * tag;
  return ((product >>> 0) ^ Math.floor(product / 0x1_0000_0000)) & mask;
}

/**
 * POOL_TRACKER_TABLE: an open hash by tag with an entry for all that found no place at the end. Every processor counts in a
 * table of its own (nt!ExPoolTagTables); nt!PoolTrackTable is the first of them and decides where a tag is in all.
 */
export class TagTracker {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;
  readonly #layout: PoolLayout['tracker'];
  readonly #tables: readonly KernelAddress[];
  /** With the entry for the overflow. */
  readonly #entries: number;

  constructor(
    memory: PoolMemory,
    trace: PoolTrace,
    layout: PoolLayout['tracker'],
    { tables, entries }: { tables: readonly KernelAddress[]; entries: number },
  ) {
    this.#memory = memory;
    this.#trace = trace;
    this.#layout = layout;
    this.#tables = tables;
    this.#entries = entries;
    for (const table of tables)
      memory.writeU32(this.#entry(table, entries - 1) + layout.key, wellKnownTags.overflow);
  }

  countAllocation(tag: number, bytes: number, isPaged: boolean, processor: number): void {
    const entry = this.#find(plainTag(tag), processor);
    const places = isPaged ? this.#layout.paged : this.#layout.nonPaged;
    this.#add(entry, places.allocs, 1);
    this.#add(entry, places.bytes, bytes);
  }

  countFree(tag: number, bytes: number, isPaged: boolean, processor: number): void {
    const entry = this.#find(plainTag(tag), processor);
    const places = isPaged ? this.#layout.paged : this.#layout.nonPaged;
    this.#add(entry, places.frees, 1);
    this.#add(entry, places.bytes, -bytes);
  }

  /** Tags that were ever counted, with what the tables of all processors say together. */
  sums(): TagSums[] {
    const [first] = this.#tables as [KernelAddress];
    return Array.from({ length: this.#entries }, (_, index): TagSums => {
      const tag = this.#memory.readU32(this.#entry(first, index) + this.#layout.key);
      const all = this.#tables.map((table) => this.#entry(table, index));
      return {
        tag,
        nonPaged: this.#sum(all, this.#layout.nonPaged),
        paged: this.#sum(all, this.#layout.paged),
      };
    }).filter(({ tag, nonPaged, paged }) => tag !== 0 && nonPaged.allocs + paged.allocs > 0);
  }

  /** Counters wrap: what one processor freed more than it allocated is a big number there. */
  #sum(entries: readonly KernelAddress[], places: TrackerPlaces): TagCounts {
    const add = (place: { offset: number; size: number }): number => {
      const modulus = 2 ** (8 * place.size);
      return entries.reduce((sum, entry) => (sum + readMember(this.#memory, entry, place)) % modulus, 0);
    };
    return { allocs: add(places.allocs), frees: add(places.frees), bytes: this.#sumBytes(entries, places) };
  }

  #sumBytes(entries: readonly KernelAddress[], { bytes: { offset, size } }: TrackerPlaces): number {
    if (size === 4)
      return entries.reduce((sum, entry) => (sum + this.#memory.readU32(entry + offset)) % 2 ** 32, 0);
    const total = entries.reduce((sum, entry) => sum + this.#memory.readU64(entry + offset), 0n);
    return Number(BigInt.asUintN(64, total));
  }

  #find(tag: number, processor: number): KernelAddress {
    const [own, first] = [this.#tables[processor]!, this.#tables[0]!];
    const mask = this.#entries - 2;
    const { key } = this.#layout;
    this.#trace.at('tracker', own);
    let index = trackerHash(tag, mask);
    for (let tries = 0; tries <= mask; tries++) {
      const entry = this.#entry(own, index);
      const known = this.#memory.readU32(entry + key);
      if (known === tag) return entry;
      if (known === 0 && this.#claim(this.#entry(first, index), entry, tag)) return entry;
      index = (index + 1) & mask;
    }
    return this.#entry(own, mask + 1);
  }

  /** Is this place the tag's in the first table, or free there? */
  #claim(master: KernelAddress, entry: KernelAddress, tag: number): boolean {
    const { key } = this.#layout;
    const known = this.#memory.readU32(master + key);
    if (known !== 0 && known !== tag) return false;
    this.#memory.writeU32(master + key, tag);
    this.#memory.writeU32(entry + key, tag);
    return true;
  }

  #entry(table: KernelAddress, index: number): KernelAddress {
    return table + index * this.#layout.size;
  }

  #add(entry: KernelAddress, { offset, size }: { offset: number; size: number }, delta: number): void {
    this.#memory.add(entry + offset, size, delta);
  }
}
