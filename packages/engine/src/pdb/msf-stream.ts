import type { ByteSource } from '../io/index.ts';
import { pdbError } from './pdb-error.ts';

/** One stream of a multi-stream file: bytes on scattered pages. */
export class MsfStream {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #pageSize: number;
  readonly #pages: Uint32Array;

  constructor(source: ByteSource, pageSize: number, pages: Uint32Array, size: number) {
    this.#source = source;
    this.#pageSize = pageSize;
    this.#pages = pages;
    this.size = size;
  }

  /** The whole stream. */
  bytes(): Uint8Array {
    return this.read(0, this.size);
  }

  /** Bytes inside the stream; throws PDB_UNREADABLE when they reach over its end or the file is cut. */
  read(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.size)
      throw pdbError('a record of the program database reaches over the end of its stream');
    const target = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { at, run } = this.#runAt(offset + done, length - done);
      if (this.#source.readInto(at, target.subarray(done, done + run)) < run)
        throw pdbError('the program database is cut');
      done += run;
    }
    return target;
  }

  /** File offset of a byte, and how many bytes lie together from there on. */
  #runAt(offset: number, wanted: number): { at: number; run: number } {
    const pageSize = this.#pageSize;
    const index = Math.floor(offset / pageSize);
    const first = this.#pages[index]!;
    const within = offset % pageSize;
    let run = pageSize - within;
    for (let next = 1; run < wanted && this.#pages[index + next] === first + next; next++) run += pageSize;
    return { at: first * pageSize + within, run: Math.min(run, wanted) };
  }
}
