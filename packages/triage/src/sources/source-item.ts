import type { Write } from '../store/schema.ts';

/** A file that may hold dumps. */
export interface SourceItem {
  /** Absolute path or address. */
  readonly name: string;
  /** What reports call it, where that is not its name. */
  readonly title?: string;
  /** What messages on the screen call it, where that is another name. */
  readonly shownName?: string;
  /** Its name and what is said of it are not to be stored. */
  readonly isRedacted?: boolean;
  /** Changes when the file does; empty where that cannot be told without reading it. */
  readonly fingerprint: string;
  /** The machine that it comes from, where that is known. */
  readonly machine?: { readonly name: string; readonly by: 'given' | 'folder' };
  /** What is to be written together with its last result: that its job is done. */
  readonly completion?: (write: Write) => Promise<void>;
  /** Analyze it also where it has a result. */
  readonly again?: boolean;
  /** Gives a path where the bytes are, for the time of `use`. */
  withFile<Result>(use: (path: string) => Promise<Result>): Promise<Result>;
}

/** What is wrong with a source itself. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
