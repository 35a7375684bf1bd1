import type { HeapMachine } from './heap-machine.ts';

/** A block of a subsegment as its bitmap has it; blocks that cross a page are none. */
export interface WalkedSlot {
  readonly address: bigint;
  readonly size: number;
  readonly isBusy: boolean;
}

export interface LfhWalk {
  readonly slots: readonly WalkedSlot[];
  /** What does not hold. */
  readonly complaints: readonly string[];
  /** Affinity slots of the bucket that has most. */
  readonly mostSlots: number;
}

const page = 0x1000n;
const most = 0x10000;

/** Looks at the low fragmentation heaps of a machine by what is known of Windows, with none of the lab's code. */
export function walkLfh(machine: HeapMachine): LfhWalk {
  const walker = new LfhWalker(machine);
  for (const heap of machine.heaps) walker.heap(heap);
  return { slots: walker.slots, complaints: walker.complaints, mostSlots: walker.mostSlots };
}

class LfhWalker {
  readonly slots: WalkedSlot[] = [];
  readonly complaints: string[] = [];
  mostSlots = 0;
  readonly #machine: HeapMachine;

  constructor(machine: HeapMachine) {
    this.#machine = machine;
  }

  heap(heap: bigint): void {
    const { at } = this.#machine;
    const context = heap + at('_SEGMENT_HEAP', 'LfhContext');
    const ranges = this.#ranges(heap);
    for (let index = 0; index < 129; index++) {
      const word = this.#u64(context + at('_HEAP_LFH_CONTEXT', 'Buckets') + 8n * BigInt(index));
      if ((word & 1n) === 0n) this.#bucket(word, index, ranges);
      else this.#check((word & 2n) === 0n && word >> 32n === 0n, `word of bucket ${index}`);
    }
    for (const start of ranges.keys()) this.#check(false, `${start.toString(16)} is of no bucket`);
  }

  /** Pages of all ranges of the low fragmentation heap, by start. */
  #ranges(heap: bigint): Map<bigint, number> {
    const { at, memory } = this.#machine;
    const head = heap + at('_SEGMENT_HEAP', 'SegContexts') + at('_HEAP_SEG_CONTEXT', 'SegmentListHead');
    const ranges = new Map<bigint, number>();
    for (const segment of this.#list(head))
      for (let index = 2; index < 256; ) {
        const descriptor = segment + BigInt(index) * 0x20n;
        const [flags, units] = [
          memory.bytes(descriptor + 0x18n, 1)[0],
          memory.bytes(descriptor + 0x1fn, 1)[0]!,
        ];
        if (flags === 0xb) ranges.set(segment + BigInt(index) * page, units);
        index += Math.max(1, units);
      }
    return ranges;
  }

  #bucket(bucket: bigint, index: number, ranges: Map<bigint, number>): void {
    const { at, memory } = this.#machine;
    this.#owner(bucket, true, index);
    const count = memory.bytes(bucket + at('_HEAP_LFH_SUBSEGMENT_OWNER', 'SlotCount'), 1)[0]!;
    this.mostSlots = Math.max(this.mostSlots, count);
    const table = this.#u64(bucket + at('_HEAP_LFH_BUCKET', 'AffinitySlots'));
    const reciprocal = memory.u32(bucket + at('_HEAP_LFH_BUCKET', 'ReciprocalBlockSize'));
    this.#check(Math.floor((0x10 * index * 37 * reciprocal) / 2 ** 32) === 37, 'ReciprocalBlockSize');
    let [blocks, subsegments] = [0, 0];
    for (let slot = 0; slot < count; slot++) {
      const found = this.#slot(this.#u64(table + 8n * BigInt(slot)), index, slot);
      for (const { subsegment, location } of found) {
        const pages = ranges.get(subsegment);
        this.#check(pages !== undefined, `${subsegment.toString(16)} is no range, or met twice`);
        ranges.delete(subsegment);
        blocks += this.#subsegment(subsegment, index, pages ?? 0, location);
        subsegments++;
      }
    }
    this.#check(this.#u64(bucket + at('_HEAP_LFH_BUCKET', 'TotalBlockCount')) === BigInt(blocks), 'blocks');
    const told = this.#u64(bucket + at('_HEAP_LFH_BUCKET', 'TotalSubsegmentCount'));
    this.#check(told === BigInt(subsegments), 'subsegments');
  }

  /** Subsegments of an affinity slot, each with the Location that it should tell. */
  #slot(slot: bigint, bucketIndex: number, slotIndex: number): { subsegment: bigint; location: number }[] {
    const { at, memory } = this.#machine;
    const owner = (path: string): bigint => slot + at('_HEAP_LFH_SUBSEGMENT_OWNER', path);
    this.#owner(slot, false, bucketIndex);
    this.#check(memory.bytes(owner('SlotIndex'), 1)[0] === slotIndex, 'SlotIndex');
    const available = this.#list(owner('AvailableSubsegmentList'));
    this.#check(this.#u64(owner('AvailableSubsegmentCount')) === BigInt(available.length), 'available');
    const full = this.#list(owner('FullSubsegmentList'));
    const reference = this.#u64(slot + at('_HEAP_LFH_AFFINITY_SLOT', 'ActiveSubsegment'));
    const active = reference & ~0xfffn;
    const all = [
      ...available.map((subsegment) => ({ subsegment, location: 0 })),
      ...full.map((subsegment) => ({ subsegment, location: 1 })),
      ...(active === 0n ? [] : [{ subsegment: active, location: 2 }]),
    ];
    for (const { subsegment, location } of all) {
      const member = (path: string): bigint => subsegment + at('_HEAP_LFH_SUBSEGMENT', path);
      this.#check(this.#u64(member('Owner')) === slot, 'Owner');
      const free = memory.u16(member('FreeCount'));
      this.#check(location === 1 ? free === 0 : free > 0, `FreeCount ${free} at location ${location}`);
      if (location === 2) this.#check((reference & 0xfffn) <= BigInt(free), 'references');
    }
    return all;
  }

  #owner(owner: bigint, isBucket: boolean, index: number): void {
    const { at, memory } = this.#machine;
    const [first] = memory.bytes(owner + at('_HEAP_LFH_SUBSEGMENT_OWNER', 'IsBucket'), 1);
    this.#check(first === (isBucket ? 1 : 0), 'IsBucket');
    const [told] = memory.bytes(owner + at('_HEAP_LFH_SUBSEGMENT_OWNER', 'BucketIndex'), 1);
    this.#check(told === index, 'BucketIndex');
  }

  /** Its blocks, of which the number is returned. */
  #subsegment(start: bigint, bucketIndex: number, pages: number, location: number): number {
    const { at, memory, lfhKey } = this.#machine;
    const member = (path: string): bigint => start + at('_HEAP_LFH_SUBSEGMENT', path);
    const [told] = memory.bytes(member('Location'), 1);
    this.#check(told === location, `Location ${told}`);
    const secret = Number(lfhKey & 0xffff_ffffn) ^ (Number(start & 0xffff_ffffn) >>> 12);
    const offsets = (memory.u32(member('BlockOffsets')) ^ secret) >>> 0;
    const [size, first] = [offsets & 0xffff, offsets >>> 16];
    const count = memory.u16(member('BlockCount'));
    this.#check(size === 16 * bucketIndex, `block size ${size}`);
    this.#check(first % 16 === 0 && first + count * size <= pages * 0x1000, `${count} blocks`);
    this.#check(first + (count + 1) * size > pages * 0x1000 - 64, 'room for more blocks');
    const words = Math.ceil(count / 32);
    this.#check(first >= 0x30 + 8 * words, 'first block in the bitmap');
    const bitmap = memory.bytes(member('BlockBitmap'), 8 * words);
    let [free, withheld] = [0, 0];
    for (let index = 0; index < 32 * words; index++) {
      const bits = (bitmap[index >> 2]! >> (2 * (index & 3))) & 3;
      const offset = first + index * size;
      const crosses = offset >> 12 !== (offset + size - 1) >> 12;
      if (index >= count) this.#check(bits === 3, 'bits behind the last block');
      else if (crosses) {
        withheld++;
        this.#check((bits & 1) === 1, 'a block that crosses a page');
      } else {
        if ((bits & 1) === 0) free++;
        this.slots.push({ address: start + BigInt(offset), size, isBusy: (bits & 1) === 1 });
      }
    }
    this.#check(free === memory.u16(member('FreeCount')), 'FreeCount');
    this.#check(withheld === memory.bytes(member('WitheldBlockCount'), 1)[0], 'WitheldBlockCount');
    return count;
  }

  /** Entries of a list whose links lead back. */
  #list(head: bigint): bigint[] {
    const entries: bigint[] = [];
    let [last, entry] = [head, this.#u64(head)];
    for (; entry !== head && entries.length < most; last = entry, entry = this.#u64(entry)) {
      this.#check(this.#u64(entry + 8n) === last, `link back of ${entry.toString(16)}`);
      entries.push(entry);
    }
    this.#check(this.#u64(head + 8n) === last, `link back of head ${head.toString(16)}`);
    return entries;
  }

  #u64(va: bigint): bigint {
    return this.#machine.memory.u64(va);
  }

  #check(holds: boolean, what: string): void {
    if (!holds) this.complaints.push(what);
  }
}
