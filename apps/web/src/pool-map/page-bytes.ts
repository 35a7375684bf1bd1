import type { PageBytesView } from '../protocol/pool-map.ts';
import type { PoolMapData } from './model/pool-map-data.ts';

/** Pages whose bytes are kept. */
const mostPages = 64;

/** Bytes of pages as they are looked at: asked for once, and kept for a while. */
export class PageBytesCache {
  readonly #read: (address: bigint) => Promise<PageBytesView>;
  readonly #changed: () => void;
  readonly #pages = new Map<number, PageBytesView | 'asked'>();
  #data: PoolMapData | undefined;

  constructor(read: (address: bigint) => Promise<PageBytesView>, changed: () => void) {
    this.#read = read;
    this.#changed = changed;
  }

  /** Of another map nothing is known yet. */
  use(data: PoolMapData): void {
    if (this.#data !== data) this.#pages.clear();
    this.#data = data;
  }

  bytesOf(page: number): PageBytesView | undefined {
    const known = this.#pages.get(page);
    if (known !== undefined) return known === 'asked' ? undefined : known;
    if (this.#data === undefined) return undefined;
    if (this.#pages.size >= mostPages) {
      const oldest = this.#pages.keys().next();
      if (oldest.done !== true) this.#pages.delete(oldest.value);
    }
    this.#pages.set(page, 'asked');
    void this.#fetch(page, this.#data);
    return undefined;
  }

  async #fetch(page: number, data: PoolMapData): Promise<void> {
    try {
      const bytes = await this.#read(data.addressOf(page));
      if (this.#data !== data) return;
      this.#pages.set(page, bytes);
    } catch {
      // What was stopped is asked for again when it is looked at the next time.
      this.#pages.delete(page);
      return;
    }
    this.#changed();
  }
}
