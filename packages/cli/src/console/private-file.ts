import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { readFully } from '../io/file-source.ts';

/** Small files that only the user can read. All of these throw the system's errors. */

const nonBlocking = constants.O_NONBLOCK ?? 0;
const ownerOnly = 0o600;

/** The last `most` bytes of a file as text. */
export function readTail(path: string, most: number): { readonly text: string; readonly isWhole: boolean } {
  return withFile(path, constants.O_RDONLY, (descriptor, size) => {
    const bytes = Buffer.alloc(Math.min(size, most));
    const length = readFully(descriptor, size - bytes.length, bytes);
    return { text: bytes.toString('utf8', 0, length), isWhole: size <= most };
  });
}

/** In one write, so that two consoles do not mix their lines. */
export function appendLine(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  withFile(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, (descriptor) => {
    if (process.platform !== 'win32') fchmodSync(descriptor, ownerOnly);
    writeSync(descriptor, `${line}\n`);
  });
}

/** The old content or the new one is there at any time. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode: ownerOnly });
  renameSync(temporary, path);
}

/** Opens what has to be a file: a pipe would hold up the program. */
function withFile<Result>(
  path: string,
  flags: number,
  use: (descriptor: number, size: number) => Result,
): Result {
  const descriptor = openSync(path, flags | nonBlocking, ownerOnly);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`${path} is not a file`);
    return use(descriptor, stats.size);
  } finally {
    closeSync(descriptor);
  }
}
