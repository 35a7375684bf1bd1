import { assert, pageSize } from '@poolscope/engine/base';
import { type BigPageEntry, BigPageTable } from '../pool/big-page-table.ts';
import { type KernelAddress, pageNumberOf } from '../pool/kernel-address.ts';
import { PoolType, wellKnownTags } from '../pool/pool-type.ts';
import { TagTracker } from '../pool/tag-tracker.ts';
import { type HeapParts, heapTypes, type KnownHeap } from './heap-parts.ts';
import { rangeTypes, type Segments } from './segments.ts';

const bigPageSlots = 0x1000;
const trackerEntries = 0x400;
/** Largest range of segments of 1 MB. */
export const mostPages = 0x7_f000;

/** Where the search for an address begins in nt!PoolBigPageTable. Source: two public readers of it. */
export function heapBigPageHash(va: KernelAddress, slots: number): number {
  const product = (pageNumberOf(va) >>> 0) * 0x9e5f;
  return ((product >>> 0) ^ Math.floor(product / 0x1_0000_0000)) & (slots - 1);
}

export interface HeapTables {
  readonly bigPages: BigPageTable;
  readonly tags: TagTracker;
  /** Twice as many slots for big pages; the old table's pages are given back. False: RAM is used up. */
  readonly grow: () => boolean;
}

/** Entry of a table of the pool itself. */
const ownTable = (va: KernelAddress, bytes: number): BigPageEntry => ({
  va,
  tag: wellKnownTags.pool,
  type: PoolType.NonPagedPoolNx,
  bytes,
  slush: 0,
  pattern: 0,
});

/** The tables that the pool keeps beside its heaps, in pages of the nonpaged one. */
export function bootTables(
  parts: HeapParts,
  segments: Segments,
  heaps: readonly KnownHeap[],
  processors: number,
): HeapTables {
  const heap = heaps[heapTypes.nonPagedNx]!;
  const taken: { readonly start: KernelAddress; readonly bytes: number }[] = [];
  const take = (bytes: number): KernelAddress => {
    const whole = Math.ceil(bytes / pageSize) * pageSize;
    const start = segments.allocate(heap, 0, whole, rangeTypes.user);
    assert(start !== undefined, 'there is RAM for the tables of the pool');
    taken.push({ start, bytes: whole });
    return start;
  };
  const bigPages = new BigPageTable(parts.memory, parts.trace, parts.layout.bigPage, {
    start: take(bigPageSlots * parts.layout.bigPage.size),
    slots: bigPageSlots,
    usedAt: parts.variables.get('ExpPoolBigEntriesInUse'),
    hash: heapBigPageHash,
  });
  writeTable(parts, bigPages);
  const tags = bootTags(parts, take, processors);
  for (const { start, bytes } of taken) {
    bigPages.insert(ownTable(start, bytes));
    tags.countAllocation(wellKnownTags.pool, bytes, false, 0);
  }
  return { bigPages, tags, grow: () => growTable(parts, segments, heap, bigPages, tags) };
}

function writeTable({ memory, variables }: HeapParts, table: BigPageTable): void {
  memory.writePointer(variables.get('PoolBigPageTable'), table.start);
  memory.writePointer(variables.get('PoolBigPageTableSize'), table.slots);
}

/** A table of tags for each processor. */
function bootTags(
  { memory, trace, layout, variables }: HeapParts,
  take: (bytes: number) => KernelAddress,
  processors: number,
): TagTracker {
  const entries = trackerEntries + 1;
  const tables = Array.from({ length: processors }, () => take(entries * layout.tag.size));
  for (const [index, table] of tables.entries())
    memory.writePointer(variables.get('ExPoolTagTables') + 8 * index, table);
  memory.writePointer(variables.get('PoolTrackTable'), tables[0]!);
  memory.writePointer(variables.get('PoolTrackTableSize'), entries);
  memory.writePointer(variables.get('PoolTrackTableMask'), trackerEntries - 1);
  return new TagTracker(memory, trace, layout.tag, { tables, entries });
}

function growTable(
  parts: HeapParts,
  segments: Segments,
  heap: KnownHeap,
  bigPages: BigPageTable,
  tags: TagTracker,
): boolean {
  const [old, oldBytes] = [bigPages.start, bigPages.pagesFor(bigPages.slots) * pageSize];
  const slots = 2 * bigPages.slots;
  const bytes = bigPages.pagesFor(slots) * pageSize;
  const index = bytes <= mostPages ? 0 : 1;
  const start = segments.allocate(heap, index, bytes, rangeTypes.user);
  if (start === undefined) return false;
  bigPages.remove(old);
  bigPages.rebuild(start, slots);
  bigPages.insert(ownTable(start, bytes));
  writeTable(parts, bigPages);
  tags.countAllocation(wellKnownTags.pool, bytes, false, 0);
  tags.countFree(wellKnownTags.pool, oldBytes, false, 0);
  const range = segments.find(old);
  if (range !== undefined) segments.free(range);
  return true;
}
