import { DebuggerError } from '@poolscope/engine';
import { readSmallFile } from '../io/small-file.ts';
import { systemReason } from '../io/system-reason.ts';
import { unreadable } from '../io/unreadable-file.ts';

/** No script comes near. */
const largest = 4 << 20;

/** Text of a script, in UTF-8 or, as Windows programs write it, in UTF-16 behind its mark. Errors: FILE_UNREADABLE. */
export function readTextFile(path: string): string {
  try {
    return decode(path, readSmallFile(path, largest));
  } catch (cause) {
    if (cause instanceof DebuggerError) throw cause;
    throw unreadable(path, systemReason(cause), cause);
  }
}

function decode(path: string, bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
  if (text.includes('\0')) throw unreadable(path, 'it is not a text');
  return text;
}
