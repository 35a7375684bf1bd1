import { readFileSync, statSync } from 'node:fs';
import { DebuggerError } from '@poolscope/engine';

/** Larger files are no pooltag.txt: the debugger's has a quarter of a megabyte. */
const mostBytes = 16 * 1024 * 1024;

/** Text of a pooltag.txt. Throws FILE_UNREADABLE. */
export function readPoolTags(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > mostBytes) throw new Error('it is too large for a pooltag.txt');
    return readFileSync(path, 'latin1');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DebuggerError('FILE_UNREADABLE', `the file of pool tags cannot be read: ${reason}`, {
      cause: error,
    });
  }
}
