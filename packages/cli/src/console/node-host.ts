import type { ConsoleHost, HostFile, HostSymbols } from '@poolscope/engine';
import { FileSource } from '../io/file-source.ts';
import type { LogFile } from './log-file.ts';
import { readTextFile } from './text-file.ts';

/** What the console's commands get of this machine: files by their names, the log, the clock, symbols. */
export const nodeHost = (log: LogFile, symbols?: HostSymbols): ConsoleHost => ({
  readText: readTextFile,
  openFile,
  openLog: (path, options) => log.open(path, options),
  closeLog: () => log.close(),
  now: () => Date.now(),
  symbols,
});

function openFile(path: string): HostFile {
  const file = new FileSource(path);
  return {
    size: file.size,
    read(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, file.size - offset)));
      return bytes.subarray(0, file.readInto(offset, bytes));
    },
    close: () => file.close(),
  };
}
