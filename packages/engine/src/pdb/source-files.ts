import { readU32 } from '../base/index.ts';
import { nameAt } from './symbol-record.ts';

const namesSignature = 0xeffe_effe;

/** Text of the stream `/names`, behind its header; empty when it is none. */
export function namesText(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 12 || readU32(bytes, 0) !== namesSignature) return new Uint8Array(0);
  return bytes.subarray(12, 12 + readU32(bytes, 8));
}

/** Names of a module's source files: by the offset of a checksum, which leads to the text. */
export class SourceFiles {
  readonly #checksums: Uint8Array;
  readonly #texts: Uint8Array;
  readonly #names = new Map<number, string | undefined>();

  constructor(checksums: Uint8Array | undefined, texts: Uint8Array) {
    this.#checksums = checksums ?? new Uint8Array(0);
    this.#texts = texts;
  }

  name(checksum: number): string | undefined {
    if (!this.#names.has(checksum)) this.#names.set(checksum, this.#read(checksum));
    return this.#names.get(checksum);
  }

  #read(checksum: number): string | undefined {
    if (checksum + 4 > this.#checksums.length) return undefined;
    const at = readU32(this.#checksums, checksum);
    return at < this.#texts.length ? nameAt(this.#texts, at, this.#texts.length) : undefined;
  }
}
