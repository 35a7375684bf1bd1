const chunkBits = 15;
const chunkPages = 2 ** chunkBits;

/** A set of page numbers, of which many are neighbours: one bit each. */
export class PageSet {
  readonly #chunks = new Map<number, Uint32Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(page: number): boolean {
    const at = page % chunkPages;
    const chunk = this.#chunks.get(Math.floor(page / chunkPages));
    return chunk !== undefined && ((chunk[at >>> 5]! >>> (at & 31)) & 1) === 1;
  }

  /** False where it was there before. */
  add(page: number): boolean {
    const key = Math.floor(page / chunkPages);
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      chunk = new Uint32Array(chunkPages / 32);
      this.#chunks.set(key, chunk);
    }
    const at = page % chunkPages;
    const bit = 1 << (at & 31);
    if ((chunk[at >>> 5]! & bit) !== 0) return false;
    chunk[at >>> 5]! |= bit;
    this.#size++;
    return true;
  }
}
