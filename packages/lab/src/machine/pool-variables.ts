import type { KDDEBUGGER_DATA64 } from '@poolscope/engine/layouts';
import type { DataSpec } from '../image/image-spec.ts';
import type { KernelProfile } from './profiles/profile.ts';

/** First build without classic pool. */
const firstHeapBuild = 18_362;
/** First build with a pool of pages that cannot be run. */
const firstNxBuild = 9200;

export const keepsClassicPool = ({ build }: KernelProfile): boolean => build < firstHeapBuild;

/** Is there a second nonpaged pool, whose pages the processor does not run? */
export const hasNxPool = (profile: KernelProfile): boolean =>
  keepsClassicPool(profile) && profile.build >= firstNxBuild;

/** Slots of ExpPagedPoolDescriptor: x64 has 65, x86 17. Source: distances between symbols of 7601 to 17763. */
const pagedPoolSlots = (pointerSize: 4 | 8): number => (pointerSize === 8 ? 65 : 17);
/** Slots of ExpNonPagedPoolDescriptor, one a node. */
const nodeSlots = 64;
const descriptorSize = 0x1140;
/** Slots of ExPoolTagTables: as many as there may be processors. */
const tagTableSlots = 256;

/** Variables of classic pool in the kernel image, behind all others. */
export function poolVariables(profile: KernelProfile): DataSpec[] {
  if (!keepsClassicPool(profile)) return [];
  const pointer = profile.pointerSize;
  const pointers = (name: string, count = 1): DataSpec => ({ name, size: count * pointer, alignment: 8 });
  const numbers = (...names: string[]): DataSpec[] => names.map((name) => ({ name, size: 4, alignment: 8 }));
  const list = (name: string): DataSpec => ({ name, size: 2 * pointer, alignment: 16 });
  return [
    { name: 'NonPagedPoolDescriptor', size: (hasNxPool(profile) ? 2 : 1) * descriptorSize, alignment: 0x40 },
    pointers('PoolVector', 2),
    pointers('ExpPagedPoolDescriptor', pagedPoolSlots(pointer)),
    pointers('ExpNonPagedPoolDescriptor', nodeSlots),
    ...numbers('ExpNumberOfPagedPools', 'ExpNumberOfNonPagedPools', 'ExpPoolFlags'),
    ...['PoolBigPageTable', 'PoolBigPageTableSize', 'ExpPoolBigEntriesInUse'].map((name) => pointers(name)),
    ...['PoolTrackTableSize', 'PoolTrackTableMask', 'PoolTrackTableExpansion'].map((name) => pointers(name)),
    pointers('PoolTrackTableExpansionSize'),
    pointers('ExPoolTagTables', tagTableSlots),
    ...(hasNxPool(profile) ? [pointers('ExpPoolQuotaCookie')] : []),
    ...['ExPoolLookasideListHead', 'ExNPagedLookasideListHead', 'ExPagedLookasideListHead'].map(list),
    ...rangeVariables.map((name) => pointers(name)),
    { name: 'MiSpecialPool', size: 0x50, alignment: 16 },
    { name: 'MmPagedPoolInfo', size: 0x68, alignment: 16 },
  ];
}

const rangeVariables = [
  ...['MmNonPagedPoolStart', 'MmNonPagedPoolEnd', 'MmPagedPoolStart', 'MmPagedPoolEnd'],
  ...[
    'MmSpecialPoolStart',
    'MmSpecialPoolEnd',
    'MmSizeOfNonPagedPoolInBytes',
    'MmMaximumNonPagedPoolInBytes',
  ],
  'MmAllocatedNonPagedPool',
] as const;

type BlockField = keyof typeof KDDEBUGGER_DATA64.fields;

/** Members of the debugger block that hold addresses of these variables; Windows 10 1607 and later leave them at zero. */
export const poolDataFields: readonly BlockField[] = [
  'ExpPagedPoolDescriptor',
  'ExpNumberOfPagedPools',
  'NonPagedPoolDescriptor',
  'MmNonPagedPoolStart',
  'MmNonPagedPoolEnd',
  'MmPagedPoolStart',
  'MmPagedPoolEnd',
  'MmMaximumNonPagedPoolInBytes',
  'MmAllocatedNonPagedPool',
];

/** First build whose block leaves them out. */
const firstSilentBuild = 14_393;

export const namesPoolData = (profile: KernelProfile): boolean => profile.build < firstSilentBuild;

/** A region of kernel memory: first address, and the one after its last. */
export interface PoolRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Where the pools of a machine are. The regions are as long as those of the systems, whatever is mapped in them. */
export interface PoolRanges {
  readonly nonPaged: PoolRange;
  readonly paged: PoolRange;
  readonly special: PoolRange | undefined;
}

export function poolRanges({ pointerSize, addresses }: KernelProfile): PoolRanges {
  const sized = (start: bigint, size: bigint): PoolRange => ({ start, end: start + size });
  const wide = pointerSize === 8;
  const { nonPagedPool, pagedPool, specialPool } = addresses;
  return {
    nonPaged: sized(nonPagedPool, wide ? 0x10_0000_0000n : 0x400_0000n),
    paged: sized(pagedPool, wide ? 0x20_0000_0000n : 0x1000_0000n),
    special: specialPool === undefined ? undefined : sized(specialPool, 0x20_0000_0000n),
  };
}

/** Contents of the variables that say where the pools are. The others are the allocator's own. */
export function poolRangeValues(profile: KernelProfile): Readonly<Record<string, bigint>> {
  const { nonPaged, paged, special } = poolRanges(profile);
  const size = nonPaged.end - nonPaged.start;
  return {
    MmNonPagedPoolStart: nonPaged.start,
    MmNonPagedPoolEnd: nonPaged.end,
    MmPagedPoolStart: paged.start,
    MmPagedPoolEnd: paged.end - 1n,
    MmSizeOfNonPagedPoolInBytes: size / 4n,
    MmMaximumNonPagedPoolInBytes: size,
    ...(special === undefined ? {} : { MmSpecialPoolStart: special.start, MmSpecialPoolEnd: special.end }),
  };
}
