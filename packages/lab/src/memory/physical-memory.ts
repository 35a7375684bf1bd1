import { assert, DebuggerError, type Pa, type Pfn, pageSize, readU32, readU64 } from '@poolscope/engine/base';
import { writeU32, writeU64 } from '../bytes/integers.ts';
import { endPage, type PageRun, type PageSource } from './page-source.ts';

/** Who a page was given to; dumps of the kernel leave out user and free pages. */
export type PageOwner = 'kernel' | 'user';

/**
 * RAM of a synthetic machine. Only written pages take memory. Single pages are handed out scattered over the RAM,
 * as on a machine that has run for a while: neighbours in virtual memory are not neighbours here.
 */
export class PhysicalMemory implements PageSource {
  readonly runs: readonly PageRun[];
  readonly #pages = new Map<Pfn, Uint8Array>();
  readonly #owners = new Map<Pfn, PageOwner>();
  /** Given back and not given out again: their bytes are old. */
  readonly #released = new Set<Pfn>();
  readonly #end: Pfn;
  #next: Pfn;
  readonly #stride: number;

  constructor(runs: readonly PageRun[], scatter = true) {
    this.runs = runs;
    this.#end = endPage(runs);
    this.#next = runs[0]?.basePage ?? 0;
    this.#stride = scatter ? coprimeStride(this.#end) : 1;
  }

  has(pfn: Pfn): boolean {
    return this.runs.some(({ basePage, pageCount }) => pfn >= basePage && pfn < basePage + pageCount);
  }

  /** Pages that nobody has. */
  get available(): number {
    return this.runs.reduce((sum, { pageCount }) => sum + pageCount, 0) - this.#owners.size;
  }

  page(pfn: Pfn): Uint8Array | undefined {
    return this.#pages.get(pfn);
  }

  /** Undefined for a free page. */
  owner(pfn: Pfn): PageOwner | undefined {
    return this.#owners.get(pfn);
  }

  allocate(owner: PageOwner = 'kernel'): Pfn {
    for (let tries = 0; tries < this.#end; tries++) {
      const pfn = this.#next;
      this.#next = (this.#next + this.#stride) % this.#end;
      if (this.has(pfn) && !this.#owners.has(pfn)) return this.claim(pfn, owner);
    }
    throw new DebuggerError('LAB_OPTIONS', `the machine has no free page left (${this.#owners.size} in use)`);
  }

  /** Takes a certain page. */
  claim(pfn: Pfn, owner: PageOwner = 'kernel'): Pfn {
    assert(this.has(pfn), `page ${pfn.toString(16)} is not in RAM`);
    if (this.#released.delete(pfn)) this.#pages.get(pfn)?.fill(0);
    this.#owners.set(pfn, owner);
    return pfn;
  }

  /** Gives a page back. Its bytes stay until somebody gets it. */
  release(pfn: Pfn): void {
    if (this.#owners.delete(pfn)) this.#released.add(pfn);
  }

  /** The 4096 bytes of a page of RAM themselves: what is written there is in the machine. */
  storage(pfn: Pfn): Uint8Array {
    return this.#storage(pfn);
  }

  /** `count` free pages in a row that a large page of that size can use; the first one's number. */
  allocateLarge(count: number, owner: PageOwner = 'kernel'): Pfn {
    const top = Math.floor(this.#end / count) * count;
    for (let base = top - count; base >= 0; base -= count) {
      const pfns = Array.from({ length: count }, (_, index) => base + index);
      if (!pfns.every((pfn) => this.has(pfn) && !this.#owners.has(pfn))) continue;
      for (const pfn of pfns) this.#owners.set(pfn, owner);
      return base;
    }
    throw new DebuggerError('LAB_OPTIONS', `the machine has no ${count} free pages in a row`);
  }

  write(pa: Pa, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const within = (pa + done) % pageSize;
      const count = Math.min(pageSize - within, bytes.length - done);
      this.#storage(Math.floor((pa + done) / pageSize)).set(bytes.subarray(done, done + count), within);
      done += count;
    }
  }

  read(pa: Pa, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const within = (pa + done) % pageSize;
      const count = Math.min(pageSize - within, length - done);
      const page = this.#pages.get(Math.floor((pa + done) / pageSize));
      if (page !== undefined) bytes.set(page.subarray(within, within + count), done);
      done += count;
    }
    return bytes;
  }

  /** A paging entry of 4 or 8 bytes. */
  readEntry(pa: Pa, size: 4 | 8): bigint {
    const page = this.#pages.get(Math.floor(pa / pageSize));
    if (page === undefined) return 0n;
    return size === 8 ? readU64(page, pa % pageSize) : BigInt(readU32(page, pa % pageSize));
  }

  writeEntry(pa: Pa, size: 4 | 8, entry: bigint): void {
    const page = this.#storage(Math.floor(pa / pageSize));
    if (size === 8) writeU64(page, pa % pageSize, entry);
    else writeU32(page, pa % pageSize, Number(entry));
  }

  #storage(pfn: Pfn): Uint8Array {
    let page = this.#pages.get(pfn);
    if (page === undefined) {
      assert(this.has(pfn), `page ${pfn.toString(16)} is not in RAM`);
      page = new Uint8Array(pageSize);
      this.#pages.set(pfn, page);
    }
    return page;
  }
}

/** A step that visits every page once before it comes back. */
function coprimeStride(count: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let stride = Math.max(1, Math.floor(count * 0.381966));
  while (divides(count, stride) !== 1) stride++;
  return stride;
}
