import { DebuggerError, Session } from '@poolscope/engine';

/** What the engine's worker holds: one dump at a time. */
export class EngineState {
  #session: Session | undefined;
  #views: Session | undefined;

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** The dump and its console. Throws where none is open. */
  get session(): Session {
    if (this.#session === undefined)
      throw new DebuggerError('FILE_UNREADABLE', 'no dump is open in this window');
    return this.#session;
  }

  /** A second console over the same dump: what views ask leaves the one that people type in alone. */
  get views(): Session {
    const { session } = this;
    if (this.#views === undefined || this.#views.system !== session.system) {
      this.#views = new Session(session.system, session.path);
      this.#views.console.poolTags = session.console.poolTags;
    }
    return this.#views;
  }

  use(session: Session): void {
    this.#session = session;
    this.#views = undefined;
  }

  close(): void {
    this.#session = undefined;
    this.#views = undefined;
  }
}
