import { type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { type MemoryBytes, type MemoryRange, readBytes } from './read-bytes.ts';

/** A byte that differs. */
export interface Difference {
  readonly first: Va;
  readonly firstByte: number;
  readonly second: Va;
  readonly secondByte: number;
}

/** What differs between two ranges of memory. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Bytes that are there on both sides. */
  readonly compared: number;
  /** Bytes that are missing on a side. */
  readonly missing: bigint;
  /** Where to go on, if there were more differences than are listed. */
  readonly resumeAt: Va | undefined;
}

/** What a part of a comparison found. */
export interface CompareStep {
  readonly differences: readonly Difference[];
  /** Everything below this address of the first range is done. */
  readonly at: Va;
}

const mostDifferences = 0x1_0000;
const pieceSize = 0x1_0000;

/** Compares a range with the bytes from another address on. */
export function* compareMemory(
  memory: VirtualMemory,
  { start, end }: MemoryRange,
  other: Va,
): Generator<CompareStep, Comparison> {
  const differences: Difference[] = [];
  let compared = 0;
  for (let at = start; at < end; ) {
    const length = Number(end - at < BigInt(pieceSize) ? end - at : BigInt(pieceSize));
    const first = readBytes(memory, at, length);
    const second = readBytes(memory, wrap64(other + at - start), length);
    const found: Difference[] = [];
    for (let index = 0; index < length; index++) {
      if (first.mask[index] === 0 || second.mask[index] === 0) continue;
      compared++;
      const [firstByte, secondByte] = [first.bytes[index]!, second.bytes[index]!];
      if (firstByte === secondByte || differences.length + found.length >= mostDifferences) continue;
      const offset = BigInt(index);
      found.push({
        first: wrap64(first.address + offset),
        firstByte,
        second: wrap64(second.address + offset),
        secondByte,
      });
    }
    // One by one: a worker of a browser has a small stack, too small for thousands of arguments.
    for (const each of found) differences.push(each);
    at = nextPlace(memory, first, at + BigInt(length), end);
    yield { differences: found, at };
    if (differences.length >= mostDifferences) {
      const resumeAt = differences.at(-1)!.first + 1n;
      return { differences, compared, missing: at - start - BigInt(compared), resumeAt };
    }
  }
  return { differences, compared, missing: end - start - BigInt(compared), resumeAt: undefined };
}

/** Where to go on behind a piece: far away when it held nothing. */
function nextPlace(memory: VirtualMemory, { address, mask }: MemoryBytes, behind: Va, end: Va): Va {
  if (mask.includes(1)) return behind;
  const next = memory.nextCandidate(address) ?? end;
  if (next <= behind) return behind;
  return next < end ? next : end;
}
