import { type ConsoleHost, DebuggerError, type HostFile, type HostSymbols } from '@poolscope/engine';

/** Files of a transcript by their names: texts are scripts, bytes are images. */
export type TestFiles = Readonly<Record<string, string | Uint8Array>>;

/** A host whose files are in memory, at a fixed time. */
export function memoryHost(files: TestFiles, symbols?: HostSymbols): ConsoleHost {
  let log: string | undefined;
  return {
    readText(path) {
      const text = contents(files, path);
      return typeof text === 'string' ? text : new TextDecoder().decode(text);
    },
    openFile(path) {
      const bytes = contents(files, path);
      return fileOf(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    },
    openLog(path) {
      log = path;
    },
    closeLog() {
      const closed = log;
      log = undefined;
      return closed;
    },
    now: () => Date.UTC(2005, 1, 28, 9, 5, 50, 935),
    symbols,
  };
}

function contents(files: TestFiles, path: string): string | Uint8Array {
  const found = Object.hasOwn(files, path) ? files[path] : undefined;
  if (found === undefined) throw new DebuggerError('FILE_UNREADABLE', `there is no file '${path}'`);
  return found;
}

const fileOf = (bytes: Uint8Array): HostFile => ({
  size: bytes.length,
  read: (offset, length) => bytes.slice(offset, offset + length),
  close: () => undefined,
});
