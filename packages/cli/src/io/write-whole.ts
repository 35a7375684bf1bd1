import { randomBytes } from 'node:crypto';
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DebuggerError } from '@poolscope/engine';
import { attempt } from './attempt.ts';
import { exitCleanup } from './exit-cleanup.ts';
import { statOf } from './stat-of.ts';
import { systemReason } from './system-reason.ts';

/**
 * Writes a file as a whole or not at all: through a temporary file beside it. A link stays, and what it leads to is replaced; a
 * device or a pipe is written into. Errors: FILE_UNREADABLE.
 */
export function writeWhole(path: string, content: Uint8Array | string): void {
  try {
    const target = attempt(() => realpathSync(path)) ?? path;
    const old = statOf(target);
    if (old !== undefined && !old.isFile()) writeFileSync(target, content);
    else replace(target, content);
  } catch (cause) {
    throw new DebuggerError('FILE_UNREADABLE', `${path} cannot be written: ${systemReason(cause)}`, {
      cause,
    });
  }
}

function replace(target: string, content: Uint8Array | string): void {
  const temporary = `${target}.${randomBytes(6).toString('hex')}`;
  const remove = () => rmSync(temporary, { force: true });
  exitCleanup.add(remove);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, target);
  } finally {
    remove();
    exitCleanup.remove(remove);
  }
}

/** Are these the same file, by whatever names and links? False where one does not exist. */
export function isSameFile(one: string, other: string): boolean {
  const identity = (path: string) => attempt(() => statSync(path, { bigint: true }));
  const [first, second] = [identity(one), identity(other)];
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}
