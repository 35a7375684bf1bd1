import { setImmediate, setTimeout } from 'node:timers/promises';
import { DebuggerError, errorLines, type Progress, type Session, type Step } from '@poolscope/engine';
import { bugText } from '../bug-text.ts';
import { exitCode } from '../exit-code.ts';
import { percent } from '../progress-line.ts';
import type { Interrupt } from './interrupt.ts';
import type { Screen } from './screen.ts';

/** How running a text ended: by itself, by Ctrl-C, or with the wish to leave the console. */
export type Outcome = 'done' | 'stopped' | 'left';

/** The part of a session that is used here. */
export interface RunnableSession {
  readonly run: Session['run'];
  readonly console: { readonly leaving: boolean };
}

/** Milliseconds of work between two looks at what else has happened, such as Ctrl-C. */
const stretch = 50;
/** Milliseconds; a command that is done before needs no progress. */
const patience = 500;

/** Runs texts of commands over a session, step by step, so that a long one can be watched and stopped. */
export class Runner {
  readonly #session: RunnableSession;
  readonly #screen: Screen;
  readonly #interrupt: Interrupt;
  readonly #now: () => number;
  #turned: number;

  /** `now`: milliseconds from whenever. */
  constructor(
    session: RunnableSession,
    screen: Screen,
    interrupt: Interrupt,
    now: () => number = () => performance.now(),
  ) {
    this.#session = session;
    this.#screen = screen;
    this.#interrupt = interrupt;
    this.#now = now;
    this.#turned = now();
  }

  /** Shows what the commands say as it comes, errors too; never throws for what a command does. */
  async run(text: string): Promise<Outcome> {
    this.#interrupt.watch();
    try {
      return await this.#follow(this.#session.run(text));
    } catch (error) {
      this.#showFailure(error);
      return 'done';
    } finally {
      this.#screen.progress.clear();
      this.#interrupt.unwatch();
    }
  }

  async #follow(run: ReturnType<RunnableSession['run']>): Promise<Outcome> {
    const started = this.#now();
    let progress: Progress | undefined;
    try {
      for (let step = run.next(); step.done !== true; step = run.next()) {
        this.#show(step.value);
        if (this.#session.console.leaving) return 'left';
        if (step.value.kind === 'wait' && !(await this.#isSettled(step.value.until))) return this.#stop();
        if (step.value.kind !== 'tick')
          progress = step.value.kind === 'progress' ? step.value.progress : undefined;
        const now = this.#now();
        if (now - this.#turned < stretch) continue;
        if (progress !== undefined && now - started >= patience) this.#showProgress(progress);
        await this.#turn();
        if (this.#interrupt.isWanted) return this.#stop();
      }
      return this.#session.console.leaving ? 'left' : 'done';
    } finally {
      run.return([]);
    }
  }

  /** Lets the program see signals and keys, and the output's reader catch up. */
  async #turn(): Promise<void> {
    await setImmediate();
    await this.#screen.drained();
    this.#turned = this.#now();
  }

  /** Waits, unless the user wants it to stop; its own progress is told by whoever works. */
  async #isSettled(until: Promise<void>): Promise<boolean> {
    const done = until.then(() => true);
    for (;;) {
      if (await Promise.race([done, setTimeout(stretch, false)])) return true;
      if (this.#interrupt.isWanted) return false;
    }
  }

  #stop(): Outcome {
    this.#screen.say('^C');
    return 'stopped';
  }

  #show(step: Step): void {
    if (step.kind === 'lines') this.#screen.show(step.lines);
    else if (step.kind === 'error') this.#screen.show(errorLines(step.error));
  }

  #showProgress({ what, done, total }: Progress): void {
    const amount = total === undefined || total <= 0 ? String(done) : percent(done, total);
    this.#screen.progress.show(what, amount);
  }

  #showFailure(error: unknown): void {
    if (error instanceof DebuggerError) {
      this.#screen.show(errorLines(error));
      return;
    }
    process.exitCode = exitCode.bug;
    process.stderr.write(bugText(error));
  }
}
