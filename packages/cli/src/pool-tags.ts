import { DebuggerError } from '@poolscope/engine';
import { readSmallFile } from './io/small-file.ts';
import { systemReason } from './io/system-reason.ts';
import { unreadable } from './io/unreadable-file.ts';

/** Larger files are no pooltag.txt: the debugger's has a quarter of a megabyte. */
const mostBytes = 16 << 20;

/** Text of a pooltag.txt. Throws FILE_UNREADABLE. */
export function readPoolTags(path: string): string {
  try {
    return Buffer.from(readSmallFile(path, mostBytes)).toString('latin1');
  } catch (error) {
    if (error instanceof DebuggerError) throw error;
    throw unreadable(path, systemReason(error), error);
  }
}
