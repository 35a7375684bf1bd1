import { Fault, type Va, wrap64 } from '../base/index.ts';
import { BlockMemory } from './block-memory.ts';
import { PagedMemory } from './paged-memory.ts';
import type { VirtualMemory } from './virtual-memory.ts';

/** Addresses from `start` up to `end`, exclusive; `end` may be 2^64. */
export interface MemoryRange {
  readonly start: Va;
  readonly end: Va;
}

/** Bytes that are there, at one address after another. Their array is used again. */
export interface Piece {
  readonly va: Va;
  /** Empty: much was skipped, and the caller may want to say that it is still there. */
  readonly bytes: Uint8Array;
}

/** A piece on the way through a range. */
export interface PresentPiece extends Piece {
  /** Places since the last piece that were looked at in vain. */
  readonly holes: number;
}

/** Copies the bytes that are there, from `va` on without a gap; returns how many. */
export function readInto(memory: VirtualMemory, va: Va, target: Uint8Array): number {
  if (memory instanceof PagedMemory || memory instanceof BlockMemory) return memory.readInto(va, target);
  const read = memory.tryRead(va, target.length);
  const got = read instanceof Fault ? read.got : read;
  target.set(got);
  return got.length;
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
): Generator<PresentPiece, void> {
  let holes = 0;
  for (let at = start; at < end; ) {
    const room = place(at);
    const want = end - at < BigInt(room.length) ? room.subarray(0, Number(end - at)) : room;
    const count = readInto(memory, at, want);
    if (count > 0) {
      yield { va: at, bytes: want.subarray(0, count), holes };
      holes = 0;
    }
    at += BigInt(count);
    if (count === want.length) continue;
    const next = memory.nextCandidate(wrap64(at));
    if (next === undefined || next <= at) return;
    at = next;
    if (++holes < holesPerSign) continue;
    yield { va: at, bytes: room.subarray(0, 0), holes };
    holes = 0;
  }
}
