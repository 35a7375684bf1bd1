import { type ByteSource, DebuggerError, type DumpSink } from '@poolscope/engine';

/** What came out of one archive so far. An archive of a few kilobytes may hold as many terabytes. */
export class UnpackedBytes {
  readonly #limit: number;
  readonly #onProgress: (bytes: number) => void;
  #bytes = 0;

  constructor(limit: number, onProgress: (bytes: number) => void) {
    this.#limit = limit;
    this.#onProgress = onProgress;
  }

  /** Errors: ARCHIVE_TOO_LARGE. */
  add(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#limit) {
      throw new DebuggerError(
        'ARCHIVE_TOO_LARGE',
        `its dumps have more than ${this.#limit} bytes; --unpack-limit allows more`,
      );
    }
    this.#onProgress(this.#bytes);
  }
}

/** A sink whose bytes count before they are written. */
export class CountedSink implements DumpSink {
  readonly #sink: DumpSink;
  readonly #unpacked: UnpackedBytes;

  constructor(sink: DumpSink, unpacked: UnpackedBytes) {
    this.#sink = sink;
    this.#unpacked = unpacked;
  }

  write(chunk: Uint8Array): void {
    this.#unpacked.add(chunk.length);
    this.#sink.write(chunk);
  }

  finish(): ByteSource {
    return this.#sink.finish();
  }

  discard(): void {
    this.#sink.discard();
  }
}
