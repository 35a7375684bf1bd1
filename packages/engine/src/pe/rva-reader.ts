import { Fault, readU16, readU32 } from '../base/index.ts';
import type { ImageReader } from './image-reader.ts';

const pageBytes = 0x1000;
const keptPages = 64;

/** Many small reads of one image: whole pages are kept, so that a table costs one read a page. */
export class RvaReader {
  readonly image: ImageReader;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(image: ImageReader) {
    this.image = image;
  }

  /** `length` bytes (at most a page), or undefined when any is missing. */
  bytes(rva: number, length: number): Uint8Array | undefined {
    const start = rva - (rva % pageBytes);
    const page = this.#page(start);
    if (rva - start + length <= page.length) return page.subarray(rva - start, rva - start + length);
    const bytes = this.image.tryReadRva(rva, length);
    return bytes instanceof Fault ? undefined : bytes;
  }

  u16(rva: number): number | undefined {
    const bytes = this.bytes(rva, 2);
    return bytes === undefined ? undefined : readU16(bytes, 0);
  }

  u32(rva: number): number | undefined {
    const bytes = this.bytes(rva, 4);
    return bytes === undefined ? undefined : readU32(bytes, 0);
  }

  /** NUL-terminated text of at most `limit` characters; undefined when absent, longer, or not printable ASCII. */
  text(rva: number, limit: number): string | undefined {
    let text = '';
    for (let at = rva; text.length < limit; at++) {
      const byte = this.bytes(at, 1)?.[0];
      if (byte === 0) return text;
      if (byte === undefined || byte < 0x20 || byte > 0x7e) return undefined;
      text += String.fromCharCode(byte);
    }
    return undefined;
  }

  /** What there is of a page from its start on. */
  #page(start: number): Uint8Array {
    let page = this.#pages.get(start);
    if (page === undefined) {
      const read = this.image.tryReadRva(start, pageBytes);
      page = read instanceof Fault ? read.got : read;
      if (this.#pages.size >= keptPages) this.#pages.clear();
      this.#pages.set(start, page);
    }
    return page;
  }
}
