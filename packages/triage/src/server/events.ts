import type { Database } from '../store/schema.ts';
import { setAsideCount } from '../store/set-aside.ts';

/** How far the store is. */
export interface StoreState {
  readonly dumps: number;
  readonly buckets: number;
  readonly setAside: number;
}

type Listener = (state: StoreState) => void;

/** Looks at the store while somebody listens: results may come from workers on other machines. */
export class Events {
  readonly #db: Database;
  readonly #pause: number;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #last = '';

  constructor(db: Database, pause = 1000) {
    this.#db = db;
    this.#pause = pause;
  }

  async state(): Promise<StoreState> {
    const { sum, countAll } = this.#db.fn;
    const row = await this.#db
      .selectFrom('tallies')
      .select([sum<number>('n').as('dumps'), countAll<number>().as('buckets')])
      .where('facet', '=', 'all')
      .executeTakeFirstOrThrow();
    const setAside = await setAsideCount(this.#db);
    return { dumps: row.dumps ?? 0, buckets: row.buckets, setAside };
  }

  /** Tells of every change; returns how to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#look(), this.#pause);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const state = await this.state().catch(() => undefined);
    const text = JSON.stringify(state);
    if (state === undefined || text === this.#last) return;
    this.#last = text;
    for (const listener of this.#listeners) listener(state);
  }
}
