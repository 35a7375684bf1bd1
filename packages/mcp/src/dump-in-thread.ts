import type { Worker } from 'node:worker_threads';
import type { DumpCall } from './dump-desk.ts';
import type { OpenDump } from './open-dump.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { RemoteError, ToolError } from './tool-error.ts';

/** Milliseconds that a thread has to stop by itself before it is ended, and its dump with it. */
const grace = 2000;

interface Pending {
  readonly resolve: (answer: object) => void;
  readonly reject: (error: unknown) => void;
}

/** A dump that a thread of its own reads (`serveDump`): whatever is asked of it ends in time, if need be with the thread. */
export class DumpInThread implements OpenDump {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #last = 0;
  isGone = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromThread) => this.#take(message));
    worker.on('error', (error) => this.#end(error.message));
    worker.on('exit', () => this.#end('its thread ended'));
  }

  /** Waits until the thread has opened the dump. Throws what opening throws, or the reason of `signal`. */
  static async open(worker: Worker, signal: AbortSignal): Promise<DumpInThread> {
    const dump = new DumpInThread(worker);
    try {
      await dump.#wait(0, signal);
      return dump;
    } catch (error) {
      dump.close();
      throw error;
    }
  }

  async call(call: DumpCall, signal: AbortSignal): Promise<object> {
    if (this.isGone) throw new ToolError('DUMP_CLOSED', 'this dump is closed');
    const id = ++this.#last;
    this.#send({ kind: 'call', id, call });
    return this.#wait(id, signal);
  }

  close(): void {
    this.#end('it was closed');
    void this.#worker.terminate();
  }

  async #wait(id: number, signal: AbortSignal): Promise<object> {
    let late: NodeJS.Timeout | undefined;
    const stop = () => {
      if (!this.isGone) this.#send({ kind: 'stop', id });
      late = setTimeout(() => this.close(), id === 0 ? 0 : grace);
    };
    signal.throwIfAborted();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<object>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      this.#pending.delete(id);
    }
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromThread): void {
    const pending = this.#pending.get(message.kind === 'opened' ? 0 : message.id);
    if (message.kind === 'failed') pending?.reject(new RemoteError(message.error));
    else pending?.resolve(message.kind === 'opened' ? {} : message.answer);
  }

  #end(why: string): void {
    this.isGone = true;
    for (const { reject } of this.#pending.values())
      reject(new ToolError('DUMP_CLOSED', `the dump is not open any more: ${why}`));
  }
}
