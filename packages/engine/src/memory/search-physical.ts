import { type Pa, type Pfn, pageSize } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';

/** What is looked for in physical memory. */
export interface PhysicalSearch {
  /** What is looked for, of the size of a pointer. */
  readonly value: bigint;
  /** How far a value may be off; 0: one bit may be. Otherwise also what differs from `value - delta` by one bit. */
  readonly delta: bigint;
  readonly pointerSize: 4 | 8;
  /** First and last page frame; all that the dump holds when not given. */
  readonly first?: Pfn;
  readonly last?: Pfn;
  /** Most hits; 65,536 when not given. */
  readonly limit?: number;
}

/** A word of physical memory that was found. */
export interface PhysicalHit {
  readonly pa: Pa;
  readonly value: bigint;
}

/** What a part of a search of physical memory found. */
export interface PhysicalSearchStep {
  readonly hits: readonly PhysicalHit[];
  /** Pages below this frame are done. */
  readonly pfn: Pfn;
}

/** What was found in physical memory. */
export interface PhysicalSearchResult {
  readonly hits: readonly PhysicalHit[];
  /** Pages that were looked at. */
  readonly pages: number;
  /** Frame to go on at, if the limit ended the search. */
  readonly resumeAt: Pfn | undefined;
}

const pieceSize = 1 << 19;
const mostHits = 0x1_0000;

/** Aligned pointers in the pages of the dump that are, or are near, a value. */
export function* searchPhysical(
  physical: PhysicalMemory,
  search: PhysicalSearch,
): Generator<PhysicalSearchStep, PhysicalSearchResult> {
  const { first = 0, last = Number.MAX_SAFE_INTEGER, limit = mostHits } = search;
  const words = new Uint32Array(pieceSize / 4);
  const bytes = new Uint8Array(words.buffer);
  const hits: PhysicalHit[] = [];
  let pages = 0;
  for (const { base, count } of physical.pages.runs()) {
    const end = Math.min(base + count, last + 1);
    for (let pfn = Math.max(base, first); pfn < end; ) {
      const length = Math.min(pieceSize, (end - pfn) * pageSize);
      const got = physical.readInto(pfn * pageSize, bytes.subarray(0, length));
      const found = findNear(words.subarray(0, got >>> 2), pfn * pageSize, search, limit - hits.length);
      pages += Math.ceil(got / pageSize);
      // A page that the file lacks ends the piece.
      pfn += Math.max(1, Math.ceil(got / pageSize));
      hits.push(...found);
      yield { hits: found, pfn };
      if (hits.length >= limit) return { hits, pages, resumeAt: Math.floor(hits.at(-1)!.pa / pageSize) };
    }
    if (base > last) break;
    if (count === 0) yield { hits: [], pfn: base };
  }
  return { hits, pages, resumeAt: undefined };
}

function findNear(
  words: Uint32Array,
  pa: Pa,
  { value, delta, pointerSize }: PhysicalSearch,
  most: number,
): PhysicalHit[] {
  const hits: PhysicalHit[] = [];
  const step = pointerSize >>> 2;
  const lowest = value - delta;
  const [low, high] = halves(lowest, pointerSize);
  const [reachLow, reachHigh] = halves(delta * 2n, pointerSize);
  for (let at = 0; at + step <= words.length; at += step) {
    const wordLow = words[at]!;
    const wordHigh = step === 2 ? words[at + 1]! : 0;
    const isNear =
      isWithin(wordLow, wordHigh, low, high, reachLow, reachHigh, step === 1) ||
      isOneBitOff(wordLow ^ low, wordHigh ^ high);
    if (!isNear) continue;
    hits.push({ pa: pa + at * 4, value: (BigInt(wordHigh) << 32n) | BigInt(wordLow) });
    if (hits.length >= most) break;
  }
  return hits;
}

const halves = (value: bigint, pointerSize: 4 | 8): readonly [number, number] => [
  Number(value & 0xffff_ffffn),
  pointerSize === 8 ? Number((value >> 32n) & 0xffff_ffffn) : 0,
];

/** Is a value at most `reach` above the lowest one, counting modulo the size of a pointer? */
function isWithin(
  wordLow: number,
  wordHigh: number,
  low: number,
  high: number,
  reachLow: number,
  reachHigh: number,
  narrow: boolean,
): boolean {
  const distance = (wordLow - low) >>> 0;
  if (narrow) return distance <= reachLow;
  const distanceHigh = (wordHigh - high - (wordLow < low ? 1 : 0)) >>> 0;
  return distanceHigh < reachHigh || (distanceHigh === reachHigh && distance <= reachLow);
}

const isOneBitOff = (low: number, high: number): boolean =>
  (high === 0 && (low & (low - 1)) === 0) || (low === 0 && (high & (high - 1)) === 0);
