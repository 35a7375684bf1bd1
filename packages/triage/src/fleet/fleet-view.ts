import type { Database } from '../store/schema.ts';
import type { Ranking } from '../suspects/index.ts';
import type { WorkerCommand } from '../work/worker-process.ts';
import { FleetProcess } from './fleet-process.ts';
import { type FleetComputer, HeldFleet } from './held-fleet.ts';
import { type FleetState, readFleet, readState } from './read-fleet.ts';

export interface FleetViewOptions {
  /** A process that calls `serveSuspects`; without one they are computed here. */
  readonly command?: WorkerCommand;
}

/** Computing takes at most this part of the time while results come in: what is shown is that much older. */
const shareOfTime = 0.1;
/** Milliseconds: what takes less is computed anew for every change. */
const quick = 2000;

/** Suspects of the fleet, made anew when results have come in since; of a large fleet the last ones are shown meanwhile. */
export class FleetView {
  readonly #db: Database;
  readonly #options: FleetViewOptions;
  #computer: FleetComputer | undefined;
  #sets = new Set<string>();
  #state: FleetState | undefined;
  #building: Promise<void> | undefined;
  #took = 0;
  #ended = 0;
  /** Of the last build. */
  #rankings = new Map<string | null, Promise<Ranking>>();

  constructor(db: Database, options: FleetViewOptions = {}) {
    this.#db = db;
    this.#options = options;
  }

  /** Suspects of all crashes by damaged pool. Errors: those of the store and of the process that computes. */
  all(): Promise<Ranking> {
    return this.#rank(null);
  }

  bucket(id: string): Promise<Ranking> {
    return this.#rank(id);
  }

  /** Computes what is needed for the first answer. */
  async prepare(): Promise<void> {
    await this.#refresh();
  }

  close(): void {
    this.#computer?.close();
    this.#forget();
  }

  async #rank(bucket: string | null): Promise<Ranking> {
    await this.#refresh();
    let ranking = this.#rankings.get(bucket);
    if (ranking === undefined) {
      ranking = this.#computer!.rank(bucket);
      this.#rankings.set(bucket, ranking);
      ranking.catch(() => this.close());
    }
    return ranking;
  }

  /** Waits only where there is nothing to show, or little to do. */
  async #refresh(): Promise<void> {
    const state = await readState(this.#db);
    if (this.#building === undefined && this.#isDue(state)) {
      this.#building = this.#build(state).finally(() => {
        this.#building = undefined;
      });
      // Whoever asks meets the error; a build that nobody waits for tells nobody.
      this.#building.catch(() => this.close());
    }
    if (this.#state === undefined || this.#took < quick) await this.#building;
  }

  #isDue({ last, count, mark }: FleetState): boolean {
    const before = this.#state;
    if (before === undefined) return true;
    if (before.last === last && before.count === count && before.mark === mark) return false;
    return this.#took < quick || performance.now() - this.#ended > this.#took / shareOfTime;
  }

  async #build(state: FleetState): Promise<void> {
    const started = performance.now();
    const { command } = this.#options;
    this.#computer ??= command === undefined ? new HeldFleet() : new FleetProcess(command);
    const before = this.#state;
    const isMore = before !== undefined && before.mark === state.mark;
    await this.#read(this.#computer, isMore ? earlier(before.last) : undefined);
    const count = await this.#computer.build();
    if (isMore && count !== state.count && !(await this.#hasGrown(state))) {
      // Rows have changed whose times have not.
      await this.#read(this.#computer, undefined);
      await this.#computer.build();
    }
    this.#state = state;
    this.#rankings = new Map();
    this.#ended = performance.now();
    this.#took = this.#ended - started;
  }

  async #read(computer: FleetComputer, since: string | undefined): Promise<void> {
    for await (const change of readFleet(this.#db, this.#sets, since)) await computer.apply(change);
  }

  /** Did results come in while it was read? */
  async #hasGrown(state: FleetState): Promise<boolean> {
    const { last, count } = await readState(this.#db);
    return last !== state.last || count !== state.count;
  }

  #forget(): void {
    this.#computer = undefined;
    this.#state = undefined;
    this.#sets = new Set();
    this.#rankings = new Map();
    this.#took = 0;
  }
}

/** Milliseconds: a transaction that began earlier may end later. */
const overlap = 60_000;

function earlier(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? '' : new Date(at - overlap).toISOString();
}
