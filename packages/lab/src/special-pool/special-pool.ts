import { assert, pageOf, pageSize, type Va } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import { highestLevel } from '../pool/pool-checks.ts';
import { type PoolTag, pagedBit, tagNumber } from '../pool/pool-type.ts';
import { choosesBlock, type SpecialPoolValues } from './choice.ts';
import { freedRecordBytes, maxStackBytes } from './freed-record.ts';
import {
  checkPlace,
  checkSize,
  type FoundHeader,
  findSlopDamage,
  readHeader,
  specialBugCheck,
} from './special-checks.ts';
import { dataOffset, type SpecialAlignment, specialPageBytes, unitOf, withEntry } from './special-page.ts';
import type { SpecialKind, SpecialPages, SpecialPair } from './special-pages.ts';

/** What special pool of a made-up machine is made of. */
export interface SpecialPoolOptions {
  readonly space: AddressSpace;
  readonly pages: SpecialPages;
  readonly values?: SpecialPoolValues;
  /** Clock ticks since the start: the pattern of a block is taken from them. */
  readonly ticks: () => number;
  /** Pages of nonpaged blocks that there may be at a time; no limit when absent. */
  readonly maxNonPagedPages?: number;
}

/** A request for a block. */
export interface SpecialRequest {
  /** POOL_TYPE. */
  readonly type: number;
  readonly bytes: number;
  readonly tag: PoolTag;
  readonly irql?: number;
  /** Leave room behind the header for the address of the verifier's record. */
  readonly byVerifier?: boolean;
  /** As nt!MmSpecialPoolCatchOverruns says when absent. */
  readonly alignment?: SpecialAlignment;
}

/** Who frees: all that the record of a freed block tells. */
export interface FreeingCaller {
  readonly irql: number;
  readonly thread: Va;
  readonly stackPointer: Va;
}

/** A block of special pool that is in use. */
export interface TrueSpecialAllocation {
  readonly page: Va;
  readonly address: Va;
  readonly size: number;
  readonly tag: number;
  readonly type: number;
  readonly kind: SpecialKind;
  readonly pattern: number;
  readonly alignment: SpecialAlignment;
}

const pointerSize = 8;
const page = BigInt(pageSize);

/**
 * Special pool of x64: each block has a page of its own, which ends or begins where the block does, and a page behind it that
 * nobody can touch. What decides is in the machine's memory: entries, headers, patterns.
 */
export class SpecialPool {
  readonly #options: SpecialPoolOptions;
  readonly #pages: SpecialPages;
  readonly #live = new Map<Va, TrueSpecialAllocation>();
  readonly #old = new Map<Va, TrueSpecialAllocation>();
  #nonPagedPages = 0;

  constructor(options: SpecialPoolOptions) {
    assert(options.space.tables.format.entrySize === 8, 'special pool of the lab is that of x64');
    this.#options = options;
    this.#pages = options.pages;
  }

  get overruns(): boolean {
    return this.#options.values?.poolTagOverruns ?? true;
  }

  /** Is a block of this tag or size to come from here, whoever asks? */
  chooses(size: number, tag: number): boolean {
    const value = this.#options.values?.poolTag ?? 0;
    return choosesBlock(value, { size, tag }, unitOf(pointerSize));
  }

  holds(va: Va): boolean {
    return this.#pages.holds(va);
  }

  /** What a page without memory is: that which guards a block, or that of a freed one; undefined where its entries are gone. */
  kindOf(va: Va): 'guard' | 'freed' | undefined {
    const pair = this.#pages.find(va);
    if (pair === undefined) return undefined;
    if (pair.state === 'live') return 'guard';
    const next = pageOf(va) === pair.va + page ? this.#pages.find(va + page) : undefined;
    if (next?.state === 'live' && this.#live.get(next.va)?.alignment === 'start') return 'guard';
    return pair.state === 'freed' ? 'freed' : undefined;
  }

  /** Address of the block; undefined: it does not qualify, or there is no room, and it has to come from ordinary pool. */
  allocate(request: SpecialRequest): Va | undefined {
    const { type, bytes, irql = 0, byVerifier = false } = request;
    const tag = tagNumber(request.tag);
    const kind: SpecialKind = (type & pagedBit) === 0 ? 'nonpaged' : 'paged';
    if (bytes > largestBlock(byVerifier)) return undefined;
    if (irql > highestLevel(type)) throw specialBugCheck(0x30, BigInt(irql), BigInt(type), BigInt(bytes));
    const alignment = request.alignment ?? (this.overruns ? 'end' : 'start');
    const start = this.#takePage(kind, type, alignment);
    if (start === undefined) return undefined;
    const pattern = (this.#options.ticks() & 0xff) | 1;
    const facts = { size: bytes, tag, pattern, alignment, paged: kind === 'paged', entry: undefined };
    this.#options.space.write(start, specialPageBytes(facts, pointerSize));
    const address = start + BigInt(dataOffset(bytes, alignment, pointerSize));
    const block = { page: start, address, size: bytes, tag, type, kind, pattern, alignment };
    this.#live.set(start, block);
    this.#old.delete(start);
    this.#count(kind, 1);
    return address;
  }

  /** The verifier has a record of the block; one that begins its page has no room for that. */
  setEntry(address: Va, entry: Va): void {
    const block = this.blockAt(address);
    if (block === undefined || block.alignment === 'start') return;
    const { space } = this.#options;
    const bytes = space.read(block.page, pageSize);
    space.write(block.page, withEntry(bytes, entry, pointerSize));
  }

  /** The checks of a free, then the free. Throws the PoolBugCheck of what is wrong. */
  free(va: Va, caller: FreeingCaller): void {
    const { space } = this.#options;
    const pair = this.#pairOf(va);
    if (pair === undefined || space.pfnOf(va) === undefined)
      throw specialBugCheck(0x20, va, space.tables.pteAddress(va), 0n);
    const bytes = space.read(pair.va, pageSize);
    const header = readHeader(bytes, va, pointerSize);
    const type = header.paged ? pagedBit : 0;
    if (caller.irql > highestLevel(type)) throw specialBugCheck(0x31, BigInt(caller.irql), BigInt(type), va);
    if (this.#pages.isHeap) checkPlace(va, header, pointerSize);
    else checkSize(va, header, pointerSize);
    this.checkSlop(va);
    this.#release(pair, va, header, caller);
  }

  /** Throws the PoolBugCheck of the first byte around a block that was changed. */
  checkSlop(va: Va): void {
    const bytes = this.#options.space.read(pageOf(va), pageSize);
    const header = readHeader(bytes, va, pointerSize);
    const damage = findSlopDamage(bytes, va, header, pointerSize);
    if (damage !== undefined) throw specialBugCheck(damage.kind, va, damage.at, BigInt(header.pattern));
  }

  /** The block in use on the page of an address. */
  blockAt(va: Va): TrueSpecialAllocation | undefined {
    return this.#live.get(pageOf(va));
  }

  /** The block that was freed last on the page of an address. */
  freedAt(va: Va): TrueSpecialAllocation | undefined {
    return this.#old.get(pageOf(va));
  }

  /** The block that was given out last, while it is in use. */
  get newest(): TrueSpecialAllocation | undefined {
    return [...this.#live.values()].at(-1);
  }

  /** Blocks in use by address. */
  truth(): TrueSpecialAllocation[] {
    return [...this.#live.values()].sort((a, b) => (a.page < b.page ? -1 : 1));
  }

  get pagesInUse(): number {
    return this.#pages.pagesInUse;
  }

  #takePage(kind: SpecialKind, type: number, alignment: SpecialAlignment): Va | undefined {
    const { maxNonPagedPages = Number.POSITIVE_INFINITY } = this.#options;
    if (kind === 'nonpaged' && this.#nonPagedPages >= maxNonPagedPages) return undefined;
    return this.#pages.take(kind, type, alignment);
  }

  #pairOf(va: Va): SpecialPair | undefined {
    const found = this.#pages.find(va);
    return found?.state === 'live' && found.va === pageOf(va) ? found : undefined;
  }

  /** The page keeps a record of its block as long as nobody else gets it. */
  #release(pair: SpecialPair, va: Va, header: FoundHeader, caller: FreeingCaller): void {
    const { space, ticks } = this.#options;
    const block = this.#live.get(pair.va);
    assert(block !== undefined, 'a page of special pool has a block');
    const stack = this.#stackFrom(caller.stackPointer);
    const { thread, stackPointer } = caller;
    const facts = { address: va, ...header, tickCount: ticks(), thread, stackPointer, stack };
    if (!this.#pages.isHeap) space.write(pair.va, freedRecordBytes(facts, pointerSize));
    this.#pages.giveBack(block.kind, pair.va);
    this.#live.delete(pair.va);
    this.#old.set(pair.va, block);
    this.#count(block.kind, -1);
  }

  /** As much of the stack as is mapped. */
  #stackFrom(stackPointer: Va): Uint8Array {
    const { space } = this.#options;
    const wanted = stackPointer + BigInt(maxStackBytes);
    if (space.pfnOf(stackPointer) === undefined) return new Uint8Array(0);
    const end = space.pfnOf(wanted - 1n) === undefined ? pageOf(stackPointer) + page : wanted;
    return space.read(stackPointer, Number(end - stackPointer));
  }

  #count(kind: SpecialKind, pages: 1 | -1): void {
    if (kind === 'nonpaged') this.#nonPagedPages += pages;
  }
}

/** A page without the header, and without the room that the verifier takes behind it. */
export const largestBlock = (byVerifier: boolean): number =>
  pageSize - unitOf(pointerSize) * (byVerifier ? 2 : 1);
