import { type CrashedSystem, Session, type TagOwners } from '@poolscope/engine';

/** The console that people type in, and one for what views ask, which leaves the other one alone. */
export class Consoles {
  readonly typed: Session;
  #views: Session | undefined;

  /** `owners`: of pool tags, where they are not the built-in ones. */
  constructor(system: CrashedSystem, path: string, owners: TagOwners | undefined) {
    this.typed = new Session(system, path);
    if (owners !== undefined) this.typed.console.poolTags = owners;
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
