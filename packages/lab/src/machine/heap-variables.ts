import type { DataSpec } from '../image/image-spec.ts';
import type { KernelProfile } from './profiles/profile.ts';
import type { StructureTable } from './structure-table.ts';

/** Slots of ExPoolTagTables: as many as there may be processors. Source: distance between symbols of 19041. */
const tagTableSlots = 0x500;
/** _HEAP_FAILURE_INFORMATION, which the tables do not have. Source: the types of 19041. */
const failureInformationSize = 0x6d0;
const sizes = {
  RtlpLowFragHeapRandomData: 0x100,
  RtlpBucketBlockSizes: 0x108,
  RtlpSearchWidth: 0x88,
} as const;

/** Variables of the pool in the kernel image where it is a segment heap, behind all others. */
export function heapVariables(profile: KernelProfile, tables: StructureTable): DataSpec[] {
  const pointer = profile.pointerSize;
  const structure = (name: string, type: string): DataSpec => ({
    name,
    size: tables.size(type) ?? 0,
    alignment: 0x40,
  });
  const pointers = (name: string, count = 1): DataSpec => ({ name, size: count * pointer, alignment: 8 });
  const list = (name: string): DataSpec => ({ name, size: 2 * pointer, alignment: 16 });
  return [
    ...['ExpPoolFlags', 'ExpCacheLineSize', 'ExpSpecialAllocations'].map((name) => ({
      name,
      size: 4,
      alignment: 8,
    })),
    ...['PoolBigPageTable', 'PoolBigPageTableSize', 'ExpPoolBigEntriesInUse'].map((name) => pointers(name)),
    ...['PoolTrackTableSize', 'PoolTrackTableMask', 'PoolTrackTableExpansion'].map((name) => pointers(name)),
    pointers('PoolTrackTableExpansionSize'),
    pointers('ExpPoolQuotaCookie'),
    pointers('ExPoolTagTables', tagTableSlots),
    ...['ExPoolLookasideListHead', 'ExNPagedLookasideListHead', 'ExPagedLookasideListHead'].map(list),
    ...Object.entries(sizes).map(([name, size]) => ({ name, size, alignment: 16 })),
    structure('RtlpHpHeapGlobals', '_RTLP_HP_HEAP_GLOBALS'),
    { name: 'RtlpHeapFailureInfo', size: failureInformationSize, alignment: 16 },
    structure('ExPoolState', '_EX_POOL_HEAP_MANAGER_STATE'),
  ];
}
