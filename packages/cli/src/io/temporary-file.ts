import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, DebuggerError } from '@poolscope/engine';
import { exitCleanup } from './exit-cleanup.ts';
import { readFully } from './file-source.ts';
import { systemReason } from './system-reason.ts';

/** What the system says where there is no more room. */
const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * A file that only this user can read and that is gone when the process ends, however it ends: its name is removed as
 * soon as it is open. Where the system does not let names of open files go, the file is removed on close and at exit.
 */
export class TemporaryFile implements ByteSource {
  readonly #directory: string;
  readonly #path: string;
  readonly #close = () => this.close();
  #descriptor: number | undefined;
  #isNamed = true;
  #size = 0;

  /** Errors: FILE_UNREADABLE where no file can be made in `directory`. */
  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, `poolscope-${randomBytes(12).toString('hex')}.dmp`);
    this.#descriptor = this.#attempt(() => openSync(this.#path, 'wx+', 0o600));
    this.#removeName();
    if (this.#isNamed) exitCleanup.add(this.#close);
  }

  get size(): number {
    return this.#size;
  }

  /** Writes at the end. Errors: ARCHIVE_TOO_LARGE where there is no more room. */
  append(bytes: Uint8Array): void {
    const descriptor = this.#opened();
    for (let done = 0; done < bytes.length; ) {
      const count = this.#attempt(() => writeSync(descriptor, bytes, done, bytes.length - done, this.#size));
      done += count;
      this.#size += count;
    }
  }

  readInto(offset: number, target: Uint8Array): number {
    const descriptor = this.#opened();
    return offset < 0 ? 0 : this.#attempt(() => readFully(descriptor, offset, target));
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (!this.#isNamed) return;
    exitCleanup.remove(this.#close);
    this.#removeName();
  }

  #removeName(): void {
    try {
      unlinkSync(this.#path);
      this.#isNamed = false;
    } catch {
      // The name stays; on close there is another try, and then nothing more to be done.
    }
  }

  #opened(): number {
    if (this.#descriptor === undefined) throw this.#unusable('the file is closed');
    return this.#descriptor;
  }

  #attempt<Result>(operate: () => Result): Result {
    try {
      return operate();
    } catch (cause) {
      if (!noRoom.has((cause as NodeJS.ErrnoException).code ?? ''))
        throw this.#unusable(systemReason(cause), cause);
      throw noRoomIn(this.#directory, `${systemReason(cause)} after ${this.#size} bytes`, cause);
    }
  }

  #unusable(reason: string, cause?: unknown): DebuggerError {
    const message = `the temporary directory ${this.#directory} cannot be used: ${reason}`;
    return new DebuggerError('FILE_UNREADABLE', message, { cause });
  }
}

/** The error of a dump that is larger than the temporary directory's disk allows. */
export function noRoomIn(directory: string, why: string, cause?: unknown): DebuggerError {
  const variable = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';
  const message = `the unpacked dump does not fit in ${directory}: ${why}. ${variable} can name another directory`;
  return new DebuggerError('ARCHIVE_TOO_LARGE', message, { cause });
}
