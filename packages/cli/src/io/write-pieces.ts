import { randomBytes } from 'node:crypto';
import { closeSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { DebuggerError } from '@poolscope/engine';
import { attempt } from './attempt.ts';
import { exitCleanup } from './exit-cleanup.ts';
import { statOf } from './stat-of.ts';
import { systemReason } from './system-reason.ts';

/** A part of a file, in file order; bytes between two of them are zero. */
interface FilePiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

type OnProgress = (bytes: number) => void;

/**
 * Writes a file that is too large to be held as one: the whole or nothing, as `writeWhole` does. Tells after each piece how
 * much there is; gives the file's size. Errors: FILE_UNREADABLE, and what the pieces throw.
 */
export function writePieces(
  path: string,
  pieces: Iterable<FilePiece>,
  onProgress: OnProgress = () => {},
): number {
  const target = attempt(() => realpathSync(path)) ?? path;
  const old = statOf(target);
  if (old !== undefined && !old.isFile())
    return withReason(path, () => writeAll(openSync(target, 'w'), inOneGo(pieces), onProgress));
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  const remove = () => rmSync(temporary, { force: true });
  exitCleanup.add(remove);
  try {
    return withReason(path, () => {
      const size = writeAll(openSync(temporary, 'wx'), pieces, onProgress);
      renameSync(temporary, target);
      return size;
    });
  } finally {
    remove();
    exitCleanup.remove(remove);
  }
}

function withReason<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw new DebuggerError('FILE_UNREADABLE', `${path} cannot be written: ${systemReason(cause)}`, {
      cause,
    });
  }
}

/** A device or a pipe knows no offsets: what lies between is written too. */
function* inOneGo(pieces: Iterable<FilePiece>): Generator<FilePiece> {
  let end = 0;
  for (const { offset, bytes } of pieces) {
    if (offset > end) yield { offset: -1, bytes: new Uint8Array(offset - end) };
    yield { offset: -1, bytes };
    end = offset + bytes.length;
  }
}

function writeAll(file: number, pieces: Iterable<FilePiece>, onProgress: OnProgress): number {
  try {
    let size = 0;
    for (const { offset, bytes } of pieces) {
      const start = offset < 0 ? size : offset;
      for (let done = 0; done < bytes.length; )
        done += writeSync(file, bytes, done, bytes.length - done, offset < 0 ? null : start + done);
      size = start + bytes.length;
      onProgress(size);
    }
    return size;
  } finally {
    closeSync(file);
  }
}
