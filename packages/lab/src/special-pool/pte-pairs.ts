import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import type { MapOptions } from '../memory/paging-format.ts';

/** Two entries: that of a block's page, and that of the page that guards it. */
export interface PtePair {
  /** The page of the block. */
  readonly va: Va;
  readonly slice: PteSlice;
  state: 'never' | 'live' | 'freed';
  previous: PtePair | undefined;
  next: PtePair | undefined;
}

/** What one page of entries maps. */
export interface PteSlice {
  readonly start: Va;
  readonly pairs: readonly PtePair[];
  live: number;
}

/** Where the ends of the list are kept for a reader: indexes of entries from the base on; undefined: there is none. */
export interface ChainEnds {
  readonly head: number | undefined;
  readonly tail: number | undefined;
}

export interface PteChainOptions {
  readonly space: AddressSpace;
  /** Address whose entry has index 0. */
  readonly base: Va;
  /** The next slice, or undefined when the region is used up. */
  readonly nextSlice: () => Va | undefined;
  /** Is told of a slice that is in use, or is not any more. */
  readonly noteSlice: (start: Va, inUse: boolean) => void;
  /** MMPTE_LIST.NextEntry begins at this bit. */
  readonly listShift: 28n | 32n;
}

const page = BigInt(pageSize);
/** The last entry of a list. */
const endOfList = { 28: 0xf_ffff_ffffn, 32: 0xffff_ffffn } as const;

/**
 * Pairs of entries that are free, as a list through the entries themselves: taken from the head, given back at the tail, so
 * that an address is used again as late as possible. Pairs of a new page of entries are taken from its end on: that is
 * where the article's two blocks were. When none of a page's entries is used, it is given back and its directory entry is 0.
 */
export class PteChain {
  readonly #options: PteChainOptions;
  readonly #slices = new Map<Va, PteSlice>();
  /** Slices that were given back, in this order: they are used again when nothing else is left. */
  readonly #idle: Va[] = [];
  readonly #span: bigint;
  #head: PtePair | undefined;
  #tail: PtePair | undefined;
  /** Pairs that were given back, by the address of their page; what happened there is known for as long. */
  readonly #freed = new Set<Va>();

  constructor(options: PteChainOptions) {
    this.#options = options;
    const { steps } = options.space.tables.format;
    this.#span = 1n << BigInt(steps.find(({ level }) => level === 'PDE')!.shift);
  }

  get ends(): ChainEnds {
    return { head: this.#indexOf(this.#head), tail: this.#indexOf(this.#tail) };
  }

  /** The pair whose block's page or guard holds an address, while its page of entries is there. */
  pairAt(va: Va): PtePair | undefined {
    const slice = this.#slices.get((va / this.#span) * this.#span);
    return slice?.pairs[Number((va - slice.start) / (2n * page))];
  }

  wasFreed(va: Va): boolean {
    return this.#freed.has((va / (2n * page)) * 2n * page);
  }

  /** Maps a page for a block; undefined: there are no entries left. */
  take(pfn: Pfn, rights: MapOptions): PtePair | undefined {
    const pair = this.#head ?? this.#grow();
    if (pair === undefined) return undefined;
    this.#unlink(pair);
    pair.state = 'live';
    pair.slice.live++;
    this.#freed.delete(pair.va);
    this.#options.space.mapPage(pair.va, pfn, rights);
    return pair;
  }

  giveBack(pair: PtePair): void {
    const { space } = this.#options;
    space.plant(pair.va, 0n);
    space.plant(pair.va + page, 0n);
    pair.state = 'freed';
    pair.slice.live--;
    this.#freed.add(pair.va);
    if (pair.slice.live === 0) this.#drop(pair.slice);
    else this.#append(pair);
  }

  #grow(): PtePair | undefined {
    const start = this.#options.nextSlice() ?? this.#idle.shift();
    if (start === undefined) return undefined;
    const slice: PteSlice = { start, live: 0, pairs: [] };
    const count = Number(this.#span / (2n * page));
    const pairs = slice.pairs as PtePair[];
    for (let index = 0; index < count; index++) {
      const va = start + BigInt(index) * 2n * page;
      const state = this.#freed.has(va) ? 'freed' : 'never';
      pairs.push({ va, slice, state, previous: undefined, next: undefined });
    }
    this.#slices.set(start, slice);
    for (let index = count - 1; index >= 0; index--) this.#append(pairs[index]!);
    this.#options.noteSlice(start, true);
    return this.#head;
  }

  /** The page of entries goes, and with it those of its pairs that are on the list. */
  #drop(slice: PteSlice): void {
    const { space } = this.#options;
    for (const pair of slice.pairs) this.#unlink(pair);
    const table = space.tables.entry(slice.start, 'PDE');
    space.tables.plant(slice.start, 0n, 'PDE');
    space.memory.release(Number((table & 0x000f_ffff_ffff_f000n) >> 12n));
    this.#slices.delete(slice.start);
    this.#idle.push(slice.start);
    this.#options.noteSlice(slice.start, false);
  }

  #append(pair: PtePair): void {
    pair.previous = this.#tail;
    pair.next = undefined;
    if (this.#tail === undefined) this.#head = pair;
    else this.#tail.next = pair;
    const before = this.#tail;
    this.#tail = pair;
    this.#write(pair);
    if (before !== undefined) this.#write(before);
  }

  #unlink(pair: PtePair): void {
    const { previous, next } = pair;
    if (previous === undefined && this.#head !== pair) return;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    pair.previous = undefined;
    pair.next = undefined;
    if (previous !== undefined) this.#write(previous);
  }

  #indexOf(pair: PtePair | undefined): number | undefined {
    return pair === undefined ? undefined : Number((pair.va - this.#options.base) / page);
  }

  /** MMPTE_LIST of the pair's first entry: no bit but those of the next one's index. */
  #write(pair: PtePair): void {
    const { listShift, space } = this.#options;
    const next = this.#indexOf(pair.next);
    const value = next === undefined ? endOfList[Number(listShift) as 28 | 32] : BigInt(next);
    space.plant(pair.va, value << listShift);
  }
}
