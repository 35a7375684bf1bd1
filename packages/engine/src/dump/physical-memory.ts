import { Fault, type Pa, type Pfn, pageSize } from '../base/index.ts';
import type { BlockCache } from '../io/index.ts';

/** Where the pages of a dump are in its file. */
export interface PageIndex {
  /** Pages that the container says it holds. */
  readonly pageCount: number;
  /** Highest page frame number that the container describes, plus one. */
  readonly limit: number;
  /** File offset of a page, or -1 when the page is not in the dump. */
  offsetOf(pfn: Pfn): number;
  /** Present pages as runs in ascending order; a run of no pages is only a sign of life, so that a caller can stop. */
  runs(): Iterable<{ readonly base: Pfn; readonly count: number }>;
}

/** Physical memory as far as the dump holds it. */
export class PhysicalMemory {
  readonly file: BlockCache;
  readonly pages: PageIndex;

  constructor(file: BlockCache, pages: PageIndex) {
    this.file = file;
    this.pages = pages;
  }

  /** File offset of a physical address, or -1 when its page is not in the dump. */
  offsetOf(pa: Pa): number {
    const within = pa % pageSize;
    const offset = this.pages.offsetOf((pa - within) / pageSize);
    return offset < 0 ? -1 : offset + within;
  }

  /** u64 at an 8-byte aligned physical address, or undefined when it is not in the file. */
  readU64(pa: Pa): bigint | undefined {
    const offset = this.offsetOf(pa);
    return offset < 0 ? undefined : this.file.readU64(offset);
  }

  /** Bytes from `pa` on; a Fault (with what was read so far) at the first page that is missing. */
  tryRead(pa: Pa, length: number): Uint8Array | Fault {
    const bytes = new Uint8Array(length);
    const count = this.readInto(pa, bytes);
    if (count === length) return bytes;
    const kind = this.offsetOf(pa + count) < 0 ? 'not-in-dump' : 'truncated';
    return new Fault(kind, BigInt(pa + count), { got: bytes.subarray(0, count) });
  }

  /** Copies the bytes that are there, from `pa` on without a gap; returns how many. */
  readInto(pa: Pa, bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const offset = this.offsetOf(pa + done);
      if (offset < 0) break;
      const part = this.#contiguous(pa + done, offset, bytes.length - done);
      const count = this.file.readInto(offset, bytes.subarray(done, done + part));
      done += count;
      if (count < part) break;
    }
    return done;
  }

  /** How many of the next `most` bytes follow one another in the file too. */
  #contiguous(pa: Pa, offset: number, most: number): number {
    let length = pageSize - (pa % pageSize);
    while (length < most && this.offsetOf(pa + length) === offset + length) length += pageSize;
    return Math.min(length, most);
  }
}
