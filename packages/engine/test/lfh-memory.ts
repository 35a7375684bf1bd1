import type { Va } from '../src/base/index.ts';
import type { HeapKeys, HeapRange, PoolHeap } from '../src/pool/heap/index.ts';
import { sourced } from '../src/windows/index.ts';
import type { PlantedKernel } from './planted-kernel.ts';

export const lfhKeyOfTests = 0xa5c3_1357_c0de_4411n;

export const keysOfTests: HeapKeys = {
  heapKey: sourced(0x1122_3344_5566_7788n, 'test'),
  lfhKey: sourced(lfhKeyOfTests, 'test'),
};

export const heapOfTests: PoolHeap = {
  address: 0xffff_8a00_1000_0000n,
  role: 'nonpaged-nx',
  isSpecial: false,
  node: 0,
  isPaged: false,
  signature: 'right',
  from: 'test',
};

export interface PlannedSubsegment {
  readonly at: Va;
  readonly pages: number;
  readonly blockSize: number;
  /** Blocks in use; others are free. */
  readonly busy: (slot: number) => boolean;
  readonly tag?: string;
  readonly type?: number;
  readonly owner?: Va;
  /** Which form of the address encodes the offsets. */
  readonly shift?: 'whole' | 'truncated';
  /** Bytes between the header's end and the first block. */
  readonly gap?: number;
}

export interface WrittenSubsegment {
  readonly range: HeapRange;
  readonly first: number;
  readonly count: number;
  /** Blocks that do not cross a page, with their addresses. */
  readonly slots: readonly { readonly slot: number; readonly address: Va; readonly isBusy: boolean }[];
}

/** Writes an LFH subsegment as the kernel lays it out, by the structures of the build. */
export function writeSubsegment(kernel: PlantedKernel, plan: PlannedSubsegment): WrittenSubsegment {
  const { at, pages, blockSize, tag = 'Test', type = 2, owner = 0n, shift = 'truncated', gap = 0 } = plan;
  const bytes = pages * 0x1000;
  const bitmap = kernel.structures.offset('_HEAP_LFH_SUBSEGMENT', 'BlockBitmap')!;
  let count = Math.floor((bytes - bitmap) / blockSize);
  const words = () => Math.ceil((count * 2) / 64);
  const firstOf = () => Math.ceil((bitmap + words() * 8 + pages * 2) / 16) * 16 + gap;
  while (firstOf() + count * blockSize > bytes) count--;
  const first = firstOf();
  const { memory } = kernel;
  memory.map(at, bytes);
  const slots = Array.from({ length: count }, (_, slot) => ({
    slot,
    address: at + BigInt(first + slot * blockSize),
    crosses: ((first + slot * blockSize) % 0x1000) + blockSize > 0x1000,
  }));
  let bits = (1n << BigInt(words() * 64)) - (1n << BigInt(count * 2));
  let free = 0;
  for (const { slot, address, crosses } of slots) {
    const isBusy = crosses || plan.busy(slot);
    if (isBusy) bits |= 1n << BigInt(slot * 2);
    else free++;
    if (crosses) continue;
    memory.write(address, (blockSize / 16) * 0x1_0000 + type * 0x100_0000, 4);
    for (let each = 0; each < 4; each++) memory.write(address + BigInt(4 + each), tag.charCodeAt(each), 1);
  }
  memory.write(at + BigInt(bitmap), bits, words() * 8);
  const moved = shift === 'whole' ? at >> 12n : (at & 0xffff_ffffn) >> 12n;
  kernel.set('_HEAP_LFH_SUBSEGMENT', at, {
    Owner: owner,
    FreeCount: free,
    BlockCount: count,
    WitheldBlockCount: slots.filter(({ crosses }) => crosses).length,
    'BlockOffsets.EncodedData': (BigInt(blockSize + first * 0x1_0000) ^ lfhKeyOfTests ^ moved) & 0xffff_ffffn,
    CommitUnitShift: 12,
    CommitUnitCount: pages,
    CommitStateOffset: bitmap + words() * 8,
  });
  for (let unit = 0; unit < pages; unit++) memory.write(at + BigInt(bitmap + words() * 8 + unit * 2), 1, 2);
  return {
    range: rangeOf(at, bytes),
    first,
    count,
    slots: slots
      .filter(({ crosses }) => !crosses)
      .map(({ slot, address }) => ({ slot, address, isBusy: plan.busy(slot) })),
  };
}

export const rangeOf = (start: Va, bytes: number): HeapRange => ({
  kind: 'lfh',
  start,
  end: start + BigInt(bytes),
  heap: heapOfTests,
  segment: undefined,
  descriptor: undefined,
  index: undefined,
  flags: 0xb,
  unitCount: bytes / 0x1000,
  committedPages: undefined,
  unusedBytes: undefined,
  problems: [],
});
