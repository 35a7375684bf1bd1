import { assert, pageSize } from '@poolscope/engine/base';
import { alignUp } from '../bytes/integers.ts';

/** Section characteristics of the PE format. */
export const sectionFlags = {
  code: 0x6800_0020,
  readOnly: 0x4800_0040,
  data: 0xc800_0040,
} as const;

/** A section while it is laid out: hands out offsets first, takes bytes later. */
export class Section {
  readonly name: string;
  readonly flags: number;
  readonly rva: number;
  #size = 0;
  #bytes = new Uint8Array(pageSize);

  constructor(name: string, flags: number, rva: number) {
    this.name = name;
    this.flags = flags;
    this.rva = rva;
  }

  get size(): number {
    return this.#size;
  }

  /** First offset after the section, on a page boundary. */
  get end(): number {
    return this.rva + alignUp(Math.max(this.#size, 1), pageSize);
  }

  /** Bytes used so far; a view that stays valid until the next reservation. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  /** Room for `size` bytes; its offset in the image. */
  reserve(size: number, alignment = 1): number {
    const at = alignUp(this.#size, alignment);
    this.#size = at + size;
    if (this.#size > this.#bytes.length) {
      const larger = new Uint8Array(alignUp(this.#size * 2, pageSize));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.rva + at;
  }

  /** Room at a certain offset in the image, behind all that is there already. */
  reserveAt(rva: number, size: number): number {
    assert(rva >= this.rva + this.#size, `offset ${rva.toString(16)} of ${this.name} is in use`);
    this.reserve(rva - this.rva - this.#size);
    return this.reserve(size);
  }

  add(bytes: Uint8Array, alignment = 1): number {
    const rva = this.reserve(bytes.length, alignment);
    this.write(rva, bytes);
    return rva;
  }

  write(rva: number, bytes: Uint8Array): void {
    assert(
      rva >= this.rva && rva + bytes.length <= this.rva + this.#size,
      `${this.name} does not hold these bytes`,
    );
    this.#bytes.set(bytes, rva - this.rva);
  }
}
