import { type Va, wrap64 } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { readInto, type VirtualMemory } from '../mmu/index.ts';

export { type MemoryRange, type Piece, readInto } from '../mmu/index.ts';

/** Bytes with holes. */
export interface MemoryBytes {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** 1 where the byte was read. */
  readonly mask: Uint8Array;
}

/** `length` bytes from `va` on, as far as they are there. The caller bounds the length. */
export function readBytes(memory: VirtualMemory, va: Va, length: number): MemoryBytes {
  const bytes = new Uint8Array(length);
  const mask = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = readInto(memory, va + BigInt(at), bytes.subarray(at));
    mask.fill(1, at, at + count);
    at += count;
    const next = at >= length ? undefined : memory.nextCandidate(wrap64(va + BigInt(at)));
    if (next === undefined || next <= va + BigInt(at) || next - va >= BigInt(length)) break;
    at = Number(next - va);
  }
  return { address: va, bytes, mask };
}

/** `length` bytes of physical memory; pages that the dump does not hold are holes. */
export function readPhysicalBytes(physical: PhysicalMemory, pa: number, length: number): MemoryBytes {
  const bytes = new Uint8Array(length);
  const mask = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = physical.readInto(pa + at, bytes.subarray(at));
    mask.fill(1, at, at + count);
    // On to the next page, whatever this one lacks.
    at += count;
    at += 0x1000 - ((pa + at) % 0x1000);
  }
  return { address: BigInt(pa), bytes, mask };
}

/** Are `length` bytes from index `at` on all there? */
export function isWhole(mask: Uint8Array, at: number, length: number): boolean {
  for (let index = at; index < at + length; index++) if (mask[index] !== 1) return false;
  return true;
}
