import { assert, pageSize } from '@poolscope/engine/base';
import type { BigPageTable } from './big-page-table.ts';
import type { TakePages } from './boot-descriptors.ts';
import { type KernelAddress, toKernelAddress } from './kernel-address.ts';
import { lookasideSizes } from './lookaside-lists.ts';
import { tagTableSlots } from './nt-variables.ts';
import type { KernelPoolOptions, PoolParts, ProcessorLists } from './pool-parts.ts';
import { PoolType } from './pool-type.ts';
import { TagTracker } from './tag-tracker.ts';

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

export function bootBigPages(parts: PoolParts, takePages: TakePages, slots: number): BigPageTable {
  assert(isPowerOfTwo(slots) && slots >= 0x10, 'slots of the table of large pages: a power of two');
  const pages = Math.ceil((slots * parts.layout.bigPage.size) / pageSize);
  const table = parts.bigPageTable(takePages(pages), slots);
  writeBigPageVariables(parts, table);
  return table;
}

export function writeBigPageVariables({ memory, variables }: PoolParts, table: BigPageTable): void {
  memory.writePointer(variables.get('PoolBigPageTable'), table.start);
  memory.writePointer(variables.get('PoolBigPageTableSize'), table.slots);
}

/** A table for each processor; the size that nt!PoolTrackTableSize tells counts the entry for the overflow. */
export function bootTracker(
  parts: PoolParts,
  takePages: TakePages,
  { trackerEntries = 0x400, processors }: KernelPoolOptions,
): TagTracker {
  assert(isPowerOfTwo(trackerEntries), 'entries of the tracker: a power of two');
  assert(processors.length >= 1 && processors.length <= tagTableSlots, 'a machine has 1 to 64 processors');
  const { memory, variables, layout, trace, generation } = parts;
  const entries = trackerEntries + 1;
  const tables = processors.map(() => takePages(Math.ceil((entries * layout.tracker.size) / pageSize)));
  for (const [index, table] of tables.entries())
    memory.writePointer(variables.get('ExPoolTagTables') + index * generation.pointerSize, table);
  memory.writePointer(variables.get('PoolTrackTable'), tables[0]!);
  memory.writePointer(variables.get('PoolTrackTableSize'), entries);
  const mask = variables.find('PoolTrackTableMask');
  if (mask !== undefined) memory.writePointer(mask, trackerEntries - 1);
  return new TagTracker(memory, trace, layout.tracker, { tables, entries });
}

/** Empty lookasides of all processors, all of them in the ring of nt!ExPoolLookasideListHead. */
export function bootLookasides(
  parts: PoolParts,
  { processors, lookasideDepth = 4 }: KernelPoolOptions,
): ProcessorLists[] {
  const { lookasides, lists, generation, layout, variables } = parts;
  const head = variables.get('ExPoolLookasideListHead');
  lists.initialize(head);
  return processors.map((va) => {
    const prcb = toKernelAddress(va);
    const { nonPaged, nonPagedNx, paged } = layout.processorLists;
    const boot = (offset: number, type: number): KernelAddress => {
      lookasides.initialize(prcb + offset, { type, unit: generation.unit, depth: lookasideDepth });
      for (let units = 1; units <= lookasideSizes; units++)
        lists.insertBack(head, lookasides.listEntry(lookasides.list(prcb + offset, units)));
      return prcb + offset;
    };
    return {
      nonPaged: boot(nonPaged, PoolType.NonPagedPool),
      nonPagedNx: nonPagedNx === undefined ? undefined : boot(nonPagedNx, PoolType.NonPagedPoolNx),
      paged: boot(paged, PoolType.PagedPool),
    };
  });
}
