import { type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { type MemoryRange, readInto } from './read-bytes.ts';

/** Bytes that are there, at one address after another. Their array is used again. */
export interface Piece {
  readonly va: Va;
  /** Empty: much was skipped, and the caller may want to say that it is still there. */
  readonly bytes: Uint8Array;
}

/** Holes between two signs of life. */
const holesPerSign = 512;

/**
 * What a range holds, in rising order: only what is mapped and in the dump is looked at, so that all of the address
 * space is a range like any other. `place` gives the array for the bytes from an address on.
 */
export function* presentPieces(
  memory: VirtualMemory,
  { start, end }: MemoryRange,
  place: (va: Va) => Uint8Array,
): Generator<Piece, void> {
  let holes = 0;
  for (let at = start; at < end; ) {
    const room = place(at);
    const want = end - at < BigInt(room.length) ? room.subarray(0, Number(end - at)) : room;
    const count = readInto(memory, at, want);
    if (count > 0) yield { va: at, bytes: want.subarray(0, count) };
    at += BigInt(count);
    if (count === want.length) continue;
    const next = memory.nextCandidate(wrap64(at));
    if (next === undefined || next <= at) return;
    at = next;
    if (++holes % holesPerSign === 0) yield { va: at, bytes: room.subarray(0, 0) };
  }
}

/** The parts of pieces that lie in pages which may be written to. */
export function* writablePieces(
  pieces: Iterable<Piece>,
  isWritable: (va: Va) => boolean,
): Generator<Piece, void> {
  for (const { va, bytes } of pieces) {
    if (bytes.length === 0) yield { va, bytes };
    for (let at = 0; at < bytes.length; ) {
      const from = at;
      const writable = isWritable(va + BigInt(at));
      do at = Math.min(bytes.length, at + 0x1000 - Number((va + BigInt(at)) & 0xfffn));
      while (at < bytes.length && isWritable(va + BigInt(at)) === writable);
      if (writable) yield { va: va + BigInt(from), bytes: bytes.subarray(from, at) };
    }
  }
}
