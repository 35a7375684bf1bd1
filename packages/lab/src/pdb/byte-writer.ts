import { utf8Bytes } from '@poolscope/engine/base';
import { writeU16, writeU32, writeU64 } from '../bytes/integers.ts';

/** Little-endian values one behind the other. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(...values: number[]): this {
    for (const value of values) this.#bytes[this.#take(1)] = value;
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const at = this.#take(2);
      writeU16(this.#bytes, at, value);
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const at = this.#take(4);
      writeU32(this.#bytes, at, value);
    }
    return this;
  }

  u64(value: bigint): this {
    const at = this.#take(8);
    writeU64(this.#bytes, at, value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** UTF-8 and a NUL. */
  text(value: string): this {
    return this.raw(utf8Bytes(value)).u8(0);
  }

  /** Zeros up to a multiple of `size`. */
  align(size: number): this {
    this.#take(-this.#length & (size - 1));
    return this;
  }

  /** Writes over a word that is there. */
  patchU32(at: number, value: number): void {
    writeU32(this.#bytes, at, value);
  }

  /** A copy. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Room for `size` bytes; where it begins. */
  #take(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }
}
