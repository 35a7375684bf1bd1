import { readFileSync, statSync } from 'node:fs';
import { systemReason } from './io/system-reason.ts';
import { unreadable } from './io/unreadable-file.ts';

/** Larger files are no pooltag.txt: the debugger's has a quarter of a megabyte. */
const mostBytes = 16 * 1024 * 1024;

/** Text of a pooltag.txt. Throws FILE_UNREADABLE. */
export function readPoolTags(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > mostBytes) throw new Error('it is too large for a pooltag.txt');
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw unreadable(path, systemReason(error), error);
  }
}
