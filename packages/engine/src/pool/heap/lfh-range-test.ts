import { pageSize } from '../../base/index.ts';
import type { VirtualMemory } from '../../mmu/index.ts';
import type { TagPattern } from '../walk/tag-pattern.ts';
import type { HeapRange } from './heap-block.ts';
import { crossesPage } from './lfh-offsets.ts';
import type { LfhSubsegment } from './lfh-subsegment.ts';
import { headerTypes, RangeBytes } from './range-bytes.ts';

const unit = 16;

/**
 * Tests LFH ranges as a whole, one after the other in the same memory, without making anything: what searches of much pool need. What
 * it calls whole `readLfhPage` calls whole on every page that is there; ranges that lack something are left to it.
 */
export class LfhRangeTest {
  /** Pages of the range that are not there; no block in use is on them. */
  get holes(): number {
    return this.#bytes.holes;
  }
  readonly #bytes: RangeBytes;
  readonly #cookie: bigint | undefined;
  /** Indexes in words of the headers of all blocks that are there, free ones too: they keep theirs. */
  readonly #headers = new Uint32Array(RangeBytes.most / unit / 2);
  #count = 0;

  constructor(memory: VirtualMemory, cookie: bigint | undefined) {
    this.#bytes = new RangeBytes(memory);
    this.#cookie = cookie;
  }

  isWhole(
    { start, end, heap }: Pick<HeapRange, 'start' | 'end' | 'heap'>,
    subsegment: LfhSubsegment,
  ): boolean {
    this.#count = 0;
    const { offsets, header, bitmap, problems } = subsegment;
    if (problems.length > 0 || !this.#bytes.read(start, Number(end - start))) return false;
    const { words, present } = this.#bytes;
    const types = headerTypes(heap.isPaged);
    const size = offsets.blockSize / unit;
    for (let slot = 0; slot < header.blockCount; slot++) {
      if (crossesPage(offsets, slot)) continue;
      const at = offsets.firstBlock + slot * offsets.blockSize;
      const bits = bitmap.bits(slot);
      if (bits === undefined) return false;
      const isThere = present[at >> pageShift] === 1;
      if (isThere) this.#headers[this.#count++] = at >> 2;
      if ((bits & 1) === 0) continue;
      const word = words[at >> 2]!;
      const isHeader =
        isThere && (word & 0xff) === 0 && ((word >>> 16) & 0xff) === size && types[word >>> 24] === 1;
      if (!isHeader || this.#mayBeAligned(start, at)) return false;
    }
    return true;
  }

  /** Has any block one of the tags? */
  hasTag(tags: TagPattern): boolean {
    return this.#bytes.hasTag(this.#headers, this.#count, tags);
  }

  /** With the pointer to a second header behind it, which is looked at by itself. */
  #mayBeAligned(start: bigint, at: number): boolean {
    if (this.#cookie === undefined) return false;
    const { words } = this.#bytes;
    const stored = (BigInt(words[(at >> 2) + 5]!) << 32n) | BigInt(words[(at >> 2) + 4]!);
    const to = stored ^ this.#cookie;
    return to > start + BigInt(at) && to < start + BigInt(at + cacheLine);
  }
}

const pageShift = Math.log2(pageSize);
const cacheLine = 0x40;
