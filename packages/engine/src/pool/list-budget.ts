/** Entries of one list at most: 4 GB of pool in blocks of four pages each. */
export const mostListed = 1 << 18;
/** Entries of many lists together. */
const mostOfAll = 1 << 19;

/**
 * Entries that may still be looked at. In a whole pool a block is on one list; heads that somebody destroyed can all lead into
 * the same long chain, and following each to its end would take hours and all memory.
 */
export class ListBudget {
  #left: number;

  constructor(most = mostOfAll) {
    this.#left = most;
  }

  /** Of the next list at most. */
  get limit(): number {
    return Math.min(this.#left, mostListed);
  }

  spend(entries: number): void {
    this.#left = Math.max(0, this.#left - entries);
  }
}
