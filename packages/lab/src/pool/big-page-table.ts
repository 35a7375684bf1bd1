import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, pageNumberOf } from './kernel-address.ts';
import { type PoolLayout, readMember } from './pool-layout.ts';
import type { PoolMemory } from './pool-memory.ts';
import type { PoolTrace } from './pool-trace.ts';

/** Bit 0 of Va: the slot is free; the rest of it is what was there. */
const freeSlot = 1;

/** An entry of the table. */
export interface BigPageEntry {
  readonly va: KernelAddress;
  readonly tag: number;
  /** POOL_TYPE that was asked for. */
  readonly type: number;
  readonly bytes: number;
  /** Bytes to the end of the last page, and what fills them: Windows 10 only, 0 elsewhere. */
  readonly slush: number;
  readonly pattern: number;
}

/** Where the search for an address begins. Source: ReactOS, as facts. */
export function bigPageHash(va: KernelAddress, slots: number): number {
  const page = pageNumberOf(va) >>> 0;
  return ((page >>> 24) ^ (page >>> 16) ^ (page >>> 8) ^ page) & (slots - 1);
}

/** Where a table of big pages is, and how it is searched. */
interface TablePlace {
  readonly start: KernelAddress;
  readonly slots: number;
  /** nt!ExpPoolBigEntriesInUse. */
  readonly usedAt: KernelAddress | undefined;
  /** The classic hash when absent. */
  readonly hash?: typeof bigPageHash;
}

/** nt!PoolBigPageTable: the allocations of whole pages, which have no headers. */
export class BigPageTable {
  readonly #memory: PoolMemory;
  readonly #trace: PoolTrace;
  readonly #layout: PoolLayout['bigPage'];
  #start: KernelAddress;
  #slots: number;
  #used = 0;
  /** nt!ExpPoolBigEntriesInUse. */
  readonly #usedAt: KernelAddress | undefined;
  readonly #hash: typeof bigPageHash;

  constructor(
    memory: PoolMemory,
    trace: PoolTrace,
    layout: PoolLayout['bigPage'],
    { start, slots, usedAt, hash = bigPageHash }: TablePlace,
  ) {
    this.#usedAt = usedAt;
    this.#hash = hash;
    this.#memory = memory;
    this.#trace = trace;
    this.#layout = layout;
    this.#start = start;
    this.#slots = slots;
    this.#clear();
  }

  get start(): KernelAddress {
    return this.#start;
  }

  get slots(): number {
    return this.#slots;
  }

  get used(): number {
    return this.#used;
  }

  /** More than three quarters are used: a larger one has to be made. */
  get isCrowded(): boolean {
    return this.#used * 4 > this.#slots * 3;
  }

  /** Pages that a table of so many slots takes. */
  pagesFor(slots: number): number {
    return Math.ceil((slots * this.#layout.size) / pageSize);
  }

  /** Makes new memory the table and enters everything again. */
  rebuild(start: KernelAddress, slots: number): void {
    const entries = [...this.entries()];
    this.#start = start;
    this.#slots = slots;
    this.#count(-this.#used);
    this.#clear();
    for (const entry of entries) this.insert(entry);
  }

  /** There is always a free slot: the table grows before it is full. */
  insert(entry: BigPageEntry): void {
    const { memory, layout } = { memory: this.#memory, layout: this.#layout };
    const at = this.#search(entry.va, (va) => (va & freeSlot) !== 0);
    if (at === undefined) return;
    memory.writePointer(at + layout.va, entry.va);
    memory.writeU32(at + layout.key, entry.tag);
    const packed = (entry.pattern | (entry.type << 8) | (entry.slush << 20)) >>> 0;
    memory.writeU32(at + layout.poolType, layout.packsTail ? packed : entry.type);
    memory.writeU32(at + layout.bytes.offset, entry.bytes);
    if (layout.bytes.size === 8) memory.writeU32(at + layout.bytes.offset + 4, 0);
    this.#count(1);
  }

  find(va: KernelAddress): BigPageEntry | undefined {
    const at = this.#search(va, (found) => found === va);
    return at === undefined ? undefined : this.#read(at);
  }

  /** Marks the slot of an address as free; its contents stay. */
  remove(va: KernelAddress): void {
    const at = this.#search(va, (found) => found === va);
    if (at === undefined) return;
    this.#memory.writePointer(at + this.#layout.va, va + freeSlot);
    this.#count(-1);
  }

  *entries(): Generator<BigPageEntry> {
    for (let slot = 0; slot < this.#slots; slot++) {
      const at = this.#slot(slot);
      if ((this.#memory.readU32(at + this.#layout.va) & freeSlot) === 0) yield this.#read(at);
    }
  }

  #count(delta: number): void {
    this.#used += delta;
    if (this.#usedAt !== undefined) this.#memory.writeU32(this.#usedAt, this.#used);
  }

  #read(at: KernelAddress): BigPageEntry {
    const { memory, layout } = { memory: this.#memory, layout: this.#layout };
    const word = memory.readU32(at + layout.poolType);
    return {
      va: memory.readPointer(at + layout.va),
      tag: memory.readU32(at + layout.key),
      type: layout.packsTail ? (word >>> 8) & 0xfff : word,
      bytes: readMember(memory, at, layout.bytes),
      slush: layout.packsTail ? word >>> 20 : 0,
      pattern: layout.packsTail ? word & 0xff : 0,
    };
  }

  #search(va: KernelAddress, isWanted: (va: KernelAddress) => boolean): KernelAddress | undefined {
    const start = this.#hash(va, this.#slots);
    for (let tries = 0; tries < this.#slots; tries++) {
      const at = this.#slot((start + tries) & (this.#slots - 1));
      this.#trace.at('big-page-table', at);
      if (isWanted(this.#memory.readPointer(at + this.#layout.va))) return at;
    }
    return undefined;
  }

  #slot(index: number): KernelAddress {
    return this.#start + index * this.#layout.size;
  }

  #clear(): void {
    for (let slot = 0; slot < this.#slots; slot++)
      this.#memory.writePointer(this.#slot(slot) + this.#layout.va, freeSlot);
  }
}
