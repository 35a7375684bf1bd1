import { DebuggerError } from '@poolscope/engine';
import type { CallName, ErrorFacts, InputOf, OutputOf, Request, Response } from '../protocol/messages.ts';
import { Cancelled, Job } from './job.ts';

/** What answers each call. */
export type Handlers = {
  readonly [Name in CallName]?: (input: InputOf<Name>, job: Job) => OutputOf<Name> | Promise<OutputOf<Name>>;
};

/** The worker's end of the line: takes calls, answers each under its number. */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #post: (response: Response, transfer: Transferable[]) => void;
  readonly #jobs = new Map<number, Job>();

  constructor(handlers: Handlers, post: (response: Response, transfer: Transferable[]) => void) {
    this.#handlers = handlers;
    this.#post = post;
  }

  async receive(request: Request): Promise<void> {
    const { id, call } = request;
    if (call === 'cancel') {
      const job = this.#jobs.get(id);
      if (job !== undefined) job.isCancelled = true;
      return;
    }
    const job = new Job((kind, value, transfer) => this.#tell(id, kind, value, transfer));
    this.#jobs.set(id, job);
    try {
      const handler = this.#handlers[call] as ((input: unknown, job: Job) => unknown) | undefined;
      if (handler === undefined) throw new Error(`nothing answers ${call}`);
      const value = await handler(request.input, job);
      this.#post({ id, kind: 'answer', value }, []);
    } catch (error) {
      this.#post({ id, kind: 'error', error: errorFacts(error) }, []);
    } finally {
      this.#jobs.delete(id);
    }
  }

  #tell(id: number, kind: 'progress' | 'event', value: unknown, transfer: readonly Transferable[]): void {
    if (kind === 'event') this.#post({ id, kind, event: value }, [...transfer]);
    else this.#post({ id, kind, progress: value as never }, []);
  }
}

function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof DebuggerError)
    return { code: error.code, message: error.message, remedy: error.remedy };
  if (error instanceof Cancelled) return { code: 'CANCELLED', message: error.message, remedy: '' };
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  return {
    code: 'BUG',
    message: text,
    remedy: 'This is a mistake in poolscope. Please report it with this text.',
  };
}
