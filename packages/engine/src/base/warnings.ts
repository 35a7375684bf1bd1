/** Damage met on the way: the report still comes out, and says so. */
export interface Warning {
  /** Stable name of the rule that was broken, kebab-case. */
  readonly rule: string;
  /** Address or file offset where it was seen, when there is one. */
  readonly at?: bigint;
  readonly message: string;
}

/** Collects warnings, each rule and place once, and a bounded number of them. */
export class Warnings {
  readonly #list: Warning[] = [];
  readonly #seen = new Set<string>();
  readonly #limit: number;

  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /**
   * Keeps a warning: its rule in a word, a sentence without a full stop, and the place. The same rule at the same place is kept
   * once; those beyond the limit are dropped.
   */
  add(rule: string, message: string, at?: bigint): void {
    const key = `${rule} ${at ?? ''}`;
    if (this.#seen.has(key) || this.#list.length >= this.#limit) return;
    this.#seen.add(key);
    this.#list.push(at === undefined ? { rule, message } : { rule, at, message });
  }

  get list(): readonly Warning[] {
    return this.#list;
  }
}
