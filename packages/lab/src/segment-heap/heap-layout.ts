import type { StructureTable } from '../machine/structure-table.ts';
import { bigPageLayout, Places, type PoolLayout, trackerLayout } from '../pool/pool-layout.ts';
import { type LfhLayout, lfhLayout } from './lfh/lfh-layout.ts';

/** Places in the structures of a segment heap of one build. */
export interface HeapLayout {
  readonly state: Readonly<Record<'numberOfPools' | 'poolNode' | 'specialHeaps' | 'size', number>>;
  readonly node: Readonly<Record<'heaps' | 'lookasides', number>>;
  readonly manager: Readonly<Record<'globals' | 'tracker' | 'configs' | 'metadata', number>>;
  /** _RTLP_HP_METADATA_HEAP_CTX: bytes of each; the heap is its first member. */
  readonly metadata: number;
  readonly tracker: Readonly<
    Record<'base' | 'commitBitmap' | 'userBitmap' | 'bitCount' | 'directory', number>
  >;
  readonly globals: Readonly<Record<'heapKey' | 'lfhKey' | 'failure', number>>;
  readonly heap: Readonly<
    Record<
      | 'size'
      | 'signature'
      | 'userContext'
      | 'largeTree'
      | 'largeReserved'
      | 'largeCommitted'
      | 'reservedPages'
      | 'committedPages'
      | 'allocatedBase'
      | 'uncommittedBase'
      | 'reservedLimit'
      | 'segContexts'
      | 'vs'
      | 'lfh',
      number
    >
  >;
  readonly seg: Readonly<
    Record<
      | 'size'
      | 'mask'
      | 'unitShift'
      | 'pagesPerUnitShift'
      | 'firstDescriptor'
      | 'softShift'
      | 'highShift'
      | 'flags'
      | 'most'
      | 'memStats'
      | 'lfh'
      | 'vs'
      | 'heap'
      | 'segments'
      | 'count'
      | 'tree',
      number
    >
  >;
  readonly segment: Readonly<Record<'signature' | 'commitState' | 'watermark', number>>;
  readonly descriptor: Readonly<
    Record<'size' | 'unusedBytes' | 'flags' | 'committed' | 'key' | 'units', number>
  >;
  readonly vs: Readonly<
    Record<
      | 'lockType'
      | 'tree'
      | 'subsegments'
      | 'totalUnits'
      | 'freeUnits'
      | 'delayed'
      | 'backend'
      | 'callbacks'
      | 'config',
      number
    >
  >;
  readonly subsegment: Readonly<Record<'commitBitmap' | 'size' | 'signature', number>>;
  readonly lfhContext: Readonly<Record<'backend' | 'callbacks' | 'affinity' | 'lockType', number>>;
  readonly large: Readonly<Record<'size' | 'va' | 'pages', number>>;
  readonly lookasides: Readonly<Record<'enabled' | 'count' | 'active' | 'buckets' | 'each', number>>;
  readonly lookaside: Readonly<
    Record<
      | 'depth'
      | 'maximum'
      | 'allocates'
      | 'allocateMisses'
      | 'frees'
      | 'freeMisses'
      | 'lastAllocates'
      | 'lastMisses'
      | 'lastFrees',
      number
    >
  >;
  readonly lowFragmentation: LfhLayout;
  readonly bigPage: PoolLayout['bigPage'];
  readonly tag: PoolLayout['tracker'];
}

/** Offsets of members by names of our own. */
function offsets<N extends string>(places: Places, names: Readonly<Record<N, string>>): Record<N, number> {
  const found = Object.entries<string>(names).map(([own, path]) => [own, places.offset(path)]);
  return Object.fromEntries(found) as Record<N, number>;
}

/** Takes all places from the structure tables of a build (18362 to 22000). */
export function heapLayout(tables: StructureTable): HeapLayout {
  const of = (name: string): Places => new Places(tables, name);
  return {
    ...rootLayout(of),
    ...segmentLayout(of),
    ...vsLayout(of),
    ...lookasideLayout(of),
    lowFragmentation: lfhLayout(tables),
    bigPage: bigPageLayout(of('_POOL_TRACKER_BIG_PAGES')),
    tag: trackerLayout(of('_POOL_TRACKER_TABLE')),
  };
}

type Of = (name: string) => Places;

const rootLayout = (
  of: Of,
): Pick<HeapLayout, 'state' | 'node' | 'manager' | 'metadata' | 'tracker' | 'globals' | 'heap'> => ({
  state: {
    size: of('_EX_POOL_HEAP_MANAGER_STATE').size,
    ...offsets(of('_EX_POOL_HEAP_MANAGER_STATE'), {
      numberOfPools: 'NumberOfPools',
      poolNode: 'PoolNode',
      specialHeaps: 'SpecialHeaps',
    }),
  },
  node: offsets(of('_EX_HEAP_POOL_NODE'), { heaps: 'Heaps', lookasides: 'Lookasides' }),
  manager: offsets(of('_RTLP_HP_HEAP_MANAGER'), {
    globals: 'Globals',
    tracker: 'AllocTracker',
    configs: 'SubAllocConfigs',
    metadata: 'MetadataHeaps',
  }),
  metadata: of('_RTLP_HP_METADATA_HEAP_CTX').size,
  tracker: {
    ...offsets(of('_RTLP_HP_ALLOC_TRACKER'), { base: 'BaseAddress' }),
    ...bitmapOffsets(of),
  },
  globals: offsets(of('_RTLP_HP_HEAP_GLOBALS'), {
    heapKey: 'HeapKey',
    lfhKey: 'LfhKey',
    failure: 'FailureInfo',
  }),
  heap: {
    size: of('_SEGMENT_HEAP').size,
    ...offsets(of('_SEGMENT_HEAP'), {
      signature: 'Signature',
      userContext: 'UserContext',
      largeTree: 'LargeAllocMetadata',
      largeReserved: 'LargeReservedPages',
      largeCommitted: 'LargeCommittedPages',
      reservedPages: 'MemStats.TotalReservedPages',
      committedPages: 'MemStats.TotalCommittedPages',
      allocatedBase: 'AllocatedBase',
      uncommittedBase: 'UncommittedBase',
      reservedLimit: 'ReservedLimit',
      segContexts: 'SegContexts',
      vs: 'VsContext',
      lfh: 'LfhContext',
    }),
  },
});

/** The bitmap of the tracker of allocations lies behind its base. */
function bitmapOffsets(
  of: Of,
): Pick<HeapLayout['tracker'], 'commitBitmap' | 'userBitmap' | 'bitCount' | 'directory'> {
  const start = of('_RTLP_HP_ALLOC_TRACKER').offset('AllocTrackerBitmap');
  const found = offsets(of('_RTL_CSPARSE_BITMAP'), {
    commitBitmap: 'CommitBitmap',
    userBitmap: 'UserBitmap',
    bitCount: 'BitCount',
    directory: 'CommitDirectory',
  });
  return {
    commitBitmap: start + found.commitBitmap,
    userBitmap: start + found.userBitmap,
    bitCount: start + found.bitCount,
    directory: start + found.directory,
  };
}

const segmentLayout = (of: Of): Pick<HeapLayout, 'seg' | 'segment' | 'descriptor' | 'large'> => ({
  seg: {
    size: of('_HEAP_SEG_CONTEXT').size,
    ...offsets(of('_HEAP_SEG_CONTEXT'), {
      mask: 'SegmentMask',
      unitShift: 'UnitShift',
      pagesPerUnitShift: 'PagesPerUnitShift',
      firstDescriptor: 'FirstDescriptorIndex',
      softShift: 'CachedCommitSoftShift',
      highShift: 'CachedCommitHighShift',
      flags: 'Flags',
      most: 'MaxAllocationSize',
      memStats: 'MemStatsOffset',
      lfh: 'LfhContext',
      vs: 'VsContext',
      heap: 'Heap',
      segments: 'SegmentListHead',
      count: 'SegmentCount',
      tree: 'FreePageRanges',
    }),
  },
  segment: offsets(of('_HEAP_PAGE_SEGMENT'), {
    signature: 'Signature',
    commitState: 'SegmentCommitState',
    watermark: 'UnusedWatermark',
  }),
  descriptor: {
    size: of('_HEAP_PAGE_RANGE_DESCRIPTOR').size,
    ...offsets(of('_HEAP_PAGE_RANGE_DESCRIPTOR'), {
      unusedBytes: 'UnusedBytes',
      flags: 'RangeFlags',
      committed: 'CommittedPageCount',
      key: 'Key',
      units: 'UnitSize',
    }),
  },
  large: {
    size: of('_HEAP_LARGE_ALLOC_DATA').size,
    ...offsets(of('_HEAP_LARGE_ALLOC_DATA'), { va: 'VirtualAddress', pages: 'AllocatedPages' }),
  },
});

const vsLayout = (of: Of): Pick<HeapLayout, 'vs' | 'subsegment' | 'lfhContext'> => ({
  vs: offsets(of('_HEAP_VS_CONTEXT'), {
    lockType: 'LockType',
    tree: 'FreeChunkTree',
    subsegments: 'SubsegmentList',
    totalUnits: 'TotalCommittedUnits',
    freeUnits: 'FreeCommittedUnits',
    delayed: 'DelayFreeContext',
    backend: 'BackendCtx',
    callbacks: 'Callbacks',
    config: 'Config',
  }),
  subsegment: offsets(of('_HEAP_VS_SUBSEGMENT'), {
    commitBitmap: 'CommitBitmap',
    size: 'Size',
    signature: 'Signature',
  }),
  lfhContext: offsets(of('_HEAP_LFH_CONTEXT'), {
    backend: 'BackendCtx',
    callbacks: 'Callbacks',
    affinity: 'AffinityModArray',
    lockType: 'LockType',
  }),
});

const lookasideLayout = (of: Of): Pick<HeapLayout, 'lookasides' | 'lookaside'> => ({
  lookasides: {
    each: of('_RTL_LOOKASIDE').size,
    ...offsets(of('_RTL_DYNAMIC_LOOKASIDE'), {
      enabled: 'EnabledBucketBitmap',
      count: 'BucketCount',
      active: 'ActiveBucketCount',
      buckets: 'Buckets',
    }),
  },
  lookaside: offsets(of('_RTL_LOOKASIDE'), {
    depth: 'Depth',
    maximum: 'MaximumDepth',
    allocates: 'TotalAllocates',
    allocateMisses: 'AllocateMisses',
    frees: 'TotalFrees',
    freeMisses: 'FreeMisses',
    lastAllocates: 'LastTotalAllocates',
    lastMisses: 'LastAllocateMisses',
    lastFrees: 'LastTotalFrees',
  }),
});
