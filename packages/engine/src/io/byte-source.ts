/**
 * Random access to the bytes of a dump, synchronous in every host: a file descriptor in Node,
 * a Blob in a web worker, or a buffer.
 */
export interface ByteSource {
  /** Size in bytes at the time of opening. */
  readonly size: number;
  /** Copies bytes from `offset` to the start of `target`; returns how many there were (short only at the end). */
  readInto(offset: number, target: Uint8Array): number;
}

/** A dump that is in memory already. */
export class BufferSource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  readInto(offset: number, target: Uint8Array): number {
    const count = Math.max(0, Math.min(target.length, this.size - offset));
    if (count > 0) target.set(this.#bytes.subarray(offset, offset + count));
    return count;
  }
}
