import type { Va } from '../src/base/index.ts';
import { type PoolHeaps, readPoolHeaps } from '../src/pool/index.ts';
import { PlantedKernel, type PlantedOptions } from './planted-kernel.ts';

export const heapKeyOfTests = 0x1122_3344_5566_7788n;
const lfhKey = 0xa5c3_1357_c0de_4411n;
const secret = 0xa2e6_4ead_a2e6_4eadn;
const [allocated, first] = [1, 2];

/** Functions that a VS context calls; the last two by names of our own. */
const callbacks = ['RtlpHpSegVsAllocate', 'RtlpHpSegLfhVsFree', 'Commit', 'Decommit'];

/** A chunk of a subsegment in order; sizes in bytes, header included. */
export interface PlannedChunk {
  readonly size: number;
  /** Default: allocated, with a POOL_HEADER of what is left of its size. */
  readonly free?: boolean;
  readonly tag?: string;
  readonly type?: number;
  /** Without a POOL_HEADER. */
  readonly bare?: boolean;
  /** Bytes at its end that nobody asked for. */
  readonly unused?: number;
  readonly cost?: number;
}

export interface WrittenChunk extends PlannedChunk {
  readonly address: Va;
  /** Where its block begins; the chunk itself where it is free. */
  readonly block: Va;
}

/** Unit ranges of a segment: RangeFlags without bits 0 and 1 are the type. */
export interface PlannedRange {
  readonly index: number;
  readonly units: number;
  readonly type: 'user' | 'internal' | 'lfh' | 'vs' | 'free';
  readonly unused?: number;
}

const types = { user: 0, internal: 4, lfh: 8, vs: 12, free: 0 } as const;

/** A kernel with heaps, written as public descriptions have them, by the structures of a build. */
export class PlantedHeaps extends PlantedKernel {
  readonly key: bigint;
  readonly state: Va;
  readonly globals: Va;
  readonly heap: Va;

  constructor(
    build: number,
    options: PlantedOptions = { names: ['*'] },
    heap = 0xffff_8a00_1000_0000n,
    key = heapKeyOfTests,
  ) {
    super('x64', build, options);
    this.heap = heap;
    this.key = key;
    this.globals = this.variable('RtlpHpHeapGlobals', 0x40);
    for (const name of callbacks) this.variable(name);
    this.set('_RTLP_HP_HEAP_GLOBALS', this.globals, { HeapKey: this.key, LfhKey: lfhKey });
    const { size } = this.structures.find('_EX_POOL_HEAP_MANAGER_STATE')!;
    this.state = this.variable('ExPoolState', size);
    this.memory.map(this.state, size);
    this.pointer(this.state, this.globals);
    this.set('_EX_POOL_HEAP_MANAGER_STATE', this.state, { NumberOfPools: 1 });
    this.addHeap(heap, 'PoolNode[0].Heaps[1]', 1);
  }

  /** Writes a heap and the pointer to it in the state; no pointer for an empty path. */
  addHeap(heap: Va, path: string, lockType: number): void {
    this.memory.map(heap, 0x1000);
    this.set('_SEGMENT_HEAP', heap, { Signature: 0xddee_ddee });
    for (const [index, mask, shift, firstIndex] of [
      [0, 0xffff_ffff_fff0_0000n, 12, 2],
      [1, 0xffff_ffff_ff00_0000n, 16, 1],
    ] as const) {
      const context = this.member('_SEGMENT_HEAP', heap, `SegContexts[${index}]`);
      this.set('_HEAP_SEG_CONTEXT', context, {
        SegmentMask: mask,
        UnitShift: shift,
        FirstDescriptorIndex: firstIndex,
        Heap: heap,
      });
      this.ring(this.member('_HEAP_SEG_CONTEXT', context, 'SegmentListHead'), []);
    }
    const vs = this.member('_SEGMENT_HEAP', heap, 'VsContext');
    this.set('_HEAP_VS_CONTEXT', vs, { LockType: lockType });
    ['Allocate', 'Free', 'Commit', 'Decommit'].forEach((name, index) => {
      const to = this.variable(callbacks[index]!);
      this.set('_HEAP_VS_CONTEXT', vs, { [`Callbacks.${name}`]: to ^ vs ^ this.key });
    });
    if (path !== '') this.pointer(this.member('_EX_POOL_HEAP_MANAGER_STATE', this.state, path), heap);
  }

  /** A segment of a heap with its ranges, on the heap's list. */
  addSegment(segment: Va, ranges: readonly PlannedRange[], context: 0 | 1 = 0, heap = this.heap): void {
    this.memory.map(segment, 0x2000);
    const at = this.member('_SEGMENT_HEAP', heap, `SegContexts[${context}]`);
    this.ring(this.member('_HEAP_SEG_CONTEXT', at, 'SegmentListHead'), [segment]);
    this.set('_HEAP_PAGE_SEGMENT', segment, { Signature: segment ^ at ^ this.key ^ secret });
    for (const range of ranges) this.addRange(segment, range);
  }

  descriptor(segment: Va, index: number): Va {
    return segment + BigInt(index * 0x20);
  }

  addRange(segment: Va, { index, units, type, unused = 0 }: PlannedRange): void {
    const isFree = type === 'free';
    for (let unit = 0; unit < units; unit++) {
      const at = this.descriptor(segment, index + unit);
      const flags = (isFree ? 0 : allocated) | (unit === 0 ? first | types[type] : 0);
      this.set('_HEAP_PAGE_RANGE_DESCRIPTOR', at, {
        RangeFlags: flags,
        ...(unit === 0 ? { UnitSize: units } : { UnitOffset: unit }),
        ...(unit === 0 && !isFree ? { TreeSignature: 0xccdd_ccdd, UnusedBytes: unused } : {}),
      });
    }
  }

  /** Writes a subsegment whose chunks fill it, and maps its pages. */
  addSubsegment(at: Va, chunks: readonly PlannedChunk[], fullCommit = true): WrittenChunk[] {
    const units = chunks.reduce((sum, { size }) => sum + size / 16, 0);
    this.memory.map(at, 0x30 + units * 16);
    const signature = ((units ^ 0x2bed) & 0x7fff) | (fullCommit ? 0x8000 : 0);
    this.memory.write(this.member('_HEAP_VS_SUBSEGMENT', at, 'Size'), units, 2);
    this.memory.write(this.member('_HEAP_VS_SUBSEGMENT', at, 'Signature'), signature, 2);
    let address = at + 0x30n;
    let previous = 0;
    return chunks.map((chunk) => {
      const own = address;
      const block = this.#chunk(at, own, previous, chunk);
      previous = chunk.size / 16;
      address += BigInt(chunk.size);
      return { ...chunk, address: own, block };
    });
  }

  #chunk(subsegment: Va, address: Va, previous: number, { size, free, cost = 0, ...more }: PlannedChunk): Va {
    const inUse = free === true ? 0 : 1;
    const sizes =
      BigInt(cost) | (BigInt(size / 16) << 16n) | (BigInt(previous) << 32n) | (BigInt(inUse) << 48n);
    this.memory.write(address, sizes ^ address ^ this.key, 8);
    if (free === true) return address;
    const pages = (address - (subsegment & ~0xfffn)) >> 12n;
    const offset = (pages ^ address ^ this.key) & 0xffn;
    const { unused = 0, bare = false, tag = 'Test', type = 2 } = more;
    this.memory.write(address + 8n, offset | (unused > 0 ? 0x100n : 0n), 4);
    if (unused > 0) this.memory.write(address + BigInt(size - 2), unused, 2);
    const body = address + ((address & 0xfffn) === 0xfe0n ? 0x20n : 0x10n);
    if (bare) return body;
    const block = size - Number(body - address) - unused;
    this.memory.write(body, (BigInt(block / 16) << 16n) | (BigInt(type) << 24n), 4);
    for (let index = 0; index < 4; index++)
      this.memory.write(body + 4n + BigInt(index), tag.charCodeAt(index), 1);
    return body;
  }

  /** Makes a tree of free chunks: the middle one on top, all black. */
  addTree(chunks: readonly Va[], heap = this.heap): void {
    const tree = this.member('_SEGMENT_HEAP', heap, 'VsContext.FreeChunkTree');
    const build = (from: number, to: number, parent: Va): Va => {
      if (from >= to) return 0n;
      const middle = (from + to) >> 1;
      const node = chunks[middle]! + 8n;
      this.pointer(node + 16n, parent);
      this.pointer(node, build(from, middle, node));
      this.pointer(node + 8n, build(middle + 1, to, node));
      return node;
    };
    this.pointer(tree, build(0, chunks.length, 0n));
    this.pointer(tree + 8n, chunks.length === 0 ? 0n : chunks[0]! + 8n);
  }

  /** Links blocks whose free waits, from the head of the list. */
  addDelayed(entries: readonly Va[], heap = this.heap): void {
    const head = this.member('_SEGMENT_HEAP', heap, 'VsContext.DelayFreeContext');
    this.memory.write(head, entries.length, 8);
    this.pointer(head + 8n, entries[0] ?? 0n);
    entries.forEach((entry, index) => this.pointer(entry, entries[index + 1] ?? 0n));
  }

  heaps(): PoolHeaps {
    const heaps = readPoolHeaps(this.kernel);
    if (typeof heaps === 'string') throw new Error(heaps);
    return heaps;
  }

  flip(va: Va, bit: number): void {
    const at = va + BigInt(bit >> 3);
    const bytes = this.memory.tryRead(at, 1) as Uint8Array;
    this.memory.write(at, bytes[0]! ^ (1 << (bit & 7)), 1);
  }

  fill(va: Va, length: number, value: number): void {
    for (let at = 0; at < length; at++) this.memory.write(va + BigInt(at), value, 1);
  }
}
