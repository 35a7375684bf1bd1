import type { DumpSink } from './dump-sink.ts';

/** What unpacking needs of its host: a place for the bytes, and ways to show progress and to stop. */
export interface UnpackOptions {
  /**
   * Called once, when the dump is found. `name` is empty where the archive gives none; `size` is what a zip claims,
   * undefined for gz and 7z: good for a decision, not for an allocation.
   */
  readonly makeSink: (hint: { readonly name: string; readonly size: number | undefined }) => DumpSink;
  /**
   * Packed bytes used up, of all there are. For 7z, which does not tell: unpacked bytes, of 0.
   * A promise is waited for, so that a host can let its event loop run.
   */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void | Promise<void>;
  /** Looked at between pieces of at most a megabyte; when set, unpacking ends with INTERRUPTED. */
  readonly signal?: { readonly aborted: boolean };
  /** Reads libarchive.wasm, which 7z needs, in hosts where it is not found beside its script. */
  readonly loadWasm?: () => Promise<Uint8Array>;
}
