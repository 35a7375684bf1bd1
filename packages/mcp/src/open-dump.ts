import type { Session } from '@poolscope/engine';
import { type DumpCall, DumpDesk } from './dump-desk.ts';
import { ToolError } from './tool-error.ts';

/** One opened dump, wherever it is read: in this thread or in another. */
export interface OpenDump {
  /** Answers a call. Throws when `signal` says so, with its reason. */
  call(call: DumpCall, signal: AbortSignal): Promise<object>;
  /** Is it of no use any more, since what read it ended? */
  readonly isGone: boolean;
  close(): void;
}

/** Opens a dump by the path of a file that is allowed; throws a DebuggerError. */
export type DumpOpener = (path: string, signal: AbortSignal) => Promise<OpenDump>;

/** A dump that is read in this thread: commands can be stopped between two steps, and the analysis not at all. */
export class DumpHere implements OpenDump {
  readonly #desk: DumpDesk;
  readonly #close: () => void;
  isGone = false;

  constructor(session: Session, close: () => void = () => undefined) {
    this.#desk = new DumpDesk(session);
    this.#close = close;
  }

  async call(call: DumpCall, signal: AbortSignal): Promise<object> {
    if (this.isGone) throw new ToolError('DUMP_CLOSED', 'this dump is closed');
    return this.#desk.call(call, () => signal.throwIfAborted());
  }

  close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#close();
  }
}
