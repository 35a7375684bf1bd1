import { DebuggerError } from '../base/index.ts';
import type { SymbolSource } from '../symbols/index.ts';

/** A file that a command was given by name: random access, closed when the command ends. */
export interface HostFile {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** Where symbols are looked for from now on, as a console sets it. */
export interface HostSymbols {
  /** As people may see it: empty where nothing is set. */
  readonly path: string;
  /** Sets another path, or puts one behind it. What of it cannot be used is left out: one plain sentence part each. */
  change(path: string, how: 'replace' | 'append'): readonly string[];
  /** Looks as the path is now; undefined where it names no place. */
  open(): OpenedSymbols | undefined;
}

/** Symbols that a host has opened, to be closed again. */
export interface OpenedSymbols {
  readonly source: SymbolSource;
  /** Frees the files, and stops what is being fetched. */
  close(): void;
}

/** What the console needs of the program around it: files, a log, a clock. */
export interface ConsoleHost {
  /** Text of a script. Throws a DebuggerError when it cannot be read. */
  readText(path: string): string;
  /** An image to compare with. Throws a DebuggerError when it cannot be opened. */
  openFile(path: string): HostFile;
  /** Everything that is shown goes into this file too, until `closeLog`. */
  openLog(path: string, options: { readonly append: boolean }): void;
  /** The log that was open, if any. */
  closeLog(): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Undefined where symbols cannot be looked for anew. */
  readonly symbols?: HostSymbols | undefined;
}

const lacks = (what: string) => (): never => {
  throw new DebuggerError('HOST_LACKS', `${what} cannot be used here`);
};

/** A host without files: what a console has unless it is told otherwise. */
export const bareHost: ConsoleHost = {
  readText: lacks('script files'),
  openFile: lacks('files'),
  openLog: lacks('a log file'),
  closeLog: () => undefined,
  now: () => Date.now(),
};
