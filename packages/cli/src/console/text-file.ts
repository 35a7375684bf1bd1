import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { DebuggerError } from '@poolscope/engine';
import { readFully } from '../io/file-source.ts';
import { systemReason } from '../io/system-reason.ts';
import { unreadable } from '../io/unreadable-file.ts';

/** No script comes near. */
const largest = 4 << 20;

/** Text of a script, in UTF-8 or, as Windows programs write it, in UTF-16 behind its mark. Errors: FILE_UNREADABLE. */
export function readTextFile(path: string): string {
  try {
    return decode(path, readSmallFile(path));
  } catch (cause) {
    if (cause instanceof DebuggerError) throw cause;
    throw unreadable(path, systemReason(cause), cause);
  }
}

function readSmallFile(path: string): Uint8Array {
  // A pipe without a writer would hold up a blocking open.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw unreadable(path, 'it is a directory');
    if (!stats.isFile()) throw unreadable(path, 'it is not a file');
    if (stats.size > largest) throw unreadable(path, `it has more than ${largest >> 20} MB`);
    const bytes = new Uint8Array(stats.size);
    return bytes.subarray(0, readFully(descriptor, 0, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function decode(path: string, bytes: Uint8Array): string {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
  if (text.includes('\0')) throw unreadable(path, 'it is not a text');
  return text;
}
