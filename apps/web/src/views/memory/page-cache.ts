import type { MemoryView } from '../../protocol/views.ts';

const pageBytes = 0x1000n;
const mostPages = 256;

type Ask = (address: bigint, length: number) => Promise<MemoryView>;

/** Bytes of memory as they were asked for, page by page: scrolling asks for each page once. */
export class PageCache {
  readonly #ask: Ask;
  readonly #onArrival: () => void;
  readonly #pages = new Map<bigint, MemoryView | undefined>();

  constructor(ask: Ask, onArrival: () => void) {
    this.#ask = ask;
    this.#onArrival = onArrival;
  }

  /** A byte; undefined where the dump has none, null while it is on its way. */
  byteAt(address: bigint): number | undefined | null {
    const within = Number(address % pageBytes);
    const page = this.#pageOf(address - BigInt(within));
    if (page === undefined) return null;
    return page.mask[within] === 1 ? page.bytes[within] : undefined;
  }

  #pageOf(start: bigint): MemoryView | undefined {
    if (this.#pages.has(start)) return this.#pages.get(start);
    this.#pages.set(start, undefined);
    if (this.#pages.size > mostPages) {
      const [oldest] = this.#pages.keys();
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    void this.#fetch(start);
    return undefined;
  }

  async #fetch(start: bigint): Promise<void> {
    const empty = { address: start, bytes: new Uint8Array(0), mask: new Uint8Array(0) };
    // A dump that was closed meanwhile answers nothing: the rows show that the bytes are not there.
    const view = await this.#ask(start, Number(pageBytes)).catch(() => empty);
    this.#pages.set(start, view);
    this.#onArrival();
  }
}
