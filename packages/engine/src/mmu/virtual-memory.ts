import type { Fault, Va } from '../base/index.ts';

/** Virtual memory as far as the dump can give it. Lengths are the caller's, and bounded by the caller. */
export interface VirtualMemory {
  /** `paged`: through page tables; `blocks`: a triage dump, which has none. */
  readonly kind: 'paged' | 'blocks';
  /** Bytes from `va` on, or the Fault at the first missing byte, with what was read before it. Never throws. */
  tryRead(va: Va, length: number): Uint8Array | Fault;
  /** u64 at `va` (any alignment). The fast path: no arrays are made for it. */
  tryReadU64(va: Va): bigint | Fault;
  /** u32 at `va` (any alignment). */
  tryReadU32(va: Va): number | Fault;
  /**
   * The next address above `va` where bytes may be present, given that `va` is not readable:
   * the next page, the end of an unmapped table's span, or the next block. Undefined at the end of memory.
   */
  nextCandidate(va: Va): Va | undefined;
}
