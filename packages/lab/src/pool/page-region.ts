import { assert, DebuggerError, type Pfn, pageSize } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import type { MapOptions } from '../memory/paging-format.ts';
import { type KernelAddress, offsetInPage, toVa } from './kernel-address.ts';
import { PageLedger } from './pool-ledger.ts';
import type { SpacePoolMemory } from './pool-memory.ts';

/** What a page of a region is used for. */
export const PageUse = { none: 0, small: 1, bigStart: 2, bigRest: 3 } as const;

/** Addresses of one pool, given out by the page. A page that is given back is not mapped any more. */
export class PageRegion {
  readonly start: KernelAddress;
  readonly end: KernelAddress;
  readonly uses: Uint8Array;
  readonly #space: AddressSpace;
  readonly #memory: SpacePoolMemory;
  readonly #options: MapOptions;
  readonly #unit: number;
  readonly #ledgers: (PageLedger | undefined)[];
  /** Where the last search ended: addresses are used again late. */
  #hint = 0;
  #used = 0;

  constructor(
    space: AddressSpace,
    memory: SpacePoolMemory,
    {
      start,
      pages,
      unit,
      options,
    }: { start: KernelAddress; pages: number; unit: number; options: MapOptions },
  ) {
    this.start = start;
    this.end = start + pages * pageSize;
    this.uses = new Uint8Array(pages);
    this.#space = space;
    this.#memory = memory;
    this.#options = options;
    this.#unit = unit;
    this.#ledgers = new Array<PageLedger | undefined>(pages);
  }

  holds(address: KernelAddress): boolean {
    return address >= this.start && address < this.end;
  }

  /** Pages in use. */
  get used(): number {
    return this.#used;
  }

  indexOf(address: KernelAddress): number {
    return Math.floor((address - this.start) / pageSize);
  }

  /** Account of the page that holds an address. */
  ledger(address: KernelAddress): PageLedger {
    const index = this.indexOf(address);
    const known = this.#ledgers[index];
    if (known !== undefined) return known;
    const fresh = new PageLedger(pageSize / this.#unit);
    this.#ledgers[index] = fresh;
    return fresh;
  }

  findLedger(index: number): PageLedger | undefined {
    return this.#ledgers[index];
  }

  unitOf(address: KernelAddress): number {
    return offsetInPage(address) / this.#unit;
  }

  /** The first of so many pages in a row; undefined when addresses or RAM are used up. */
  allocate(count: number, isBig: boolean): KernelAddress | undefined {
    const index = this.#findFree(count);
    if (index === undefined) return undefined;
    const start = this.start + index * pageSize;
    if (!this.#map(start, count)) return undefined;
    this.uses.fill(isBig ? PageUse.bigRest : PageUse.small, index, index + count);
    if (isBig) this.uses[index] = PageUse.bigStart;
    this.#hint = (index + count) % this.uses.length;
    this.#used += count;
    return start;
  }

  /** A page of blocks at a certain address that nobody uses yet. */
  claim(page: KernelAddress): void {
    const index = this.indexOf(page);
    assert(this.holds(page) && this.uses[index] === PageUse.none, 'a page of the region that is free');
    assert(this.#map(page, 1), 'there is RAM for the page');
    this.uses[index] = PageUse.small;
    this.#used += 1;
  }

  /** Takes the pages away from the address space; their RAM is free. */
  free(start: KernelAddress, count: number): void {
    const index = this.indexOf(start);
    this.uses.fill(PageUse.none, index, index + count);
    this.#ledgers.fill(undefined, index, index + count);
    this.#used -= count;
    this.#memory.remap(start, count, () => this.#unmap(start, count));
  }

  /** The last page of a large allocation becomes one of blocks. */
  makeSmall(page: KernelAddress): void {
    this.uses[this.indexOf(page)] = PageUse.small;
  }

  #findFree(count: number): number | undefined {
    const pages = this.uses.length;
    for (const [from, to] of [
      [this.#hint, pages],
      [0, Math.min(pages, this.#hint + count - 1)],
    ] as const) {
      let run = 0;
      for (let index = from; index < to; index++) {
        run = this.uses[index] === PageUse.none ? run + 1 : 0;
        if (run === count) return index - count + 1;
      }
    }
    return undefined;
  }

  /** All of the pages or none. */
  #map(start: KernelAddress, count: number): boolean {
    let done = 0;
    this.#memory.remap(start, count, () => {
      while (done < count && this.#mapOne(start + done * pageSize)) done++;
      if (done < count) this.#unmap(start, done);
    });
    return done === count;
  }

  /** False when RAM is used up, by the page or by a table that leads to it. */
  #mapOne(page: KernelAddress): boolean {
    let pfn: Pfn | undefined;
    try {
      pfn = this.#space.memory.allocate('kernel');
      this.#space.mapPage(toVa(page), pfn, this.#options);
      return true;
    } catch (error) {
      if (!(error instanceof DebuggerError)) throw error;
      if (pfn !== undefined) this.#space.memory.release(pfn);
      return false;
    }
  }

  #unmap(start: KernelAddress, count: number): void {
    for (let index = 0; index < count; index++) {
      const va = toVa(start + index * pageSize);
      const pfn = this.#space.pfnOf(va);
      this.#space.plant(va, 0n);
      if (pfn !== undefined) this.#space.memory.release(pfn);
    }
  }
}
