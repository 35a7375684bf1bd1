import { pageOf, pageSize, type Va } from '../../base/index.ts';
import { type MemoryRange, presentPieces, type VirtualMemory } from '../../mmu/index.ts';
import type { WalkBudget } from './walk-budget.ts';

/** What a walk does with the pages that it meets. */
export interface PageVisitor {
  /** A page that is there: `at` is the index of its first word, `page` its address in pages. The words are used again. */
  page(words: Uint32Array, at: number, page: number): void;
  /** A page of which some bytes are there. */
  part(address: Va): void;
}

/** How far a walk is. */
export interface WalkStep {
  /** Everything below this address is done. */
  readonly at: Va;
  /** Bytes that were there, so far. */
  readonly bytes: number;
}

/** Bytes looked at in one go: enough to go past the block cache, and few enough for the processor's own. */
const windowSize = 1 << 19;

/**
 * Goes through the pages of a range that are mapped and in the dump, by address. Yields between pieces of half a megabyte
 * at most, and ends when the budget is spent; memory does not grow with the range. Hosts are little-endian.
 */
export function* walkPages(
  memory: VirtualMemory,
  range: MemoryRange,
  visitor: PageVisitor,
  budget: WalkBudget,
): Generator<WalkStep, number> {
  const buffer = new Uint8Array(windowSize);
  const words = new Uint32Array(buffer.buffer);
  const place = (va: Va): Uint8Array => buffer.subarray(Number(va & 0xfffn));
  let bytes = 0;
  let lastPart = -1n;
  for (const piece of presentPieces(memory, range, place)) {
    const start = Number(piece.va & 0xfffn);
    const end = start + piece.bytes.length;
    const base = pageOf(piece.va);
    const firstPage = Number(base >> 12n);
    for (let at = 0; at < end; at += pageSize) {
      if (at >= start && at + pageSize <= end) visitor.page(words, at / 4, firstPage + at / pageSize);
      else if (base + BigInt(at) !== lastPart) {
        // Bytes of one page can come in several pieces.
        lastPart = base + BigInt(at);
        visitor.part(lastPart);
      }
    }
    bytes += piece.bytes.length;
    budget.spend(piece.bytes.length, piece.holes);
    if (budget.isSpent) break;
    yield { at: piece.va + BigInt(piece.bytes.length), bytes };
  }
  return bytes;
}

/** Address of a page by its number; kernel addresses of x86 have their upper half set. */
export const addressOfPage = (page: number): Va => BigInt(page) << 12n;
