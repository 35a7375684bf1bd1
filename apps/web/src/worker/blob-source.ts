import { type ByteSource, DebuggerError } from '@poolscope/engine';

/**
 * A file of the browser as bytes that are read at once. Each read is one slice: it takes about a millisecond however short
 * it is, so that a cache of large blocks belongs before it.
 */
export class BlobSource implements ByteSource {
  readonly size: number;
  readonly #blob: Blob;
  readonly #reader = new FileReaderSync();

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  readInto(offset: number, target: Uint8Array): number {
    if (offset < 0 || offset >= this.size || target.length === 0) return 0;
    const end = Math.min(this.size, offset + target.length);
    const bytes = new Uint8Array(this.#read(offset, end));
    target.set(bytes);
    return bytes.length;
  }

  #read(from: number, end: number): ArrayBuffer {
    try {
      return this.#reader.readAsArrayBuffer(this.#blob.slice(from, end));
    } catch (cause) {
      throw new DebuggerError('FILE_UNREADABLE', 'the browser cannot read the file any more', { cause });
    }
  }
}
