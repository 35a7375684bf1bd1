import { DebuggerError, type Va } from '../base/index.ts';
import {
  type MemoryRange,
  PagedMemory,
  type Piece,
  presentPieces,
  type VirtualMemory,
} from '../mmu/index.ts';
import type { BytePattern } from './byte-pattern.ts';
import { readBytes } from './read-bytes.ts';
import { PatternFinder } from './search-window.ts';
import { type FoundString, StringFinder, type StringOptions } from './string-finder.ts';
import { writablePieces } from './writable-pieces.ts';

/** How a search of memory goes. */
export interface SearchOptions {
  /** The search ends when it has found so many; 65,536 when not given. */
  readonly limit?: number;
  /** Only pages that may be written to. Throws NOT_IN_TRIAGE_DUMP where no page tables tell. */
  readonly writable?: boolean;
}

/** What a search tells on its way: at every piece of half a megabyte, and wherever it skipped much. */
export interface SearchStep<Hit> {
  readonly hits: readonly Hit[];
  /** Everything below this address is done. */
  readonly at: Va;
}

/** What a search of memory found. `searched` and `missing` are bytes. */
export interface SearchResult<Hit> {
  readonly hits: readonly Hit[];
  /** Bytes that were looked at. */
  readonly searched: number;
  /** Bytes up to there that were not: nothing is mapped, the dump does not hold it, or it is not writable. */
  readonly missing: bigint;
  /** Where to go on, if the limit ended the search. */
  readonly resumeAt: Va | undefined;
}

/** Most hits of one search. */
export const mostHits = 0x1_0000;

/** Addresses at which a pattern lies, all of it in the range. Matches may overlap. */
export function* searchMemory(
  memory: VirtualMemory,
  range: MemoryRange,
  pattern: BytePattern,
  options: SearchOptions = {},
): Generator<SearchStep<Va>, SearchResult<Va>> {
  const finder = new PatternFinder(pattern, range.start);
  try {
    return yield* collect(piecesOf(memory, range, finder, options), range, finder, options);
  } finally {
    finder.close();
  }
}

/** Printable ASCII texts, of one byte or two (UTF-16) a character. */
export function* searchStrings(
  memory: VirtualMemory,
  range: MemoryRange,
  options: SearchOptions & StringOptions,
): Generator<SearchStep<FoundString>, SearchResult<FoundString>> {
  const finder = new StringFinder(options);
  return yield* collect(piecesOf(memory, range, finder, options), range, finder, options);
}

/** Looks through pieces as they come. */
interface Finder<Hit> {
  place(va: Va): Uint8Array;
  find(piece: Piece, most: number): readonly Hit[];
  /** What was still open when the pieces ended. */
  finish(): readonly Hit[];
  /** Where to go on behind a hit. */
  after(hit: Hit): Va;
}

function piecesOf(
  memory: VirtualMemory,
  range: MemoryRange,
  finder: { place(va: Va): Uint8Array },
  { writable = false }: SearchOptions,
): Iterable<Piece> {
  const pieces = presentPieces(memory, range, (va) => finder.place(va));
  if (!writable) return pieces;
  if (memory instanceof PagedMemory) return writablePieces(pieces, (va) => memory.translate(va).writable);
  throw new DebuggerError('NOT_IN_TRIAGE_DUMP', 'which pages are writable is not known');
}

function* collect<Hit>(
  pieces: Iterable<Piece>,
  { start, end }: MemoryRange,
  finder: Finder<Hit>,
  { limit = mostHits }: SearchOptions,
): Generator<SearchStep<Hit>, SearchResult<Hit>> {
  const hits: Hit[] = [];
  let searched = 0;
  for (const { va, bytes } of pieces) {
    const found = bytes.length === 0 ? [] : finder.find({ va, bytes }, limit - hits.length);
    for (const hit of found) hits.push(hit);
    const at = va + BigInt(bytes.length);
    searched += bytes.length;
    yield { hits: found, at };
    if (hits.length >= limit) {
      return { hits, searched, missing: at - start - BigInt(searched), resumeAt: finder.after(hits.at(-1)!) };
    }
  }
  const last = finder.finish();
  if (last.length > 0) yield { hits: last, at: end };
  return { hits: [...hits, ...last], searched, missing: end - start - BigInt(searched), resumeAt: undefined };
}

/** Those of the given addresses at which a pattern lies. */
export function keepMatches(
  memory: VirtualMemory,
  addresses: readonly Va[],
  { bytes: pattern }: BytePattern,
): Va[] {
  return addresses.filter((va) => {
    const { bytes, mask } = readBytes(memory, va, pattern.length);
    return pattern.every((byte, at) => mask[at] === 1 && bytes[at] === byte);
  });
}

/** Runs a generator to its end. */
export function runToEnd<T>(run: Generator<unknown, T>): T {
  let step = run.next();
  while (step.done !== true) step = run.next();
  return step.value;
}
