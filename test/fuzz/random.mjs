/** A seeded generator (xorshift, 32 bits): the same seed gives the same run everywhere. */
export class Random {
  #state;

  /** @param {number} seed any integer */
  constructor(seed) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
    for (let i = 0; i < 8; i++) this.u32();
  }

  u32() {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  /** @param {number} limit result is below it; 0 for a limit of 0 */
  below(limit) {
    return Math.floor((this.u32() / 0x1_0000_0000) * limit);
  }

  /**
   * @template T
   * @param {readonly T[]} list not empty
   * @returns {T}
   */
  pick(list) {
    return /** @type {T} */ (list[this.below(list.length)]);
  }
}
