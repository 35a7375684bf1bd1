import type { Va } from '../base/index.ts';
import type { Piece } from '../mmu/index.ts';
import { type BytePattern, longestPattern, rareBytes } from './byte-pattern.ts';
import { type FindWindow, giveBack, takeWindow } from './fast-find.ts';

/** Bytes looked at in one go: large enough to go past the block cache, small enough for the processor's own. */
export const pieceSize = 1 << 19;

/** Room for what is kept of the piece before; a multiple of every step. */
const room = longestPattern + 8;

/**
 * Looks for a pattern in pieces of memory as they come. Where a piece follows the one before it without a gap, matches
 * across the border are found: the end of the last piece is kept in front of the next.
 */
export class PatternFinder {
  readonly #pattern: BytePattern;
  readonly #start: Va;
  readonly #window: FindWindow;
  readonly #rare: ReturnType<typeof rareBytes>;
  /** Address behind the last piece, how many bytes before it are kept, and the index behind them. */
  #end: Va = -1n;
  #kept = 0;
  #endIndex = 0;

  constructor(pattern: BytePattern, start: Va) {
    this.#pattern = pattern;
    this.#start = start;
    this.#window = takeWindow();
    this.#rare = rareBytes(pattern);
  }

  /** Gives the memory back; the finder is of no use after that. */
  close(): void {
    giveBack(this.#window);
  }

  /** Where the bytes from `va` on go: behind what is kept. */
  place(va: Va): Uint8Array {
    const { bytes } = this.#window;
    // Indexes count from the range's start as addresses do, so that a step of one is a step of the other.
    const at = room + Number((va - this.#start) & 7n);
    const kept = va === this.#end ? this.#kept : 0;
    if (kept > 0) bytes.copyWithin(at - kept, this.#endIndex - kept, this.#endIndex);
    this.#kept = kept;
    this.#endIndex = at;
    this.#end = va;
    return bytes.subarray(at, at + pieceSize);
  }

  /** Addresses of the matches that end in a piece, which lies where `place` put it; at most `most`. */
  find({ va, bytes }: Piece, most: number): Va[] {
    const hits: Va[] = [];
    const at = bytes.byteOffset - this.#window.bytes.byteOffset;
    const kept = va === this.#end && at === this.#endIndex ? this.#kept : 0;
    const to = at + bytes.length;
    for (
      let index = this.#next(at - kept, to);
      index >= 0 && hits.length < most;
      index = this.#next(index + 1, to)
    )
      hits.push(va + BigInt(index - at));
    this.#end = va + BigInt(bytes.length);
    this.#endIndex = to;
    this.#kept = Math.min(this.#pattern.bytes.length - 1, kept + bytes.length);
    return hits;
  }

  /** No match is open between two pieces. */
  finish(): Va[] {
    return [];
  }

  after(hit: Va): Va {
    return hit + BigInt(this.#pattern.step);
  }

  /** Index of the first match from `from` on that ends at `to` or before; -1 without. */
  #next(from: number, to: number): number {
    const { bytes: pattern, step } = this.#pattern;
    const { first, distance } = this.#rare;
    const { find } = this.#window;
    const [a, b] = [pattern[first]!, pattern[first + distance]!];
    const last = to - pattern.length + 1 + first;
    for (
      let at = find(from + first, last, a, b, distance);
      at >= 0;
      at = find(at + 1, last, a, b, distance)
    ) {
      const index = at - first;
      if ((index & (step - 1)) === 0 && this.#matches(index)) return index;
    }
    return -1;
  }

  #matches(index: number): boolean {
    const { bytes } = this.#window;
    const { bytes: pattern } = this.#pattern;
    for (let at = 0; at < pattern.length; at++) if (bytes[index + at] !== pattern[at]) return false;
    return true;
  }
}
