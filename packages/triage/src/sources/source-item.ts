/** A file that may hold dumps. */
export interface SourceItem {
  /** Absolute path or address. */
  readonly name: string;
  /** Changes when the file does; empty where that cannot be told without reading it. */
  readonly fingerprint: string;
  /** The machine that it comes from, where that is known. */
  readonly machine?: { readonly name: string; readonly by: 'given' | 'folder' };
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
