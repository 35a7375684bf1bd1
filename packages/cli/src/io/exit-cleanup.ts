/** Signals that end a program unless it listens for them. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The part of `process` that is used here. */
type Host = Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount' | 'kill' | 'pid'>;

/**
 * Does what is left to do when the program ends: on exit, and on signals that would end it without one. A signal that
 * somebody else listens for as well is theirs: the program may go on.
 */
export class ExitCleanup {
  readonly #host: Host;
  readonly #tasks = new Set<() => void>();
  readonly #run = () => this.#runAll();
  readonly #end = (signal: NodeJS.Signals) => this.#endBy(signal);

  constructor(host: Host) {
    this.#host = host;
  }

  add(task: () => void): void {
    if (this.#tasks.size === 0) this.#listen();
    this.#tasks.add(task);
  }

  remove(task: () => void): void {
    if (this.#tasks.delete(task) && this.#tasks.size === 0) this.#unlisten();
  }

  #listen(): void {
    this.#host.on('exit', this.#run);
    for (const signal of endings) this.#host.on(signal, this.#end);
  }

  #unlisten(): void {
    this.#host.off('exit', this.#run);
    for (const signal of endings) this.#host.off(signal, this.#end);
  }

  #runAll(): void {
    for (const task of [...this.#tasks]) {
      this.remove(task);
      task();
    }
  }

  #endBy(signal: NodeJS.Signals): void {
    if (this.#host.listenerCount(signal) > 1) return;
    this.#runAll();
    this.#host.kill(this.#host.pid, signal);
  }
}

export const exitCleanup = new ExitCleanup(process);
