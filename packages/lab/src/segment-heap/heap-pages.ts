import { DebuggerError, type Pfn, pageSize } from '@poolscope/engine/base';
import type { AddressSpace } from '../memory/address-space.ts';
import type { MapOptions } from '../memory/paging-format.ts';
import { type KernelAddress, toVa } from '../pool/kernel-address.ts';
import type { SpacePoolMemory } from '../pool/pool-memory.ts';

/** Pages of RAM that stay for everything else. */
const spareRam = 0x200;

/** Gives addresses of the heaps their pages, and takes them away again. */
export class HeapPages {
  readonly #space: AddressSpace;
  readonly #memory: SpacePoolMemory;

  constructor(space: AddressSpace, memory: SpacePoolMemory) {
    this.#space = space;
    this.#memory = memory;
  }

  isCommitted(page: KernelAddress): boolean {
    return this.#space.pfnOf(toVa(page)) !== undefined;
  }

  /** All of the pages or none; those that are there stay. False: RAM is used up. */
  commit(start: KernelAddress, pages: number, options: MapOptions): boolean {
    const missing = Array.from({ length: pages }, (_, index) => start + index * pageSize).filter(
      (page) => !this.isCommitted(page),
    );
    if (this.#space.memory.available < missing.length + spareRam) return false;
    this.#memory.remap(start, pages, () => {
      for (const page of missing) this.#map(page, options);
    });
    return true;
  }

  decommit(start: KernelAddress, pages: number): void {
    this.#memory.remap(start, pages, () => {
      for (let index = 0; index < pages; index++) {
        const va = toVa(start + index * pageSize);
        const pfn = this.#space.pfnOf(va);
        if (pfn === undefined) continue;
        this.#space.plant(va, 0n);
        this.#space.memory.release(pfn);
      }
    });
  }

  /** There is RAM to spare, so that the tables that lead to a page are not what fails. */
  #map(page: KernelAddress, options: MapOptions): void {
    let pfn: Pfn | undefined;
    try {
      pfn = this.#space.memory.allocate('kernel');
      this.#space.mapPage(toVa(page), pfn, options);
    } catch (error) {
      if (error instanceof DebuggerError && pfn !== undefined) this.#space.memory.release(pfn);
      throw error;
    }
  }
}

const mega = 0x10_0000;

/**
 * Addresses of one heap. What is given back goes to the next who wants as many: how the system cuts its addresses up, and the
 * trees that it has for it, are not simulated.
 */
export class HeapAddresses {
  readonly #start: KernelAddress;
  readonly #end: KernelAddress;
  readonly #spare = new Map<number, KernelAddress[]>();
  #next: KernelAddress;

  constructor(start: KernelAddress, bytes: number) {
    this.#start = start;
    this.#next = start;
    this.#end = start + bytes;
  }

  holds(va: KernelAddress): boolean {
    return va >= this.#start && va < this.#end;
  }

  /** @param alignment a power of two of megabytes, in bytes */
  reserve(bytes: number, alignment = mega): KernelAddress | undefined {
    const spare = this.#spare.get(bytes) ?? [];
    const known = spare.findIndex((start) => start % alignment === 0);
    if (known >= 0) return spare.splice(known, 1)[0];
    const start = Math.ceil(this.#next / alignment) * alignment;
    if (start + bytes > this.#end) return undefined;
    this.#next = start + bytes;
    return start;
  }

  release(start: KernelAddress, bytes: number): void {
    const spare = this.#spare.get(bytes);
    if (spare === undefined) this.#spare.set(bytes, [start]);
    else spare.push(start);
  }
}
