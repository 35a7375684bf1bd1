import { pageSize, type Va, wrap64 } from '../../base/index.ts';
import { readInto, type VirtualMemory } from '../../mmu/index.ts';
import type { PageBytes } from '../page-bytes.ts';
import { vsUnit } from './vs-code.ts';

/** The memory of a subsegment as far as the dump has it. */
export interface VsBytes {
  readonly address: Va;
  readonly bytes: Uint8Array;
  /** The same in words: hosts are little-endian. */
  readonly words: Uint32Array;
  /** For each unit of 16 bytes, 1 where all of it was read. */
  readonly present: Uint8Array;
  readonly isWhole: boolean;
}

/** A segment of small units has a megabyte. */
export const mostVsBytes = 0x10_0000;

/** Reads so many bytes from a page on; they are bounded by a segment, and never more than a megabyte. */
export function readVsBytes(memory: VirtualMemory, address: Va, length: number): VsBytes {
  const size = Math.min(Math.max(0, length), mostVsBytes) & ~(vsUnit - 1);
  const bytes = new Uint8Array(size);
  const present = new Uint8Array(size / vsUnit);
  let isWhole = true;
  for (let at = 0; at < size; ) {
    const count = readInto(memory, wrap64(address + BigInt(at)), bytes.subarray(at));
    present.fill(
      1,
      Math.ceil(at / vsUnit),
      Math.max(Math.ceil(at / vsUnit), Math.floor((at + count) / vsUnit)),
    );
    at += count;
    if (at >= size) break;
    isWhole = false;
    const next = nextPlace(memory, address, at);
    bytes.fill(0, at, Math.min(next, size));
    at = next;
  }
  return { address, bytes, words: new Uint32Array(bytes.buffer, 0, size / 4), present, isWhole };
}

/** Where there may be bytes again; at the next page at the latest, whatever memory says. */
function nextPlace(memory: VirtualMemory, address: Va, at: number): number {
  const next = memory.nextCandidate(wrap64(address + BigInt(at)));
  const offset = next === undefined ? Infinity : Number(next - address);
  return offset > at ? offset : (Math.floor(at / pageSize) + 1) * pageSize;
}

/** One of its pages. */
export function vsPage({ address, bytes, present }: VsBytes, page: number): PageBytes {
  const start = page * pageSize;
  const mask = new Uint8Array(pageSize);
  for (let at = 0; at < pageSize; at += vsUnit)
    if (present[(start + at) / vsUnit] === 1) mask.fill(1, at, at + vsUnit);
  const own = new Uint8Array(pageSize);
  own.set(bytes.subarray(start, start + pageSize));
  return { address: wrap64(address + BigInt(start)), bytes: own, mask, fault: undefined };
}
