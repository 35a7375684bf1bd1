import type { Va } from '@poolscope/engine/base';
import type { StructureTable } from '../machine/structure-table.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { KernelAddress } from '../pool/kernel-address.ts';
import type { KernelVariables } from '../pool/nt-variables.ts';

/** Where the heaps may have addresses, by EX_HEAP_TYPE: 4 GB each, and 33 MB for the tracker of allocations. */
export interface HeapRegions {
  readonly heaps: readonly KernelAddress[];
  readonly special: readonly KernelAddress[];
  readonly tracker: KernelAddress;
}

/** What is different in each start of the machine. */
export interface HeapKeys {
  readonly heapKey: bigint;
  readonly lfhKey: bigint;
  readonly quotaCookie: bigint;
  /** A number below a limit. */
  readonly random: (limit: number) => number;
}

export interface HeapPoolOptions {
  readonly build: number;
  /** Address space of the System process. */
  readonly space: AddressSpace;
  readonly tables: StructureTable;
  readonly variables: KernelVariables;
  /** KPRCB of each processor. */
  readonly processors: readonly Va[];
  readonly regions: HeapRegions;
  readonly keys: HeapKeys;
}
