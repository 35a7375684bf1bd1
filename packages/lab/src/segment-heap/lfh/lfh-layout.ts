import { assert } from '@poolscope/engine/base';
import type { StructureTable } from '../../machine/structure-table.ts';

/** Places in the structures of the low fragmentation heap of one build. */
export interface LfhLayout {
  readonly context: {
    readonly maxAffinity: number;
    readonly maxBlockSize: number;
    /** WitholdPageCrossingBlocks in bit 0, DisableRandomization in bit 1. */
    readonly configFlags: number;
    readonly buckets: number;
    readonly bucketCount: number;
  };
  readonly owner: {
    readonly isBucket: number;
    readonly bucketIndex: number;
    /** SlotCount of a bucket, SlotIndex of an affinity slot. */
    readonly slot: number;
    readonly availableCount: number;
    readonly availableList: number;
    readonly fullList: number;
  };
  readonly bucket: {
    readonly size: number;
    readonly totalBlocks: number;
    readonly totalSubsegments: number;
    readonly reciprocal: number;
    readonly shift: number;
    readonly contention: number;
    readonly processorMapping: number;
    readonly slots: number;
  };
  readonly slot: { readonly size: number; readonly active: number };
  readonly subsegment: {
    readonly owner: number;
    readonly freeCount: number;
    readonly blockCount: number;
    readonly freeHint: number;
    readonly location: number;
    readonly withheld: number;
    readonly offsets: number;
    readonly commitUnitShift: number;
    readonly commitUnitCount: number;
    readonly commitState: number;
    readonly bitmap: number;
  };
}

type Offset = (path: string) => number;

/** Takes all places from the structure tables of a build; their subsegments have an owner (17763 to 22000). */
export function lfhLayout(tables: StructureTable): LfhLayout {
  const of =
    (name: string): Offset =>
    (path) => {
      const offset = tables.offset(name, path);
      assert(offset !== undefined, `${name} has no ${path}`);
      return offset;
    };
  const size = (name: string): number => {
    const bytes = tables.size(name);
    assert(bytes !== undefined, `the tables have no ${name}`);
    return bytes;
  };
  return {
    context: contextLayout(of('_HEAP_LFH_CONTEXT'), of('_RTL_HP_LFH_CONFIG'), bucketCount(tables)),
    owner: ownerLayout(of('_HEAP_LFH_SUBSEGMENT_OWNER')),
    bucket: { size: size('_HEAP_LFH_BUCKET'), ...bucketLayout(of('_HEAP_LFH_BUCKET')) },
    slot: {
      size: size('_HEAP_LFH_AFFINITY_SLOT'),
      active: of('_HEAP_LFH_AFFINITY_SLOT')('ActiveSubsegment'),
    },
    subsegment: subsegmentLayout(of('_HEAP_LFH_SUBSEGMENT')),
  };
}

const contextLayout = (context: Offset, config: Offset, count: number): LfhLayout['context'] => ({
  maxAffinity: context('MaxAffinity'),
  maxBlockSize: context('Config') + config('MaxBlockSize'),
  configFlags: context('Config') + config('WitholdPageCrossingBlocks'),
  buckets: context('Buckets'),
  bucketCount: count,
});

/** Elements of `Buckets`, as its type says. */
function bucketCount(tables: StructureTable): number {
  const members = tables.structure('_HEAP_LFH_CONTEXT')?.members ?? [];
  const type = members.find(({ path }) => path === 'Buckets')?.type ?? '';
  const count = Number(/\[(\d+)\]$/.exec(type)?.[1]);
  assert(count > 0, '_HEAP_LFH_CONTEXT.Buckets is no array');
  return count;
}

const ownerLayout = (owner: Offset): LfhLayout['owner'] => ({
  isBucket: owner('IsBucket'),
  bucketIndex: owner('BucketIndex'),
  slot: owner('SlotIndex'),
  availableCount: owner('AvailableSubsegmentCount'),
  availableList: owner('AvailableSubsegmentList'),
  fullList: owner('FullSubsegmentList'),
});

const bucketLayout = (bucket: Offset): Omit<LfhLayout['bucket'], 'size'> => ({
  totalBlocks: bucket('TotalBlockCount'),
  totalSubsegments: bucket('TotalSubsegmentCount'),
  reciprocal: bucket('ReciprocalBlockSize'),
  shift: bucket('Shift'),
  contention: bucket('ContentionCount'),
  processorMapping: bucket('ProcAffinityMapping'),
  slots: bucket('AffinitySlots'),
});

const subsegmentLayout = (subsegment: Offset): LfhLayout['subsegment'] => ({
  owner: subsegment('Owner'),
  freeCount: subsegment('FreeCount'),
  blockCount: subsegment('BlockCount'),
  freeHint: subsegment('FreeHint'),
  location: subsegment('Location'),
  withheld: subsegment('WitheldBlockCount'),
  offsets: subsegment('BlockOffsets'),
  commitUnitShift: subsegment('CommitUnitShift'),
  commitUnitCount: subsegment('CommitUnitCount'),
  commitState: subsegment('CommitStateOffset'),
  bitmap: subsegment('BlockBitmap'),
});
