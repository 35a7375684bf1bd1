/** The wish to stop what runs: Ctrl-C asks, and whoever runs something looks between two steps. */
export class Interrupt {
  #isWanted = false;
  #isWatched = false;

  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Asks; false when nothing runs that would look. */
  ask(): boolean {
    this.#isWanted = this.#isWatched;
    return this.#isWatched;
  }

  /** Something runs from here on. */
  watch(): void {
    this.#isWatched = true;
  }

  unwatch(): void {
    this.#isWatched = false;
    this.#isWanted = false;
  }
}
