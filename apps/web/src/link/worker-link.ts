import type {
  CallName,
  ErrorFacts,
  EventOf,
  InputOf,
  OutputOf,
  ProgressFacts,
  Request,
  Response,
} from '../protocol/messages.ts';

/** What a call that failed is rejected with. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts) {
    super(facts.message);
    this.facts = facts;
  }

  get isCancelled(): boolean {
    return this.facts.code === 'CANCELLED';
  }
}

export interface CallOptions<Name extends CallName> {
  readonly onProgress?: (progress: ProgressFacts) => void;
  readonly onEvent?: (event: EventOf<Name>) => void;
  /** Stops the call. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: CallError) => void;
  readonly options: CallOptions<CallName>;
}

/** The page's end of the line to a worker. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Waiting>();
  #last = 0;
  /** Why the worker answers no more. */
  #failure: ErrorFacts | undefined;

  /** `url`: the worker's script, of this site. */
  constructor(url: string) {
    this.#worker = startWorker(url);
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Response>) => this.#receive(data));
    this.#worker.addEventListener('error', (event) =>
      this.#fail(event.message || 'the worker could not be loaded'),
    );
  }

  call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options: CallOptions<Name> = {},
  ): Promise<OutputOf<Name>> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const settle = resolve as (value: unknown) => void;
      if (this.#failure !== undefined) {
        reject(new CallError(this.#failure));
        return;
      }
      this.#calls.set(id, { resolve: settle, reject, options: options as CallOptions<CallName> });
      this.#post({ id, call: name, input });
      options.signal?.addEventListener('abort', () => this.#post({ id, call: 'cancel' }), { once: true });
    });
  }

  /** Ends the worker at once, whatever it does; all calls are cancelled. */
  terminate(): void {
    this.#worker.terminate();
    this.#end({ code: 'CANCELLED', message: 'stopped by the user', remedy: '' });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }

  #receive(response: Response): void {
    const call = this.#calls.get(response.id);
    if (call === undefined) return;
    if (response.kind === 'progress') call.options.onProgress?.(response.progress);
    else if (response.kind === 'event') call.options.onEvent?.(response.event as never);
    else {
      this.#calls.delete(response.id);
      if (response.kind === 'answer') call.resolve(response.value);
      else call.reject(new CallError(response.error));
    }
  }

  #fail(message: string): void {
    this.#end({ code: 'BUG', message, remedy: 'Reload the page and open the dump again.' });
  }

  #end(error: ErrorFacts): void {
    this.#failure = error;
    for (const { reject } of this.#calls.values()) reject(new CallError(error));
    this.#calls.clear();
  }
}

/**
 * A worker whose first script is made by the page: unlike one that is fetched, it is bound by the page's own
 * Content-Security-Policy, on every host.
 */
function startWorker(url: string): Worker {
  const script = `import ${JSON.stringify(new URL(url, location.href).href)};`;
  const blob = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const worker = new Worker(blob, { type: 'module' });
  // The browser has to have fetched it.
  setTimeout(() => URL.revokeObjectURL(blob), 10_000);
  return worker;
}
