import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type ByteSource, DebuggerError } from '@poolscope/engine';
import { systemReason } from './system-reason.ts';
import { unreadable } from './unreadable-file.ts';

/** Most bytes in one call: the system reads at most 2 GB less a page at once. */
const longestRead = 1 << 30;

/** A dump on disk. Its size is that at the time of opening. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  #descriptor: number | undefined;

  /** Opens a file that has bytes. Errors: FILE_UNREADABLE, FILE_IS_DIRECTORY, FILE_EMPTY. */
  constructor(path: string) {
    this.path = path;
    // Looked at before it is opened, since opening alone can have an effect on a device; and again after.
    checkKind(
      path,
      attempt(path, () => statSync(path)),
    );
    // A pipe put there in between would hold up a blocking open.
    const descriptor = attempt(path, () => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
    try {
      this.size = checkKind(path, fstatSync(descriptor)).size;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.#descriptor = descriptor;
  }

  readInto(offset: number, target: Uint8Array): number {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw unreadable(this.path, 'the file is closed');
    if (offset < 0) return 0;
    try {
      return readFully(descriptor, offset, target);
    } catch (cause) {
      throw unreadable(this.path, systemReason(cause), cause);
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Reads until `target` is full or the file ends; returns how many bytes there were. Throws the system's errors. */
export function readFully(descriptor: number, offset: number, target: Uint8Array): number {
  let done = 0;
  while (done < target.length) {
    const count = readSync(
      descriptor,
      target,
      done,
      Math.min(target.length - done, longestRead),
      offset + done,
    );
    if (count === 0) break;
    done += count;
  }
  return done;
}

function checkKind(path: string, stats: Stats): Stats {
  if (stats.isDirectory()) throw new DebuggerError('FILE_IS_DIRECTORY', `${path} is a directory`);
  if (!stats.isFile()) throw unreadable(path, `it is ${kindOf(stats)}`);
  if (stats.size === 0) throw new DebuggerError('FILE_EMPTY', `${path} is empty`);
  return stats;
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'not a file';
}

function attempt<Result>(path: string, operate: () => Result): Result {
  try {
    return operate();
  } catch (cause) {
    throw unreadable(path, systemReason(cause), cause);
  }
}
