import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { DebuggerError } from '@poolscope/engine';
import { systemReason } from '../io/system-reason.ts';

/** What kernel dumps begin with. */
const dumpSignature = /^PAGEDU(MP|64)$/;

/** The file that everything shown goes into as well, between `.logopen` and `.logclose`. */
export class LogFile {
  readonly #dump: string;
  #open: { readonly path: string; readonly descriptor: number } | undefined;

  /** `dump`: the file that is looked at, which no log may replace. */
  constructor(dump: string) {
    this.#dump = dump;
  }

  /** Opens a log in place of the one that is open. Errors: FILE_UNREADABLE. */
  open(path: string, options: { readonly append: boolean }): void {
    const descriptor = attempt(path, () => openToWrite(path, options.append));
    try {
      this.#check(path, descriptor);
      if (!options.append) attempt(path, () => ftruncateSync(descriptor));
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.close();
    this.#open = { path, descriptor };
  }

  /** Path of the log that was open, if any. */
  close(): string | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    try {
      closeSync(open.descriptor);
    } catch {
      // What was written has been written; there is nothing more to be done.
    }
    return open.path;
  }

  /** Adds text where a log is open; what went wrong ends the log, and is returned for the user. */
  write(text: string): string | undefined {
    if (this.#open === undefined) return undefined;
    const { path, descriptor } = this.#open;
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      return undefined;
    } catch (error) {
      this.close();
      return `the log file ${path} cannot be written and is closed: ${systemReason(error)}`;
    }
  }

  #check(path: string, descriptor: number): void {
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw unwritable(path, 'it is not a file');
    const dump = statSync(this.#dump, { bigint: true, throwIfNoEntry: false });
    const isOpenDump = dump !== undefined && dump.ino === stats.ino && dump.dev === stats.dev;
    const head = Buffer.alloc(8);
    readSync(descriptor, head, 0, head.length, 0);
    if (isOpenDump || dumpSignature.test(head.toString('latin1')))
      throw unwritable(path, 'it is a dump, which a log would damage');
  }
}

/** Neither cut nor held up: a pipe without a reader would be waited for. */
function openToWrite(path: string, append: boolean): number {
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);
  return openSync(path, append ? flags | constants.O_APPEND : flags, 0o666);
}

function attempt<Result>(path: string, operate: () => Result): Result {
  try {
    return operate();
  } catch (cause) {
    throw unwritable(path, systemReason(cause), cause);
  }
}

const unwritable = (path: string, reason: string, cause?: unknown) =>
  new DebuggerError('FILE_UNREADABLE', `the log file ${path} cannot be written: ${reason}`, { cause });
