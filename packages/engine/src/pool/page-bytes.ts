import { Fault, pageSize, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';

/** A page as far as the dump holds it. */
export interface PageBytes {
  /** First address. */
  readonly address: Va;
  readonly bytes: Uint8Array;
  /** 1 where the byte was read. */
  readonly mask: Uint8Array;
  /** Of the first byte that is missing. */
  readonly fault: Fault | undefined;
  /** In units: where small blocks begin, if what is before is known to be the end of a large allocation. */
  readonly start?: number;
}

/** Reads the page that begins at `address`. */
export function readPage(memory: VirtualMemory, address: Va): PageBytes {
  const bytes = new Uint8Array(pageSize);
  const mask = new Uint8Array(pageSize);
  let fault: Fault | undefined;
  for (let at = 0; at < pageSize; ) {
    const read = memory.tryRead(wrap64(address + BigInt(at)), pageSize - at);
    const got = read instanceof Fault ? read.got : read;
    bytes.set(got, at);
    mask.fill(1, at, at + got.length);
    if (!(read instanceof Fault)) break;
    fault ??= read;
    const next = memory.nextCandidate(wrap64(address + BigInt(at + got.length)));
    if (next === undefined || next <= address + BigInt(at + got.length)) break;
    if (next - address >= BigInt(pageSize)) break;
    at = Number(next - address);
  }
  return { address, bytes, mask, fault };
}

/** Are `length` bytes from index `at` on all there? */
export function hasBytes({ mask }: Pick<PageBytes, 'mask'>, at: number, length: number): boolean {
  if (at < 0 || at + length > mask.length) return false;
  for (let index = at; index < at + length; index++) if (mask[index] !== 1) return false;
  return true;
}

/** Is every byte that is there zero, and is there any? */
export const isZeroed = ({ bytes, mask }: Pick<PageBytes, 'bytes' | 'mask'>): boolean =>
  mask.includes(1) && bytes.every((byte) => byte === 0);
