import { pageSize } from '../../base/index.ts';
import { readInto, type VirtualMemory } from '../../mmu/index.ts';
import { fitsTag, type TagPattern } from '../walk/tag-pattern.ts';
import { decodeHeapType } from './heap-header.ts';
import { mostVsBytes } from './vs-bytes.ts';

/** The pages of a range, read into the same memory again and again. */
export class RangeBytes {
  static readonly most = mostVsBytes;
  /** The range as it was read last; what is missing is as it was before. */
  readonly words: Uint32Array;
  /** For each page, 1 where it was read. */
  readonly present = new Uint8Array(mostVsBytes / pageSize);
  /** Pages that are not there. */
  holes = 0;
  readonly #memory: VirtualMemory;
  readonly #bytes = new Uint8Array(mostVsBytes);

  constructor(memory: VirtualMemory) {
    this.#memory = memory;
    this.words = new Uint32Array(this.#bytes.buffer);
  }

  /** False where the range is too large, lacks its first page, or has parts of pages. */
  read(start: bigint, length: number): boolean {
    this.holes = 0;
    this.present.fill(0);
    if (length > mostVsBytes || length < pageSize) return false;
    for (let at = 0; at < length; ) {
      const count = readInto(this.#memory, start + BigInt(at), this.#bytes.subarray(at, length));
      if (count % pageSize !== 0) return false;
      this.present.fill(1, at / pageSize, (at + count) / pageSize);
      at += count;
      if (at >= length) break;
      if (at === 0) return false;
      this.holes++;
      at += pageSize;
    }
    return true;
  }

  /** Has a header one of the tags? `headers` are indexes of words. */
  hasTag(headers: Uint32Array, count: number, tags: TagPattern): boolean {
    for (let index = 0; index < count; index++)
      if (fitsTag(tags, this.words[headers[index]! + 1]!)) return true;
    return false;
  }
}

const tables = [typesOf(false), typesOf(true), typesOf(undefined)] as const;

/** Types of first headers of blocks in use, each 1. */
export const headerTypes = (isPaged: boolean | undefined): Uint8Array =>
  tables[isPaged === undefined ? 2 : isPaged ? 1 : 0];

function typesOf(wanted: boolean | undefined): Uint8Array {
  return Uint8Array.from({ length: 0x100 }, (_, type) => {
    const { isValid, aligned, paged } = decodeHeapType(type);
    return isValid && !aligned && (wanted === undefined || paged === wanted) ? 1 : 0;
  });
}
