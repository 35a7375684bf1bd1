import { pageSize } from '../../base/index.ts';
import { readInto, type VirtualMemory } from '../../mmu/index.ts';
import { fitsTag, type TagPattern } from '../walk/tag-pattern.ts';
import type { HeapRange } from './heap-block.ts';
import { headerTypes } from './range-bytes.ts';
import { mostVsBytes, type VsBytes } from './vs-bytes.ts';
import { isSubsegment, type VsCode, vsUnit } from './vs-code.ts';
import { firstUnit, VsTest } from './vs-test.ts';

/** Units of the largest block with a POOL_HEADER. */
const mostWithHeader = 0xff;
/** AllocatedChunkBits.UnusedBytes */
const unusedBytesBit = 0x100;
/** Words from the start of a subsegment: Size and Signature. */
const sizeWord = 8;

/**
 * Tests VS ranges as a whole, one after the other in the same memory, and lists the headers of their blocks without making anything:
 * what searches of much pool need. What it calls whole `readVsPage` calls whole on every page; ranges that lack something are left
 * to it.
 */
export class VsRangeTest {
  /** The range as it was read last. */
  readonly words: Uint32Array;
  /** After `isWhole`: indexes in `words` of the POOL_HEADERs of blocks in use, by address, as many as `count`. */
  readonly headers = new Uint32Array(mostVsBytes / vsUnit / 2);
  count = 0;
  /** Blocks in use that have no POOL_HEADER. */
  bare = 0;
  /** Pages of the range that are not there, all of them inside of chunks. */
  holes = 0;
  readonly #memory: VirtualMemory;
  readonly #walk: VsTest;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #present = new Uint8Array(mostVsBytes / vsUnit);

  constructor(memory: VirtualMemory, code: VsCode, hasPlainNodes = true) {
    this.#memory = memory;
    this.#walk = new VsTest(code, hasPlainNodes);
    this.#bytes = new Uint8Array(mostVsBytes);
    this.words = new Uint32Array(this.#bytes.buffer);
  }

  /**
   * Are all chunks and headers of a VS range as they have to be, as far as a search of all pool asks? `free`: what the heap's
   * tree leads to, where all of it is known.
   */
  isWhole(range: Pick<HeapRange, 'start' | 'end' | 'heap'>, free?: ReadonlySet<bigint>): boolean {
    const length = Number(range.end - range.start);
    this.count = 0;
    this.bare = 0;
    if (length > mostVsBytes || length < pageSize || !this.#read(range.start, length)) return false;
    const marks = this.words[sizeWord]!;
    const end = firstUnit + (marks & 0xffff);
    if (!isSubsegment(marks & 0xffff, marks >>> 16) || end * vsUnit > length) return false;
    if (!this.#walk.walk(this.#sub(range.start), end)) return false;
    if (free !== undefined && !this.#isInTree(range.start, free)) return false;
    return this.#hasHeaders(headerTypes(range.heap.isPaged));
  }

  /** Has a block in use one of the tags? Free chunks have none. */
  hasTag(tags: TagPattern): boolean {
    for (let index = 0; index < this.count; index++)
      if (fitsTag(tags, this.words[this.headers[index]! + 1]!)) return true;
    return false;
  }

  #isInTree(start: bigint, free: ReadonlySet<bigint>): boolean {
    const { starts, used, count } = this.#walk;
    for (let index = 0; index < count; index++)
      if (used[index] === 0 && !free.has(start + BigInt(starts[index]! * vsUnit))) return false;
    return true;
  }

  #sub(address: bigint): VsBytes {
    return { address, bytes: this.#bytes, words: this.words, present: this.#present, isWhole: true };
  }

  /** Only pages are looked at, not parts of them; the first has to be there. */
  #read(start: bigint, length: number): boolean {
    const perPage = pageSize / vsUnit;
    this.holes = 0;
    for (let at = 0; at < length; ) {
      const count = readInto(this.#memory, start + BigInt(at), this.#bytes.subarray(at, length));
      if (count % pageSize !== 0) return false;
      this.#present.fill(1, at / vsUnit, (at + count) / vsUnit);
      at += count;
      if (at >= length) break;
      if (at === 0) return false;
      this.#present.fill(0, at / vsUnit, at / vsUnit + perPage);
      this.holes++;
      at += pageSize;
    }
    return true;
  }

  #hasHeaders(types: Uint8Array): boolean {
    const { words, headers } = this;
    const { starts, used, count } = this.#walk;
    const present = this.#present;
    let end = this.#walk.stop;
    for (let index = count - 1; index >= 0; index--) {
      const unit = starts[index]!;
      const size = end - unit;
      end = unit;
      if (used[index] === 0) continue;
      const isLast = (unit & 0xff) === 0xfe;
      const body = unit + (isLast ? 2 : 1);
      let given = unit + size - body;
      if ((words[unit * 4 + 2]! & unusedBytesBit) !== 0) {
        if (present[unit + size - 1] !== 1) return false;
        const unused = words[(unit + size) * 4 - 1]! >>> 16;
        if (unused > 0x1fff || (unused & 0xf) !== 0) return false;
        given -= unused >>> 4;
      }
      if (given < 1 || (given >= mostWithHeader && !isLast)) return false;
      if (given > mostWithHeader) {
        this.bare++;
        continue;
      }
      const word = words[body * 4]!;
      const isHeader =
        present[body] === 1 &&
        (word & 0xff) === 0 &&
        ((word >>> 16) & 0xff) === given &&
        types[word >>> 24] === 1;
      if (isHeader) headers[this.count++] = body * 4;
      else if (given === mostWithHeader && isLast) this.bare++;
      else return false;
    }
    headers.subarray(0, this.count).reverse();
    return true;
  }
}
