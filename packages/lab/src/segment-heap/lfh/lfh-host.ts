import type { FreeLists } from '../../pool/free-lists.ts';
import type { KernelAddress } from '../../pool/kernel-address.ts';
import type { PoolMemory } from '../../pool/pool-memory.ts';
import type { PoolTrace } from '../../pool/pool-trace.ts';
import type { LfhLayout } from './lfh-layout.ts';

/**
 * HEAP_FAILURE_TYPE, as far as the low fragmentation heap reports it. The double free was seen; the others go by their names
 * in the enumeration: a block outside the subsegment, and a bitmap that its count contradicts.
 */
export const lfhFailure = { invalidArgument: 9, bitmapCorruption: 0x10, doubleFree: 0x11 } as const;

/** What the low fragmentation heap asks of the heap around it. `context`: its _HEAP_LFH_CONTEXT. */
export interface LfhHost {
  readonly memory: PoolMemory;
  readonly trace: PoolTrace;
  readonly lists: FreeLists;
  readonly layout: LfhLayout;
  /** Low 32 bits of nt!RtlpHpHeapGlobals.LfhKey, as memory has it now. */
  lfhKey(): number;
  /** nt!RtlpLowFragHeapRandomData: 256 bytes below 0x80. */
  readonly randomData: KernelAddress;
  /** nt!RtlpSearchWidth: a byte a bucket. */
  readonly searchWidths: KernelAddress;
  /** Pages for a subsegment; undefined when there are none. */
  allocateRange(context: KernelAddress, pages: number): KernelAddress | undefined;
  freeRange(context: KernelAddress, start: KernelAddress): void;
  /** Room behind the _SEGMENT_HEAP (RtlpHpHeapExtendContext), zeroed and on a cache line. */
  extend(context: KernelAddress, bytes: number): KernelAddress | undefined;
  /** What stops the machine: HEAP_FAILURE_TYPE and the address that it names. */
  failure(context: KernelAddress, type: number, at: KernelAddress): Error;
}
