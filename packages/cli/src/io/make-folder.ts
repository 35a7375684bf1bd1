import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DebuggerError } from '@poolscope/engine';
import { systemReason } from './system-reason.ts';

/** Makes a folder and those above it; throws FILE_UNREADABLE. */
export function makeFolder(path: string): void {
  try {
    makeFolders(resolve(path));
  } catch (cause) {
    throw new DebuggerError('FILE_UNREADABLE', `${path} cannot be made: ${systemReason(cause)}`, { cause });
  }
}

/** One by one: Node's own way does not come back where nothing can be made and nothing is missing, as in /proc. */
export function makeFolders(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  const above = dirname(path);
  if (above !== path) makeFolders(above);
  try {
    mkdirSync(path);
  } catch (cause) {
    // Somebody else may have made it meanwhile.
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EEXIST') throw cause;
  }
}
