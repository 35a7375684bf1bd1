import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { readFully } from './file-source.ts';
import { unreadable } from './unreadable-file.ts';

/** All of a file that is not larger than `largest` bytes. Throws FILE_UNREADABLE, or the system's errors. */
export function readSmallFile(path: string, largest: number): Uint8Array {
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
