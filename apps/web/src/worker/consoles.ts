import { type CrashedSystem, Session } from '@poolscope/engine';
import type { EngineState } from './engine-state.ts';

/** The console that people type in, and one for what views ask, which leaves the other one alone. */
export class Consoles {
  readonly typed: Session;
  #views: Session | undefined;

  constructor({ system, path, given }: EngineState) {
    this.typed = new Session(system, path);
    if (given.owners !== undefined) this.typed.console.poolTags = given.owners;
  }

  get system(): CrashedSystem {
    return this.typed.system;
  }

  get views(): Session {
    const { typed } = this;
    if (this.#views === undefined || this.#views.system !== typed.system) {
      this.#views = new Session(typed.system, typed.path);
      this.#views.console.poolTags = typed.console.poolTags;
    }
    return this.#views;
  }
}

/** The consoles over the open dump: made when they are first asked for. */
export function consolesOf(state: EngineState): Consoles {
  state.consoles ??= new Consoles(state);
  return state.consoles;
}
