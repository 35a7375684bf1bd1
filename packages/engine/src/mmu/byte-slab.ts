const slabSize = 1 << 16;
/** Longer arrays are made by themselves, so that one that is kept keeps little else. */
const longest = 1 << 13;

/** Hands out zeroed arrays; short ones are parts of a shared buffer, for to make a buffer costs more than to fill it. */
export class ByteSlab {
  #slab = new Uint8Array(0);
  #next = 0;

  take(length: number): Uint8Array {
    if (length > longest) return new Uint8Array(length);
    if (this.#next + length > this.#slab.length) {
      this.#slab = new Uint8Array(slabSize);
      this.#next = 0;
    }
    const bytes = new Uint8Array(this.#slab.buffer, this.#next, length);
    // The next part stays aligned for any typed array.
    this.#next += (length + 7) & ~7;
    return bytes;
  }
}
