import type { ProgressFacts } from '../protocol/messages.ts';

/** Milliseconds of work between two looks at what else has happened. */
const stretch = 40;

/** The user stopped a call. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** A channel to oneself: a turn of the event loop without the delay that timers have. */
const turns = new MessageChannel();
const waiting: (() => void)[] = [];
turns.port1.addEventListener('message', () => waiting.shift()?.());
turns.port1.start();

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    turns.port2.postMessage(0);
  });

type Post = (kind: 'progress' | 'event', value: unknown, transfer: readonly Transferable[]) => void;

/** One call in progress: tells how far it is, and can be stopped between two steps. */
export class Job {
  readonly #post: Post;
  #turned = performance.now();
  #told = 0;
  isCancelled = false;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Something that the caller waits for while the call goes on; what is transferred is gone here. */
  emit(event: unknown, transfer: readonly Transferable[] = []): void {
    this.#post('event', event, transfer);
  }

  /** At most twenty times a second, and the first and the last. */
  progress(progress: ProgressFacts): void {
    const now = performance.now();
    if (now - this.#told < 50 && progress.done !== progress.total) return;
    this.#told = now;
    this.#post('progress', progress, []);
  }

  /** Is it time to look what else has happened? */
  get isDue(): boolean {
    return performance.now() - this.#turned >= stretch;
  }

  /** Lets other calls come in. Throws Cancelled when the user stopped this one. */
  async turn(): Promise<void> {
    await nextTurn();
    this.#turned = performance.now();
    this.check();
  }

  check(): void {
    if (this.isCancelled) throw new Cancelled('stopped by the user');
  }

  /** Runs a generator of steps to its end, and lets others in now and then. */
  async follow<Result>(
    run: Generator<unknown, Result>,
    progressOf?: (step: unknown) => ProgressFacts | undefined,
  ): Promise<Result> {
    try {
      for (;;) {
        const step = run.next();
        if (step.done === true) return step.value;
        if (!this.isDue) continue;
        const progress = progressOf?.(step.value);
        if (progress !== undefined) this.progress(progress);
        await this.turn();
      }
    } finally {
      run.return(undefined as Result);
    }
  }
}
