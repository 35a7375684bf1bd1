import { describe, expect, it } from 'vitest';
import { type Booted, checkHeaps, HeapReader } from '../../test/heap-walk.ts';
import { MemoryView } from '../../test/memory-view.ts';
import { PoolBugCheck } from '../pool/index.ts';
import { RunningMachine } from '../run/index.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import type { HeapPool } from './heap-pool.ts';

useSegmentHeaps();

type Va = bigint;
const nonPagedNx = 0x200;

function boot(build = 19_041): Booted {
  const machine = new RunningMachine({ build, memoryPages: 0x3000 });
  return { machine, pool: machine.pool as HeapPool, memory: new MemoryView(machine.space) };
}

function stopOf(work: () => unknown): PoolBugCheck {
  try {
    work();
  } catch (error) {
    if (error instanceof PoolBugCheck) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The heap of type 1 and its VS subsegments, by the truth. */
function subsegments({ pool }: Booted): { heap: Va; starts: Va[] } {
  const { heaps, ranges } = pool.truth();
  const { address } = heaps.find(({ type, isMetadata }) => type === 1 && !isMetadata)!;
  const own = ranges.filter(({ heap, type }) => heap === address && type === 'vs');
  return { heap: address, starts: own.map(({ start }) => start) };
}

/** Blocks of 0xFD0 bytes until the heap has two subsegments more. */
function fillTwo(booted: Booted): Va[] {
  const before = subsegments(booted).starts.length;
  const blocks: Va[] = [];
  while (subsegments(booted).starts.length < before + 3)
    blocks.push(booted.pool.allocate(nonPagedNx, 0xfd0, 'Fill'));
  return blocks;
}

describe('back end of segment heaps', () => {
  it('gives subsegments back whose chunks are all free, and counts its pages', () => {
    const booted = boot();
    const before = subsegments(booted).starts;
    const blocks = fillTwo(booted);
    blocks.push(booted.pool.allocate(nonPagedNx, 0x9_0800, 'Wide'));
    for (const va of blocks) booted.pool.free(va);
    expect(booted.pool.allocate(nonPagedNx, 0xa_0001, 'Wide')).not.toBe(0n);
    expect(subsegments(booted).starts.length).toBeLessThanOrEqual(before.length + 1);
    checkHeaps(booted);
    const reader = new HeapReader(booted);
    for (const { address } of booted.pool.truth().heaps) {
      const own = booted.pool.truth().ranges.filter(({ heap }) => heap === address);
      const mapped = own.flatMap(({ start, bytes }) =>
        Array.from({ length: bytes / 0x1000 }, (_, index) => start + BigInt(index) * 0x1000n),
      );
      const present = mapped.filter((va) => booted.machine.space.pfnOf(va) !== undefined).length;
      const counted = address + reader.at('_SEGMENT_HEAP', 'MemStats.TotalCommittedPages');
      expect(booted.memory.u64(counted)).toBe(BigInt(present));
      const states = reader
        .segments(address + reader.at('_SEGMENT_HEAP', 'SegContexts'))
        .map((segment) => [segment, booted.memory.u16(booted.memory.u64(segment + 0x18n))]);
      const within = (segment: Va) => mapped.filter((va) => (va & ~0xf_ffffn) === segment);
      const isPresent = (va: Va) => booted.machine.space.pfnOf(va) !== undefined;
      expect(states).toEqual(states.map(([at]) => [at, 2 + within(at as Va).filter(isPresent).length]));
    }
  });

  it('uses addresses again that large allocations had', () => {
    const { pool } = boot();
    const first = pool.allocate(nonPagedNx, 0x80_0000, 'Larg');
    pool.free(first);
    // More than a heap has addresses for, one after the other.
    for (let round = 0; round < 600; round++) {
      const va = pool.allocate(nonPagedNx, 0x80_0000, 'Larg');
      expect(va).toBe(first);
      pool.free(va);
    }
  });

  it('has the nodes of large allocations in a heap of their own, in order', () => {
    const booted = boot();
    const { pool, memory } = booted;
    const reader = new HeapReader(booted);
    const all = [0x80_0001, 0x90_0000, 0x85_1234].map((bytes) => pool.allocate(nonPagedNx, bytes, 'Larg'));
    const { heap } = subsegments(booted);
    const nodes = reader.tree(heap + reader.at('_SEGMENT_HEAP', 'LargeAllocMetadata'));
    const told = nodes.map((node) => memory.u64(node + 0x18n) & ~0xffffn);
    expect(told).toEqual(all.toSorted((a, b) => (a < b ? -1 : 1)));
    const unused = nodes.map((node) => Number(memory.u64(node + 0x18n) & 0xffffn));
    expect(unused.toSorted((a, b) => a - b)).toEqual([0, 0xdcc, 0xfff]);
    const state = booted.machine.address('nt!ExPoolState');
    const contexts = state + reader.at('_RTLP_HP_HEAP_MANAGER', 'MetadataHeaps');
    const metadata = pool.truth().heaps.find(({ isMetadata }) => isMetadata)!.address;
    expect(memory.u64(contexts + 0x10n)).toBe(metadata);
    const ranges = pool.truth().ranges.filter((each) => each.heap === metadata);
    for (const node of nodes)
      expect(ranges.some(({ start, bytes }) => node >= start && node < start + BigInt(bytes))).toBe(true);
  });

  it('makes the table of allocations without headers larger when it is crowded', () => {
    const { pool, machine, memory } = boot();
    const variable = (name: string) => memory.u64(machine.address(`nt!${name}`));
    const [table, slots] = [variable('PoolBigPageTable'), variable('PoolBigPageTableSize')];
    const all = Array.from({ length: 3200 }, () => pool.allocate(nonPagedNx, 0xfe8, 'Tabl'));
    expect(all).not.toContain(0n);
    expect(variable('PoolBigPageTableSize')).toBe(2n * slots);
    expect(variable('PoolBigPageTable')).not.toBe(table);
    for (const va of all) pool.free(va);
    const tag = pool.truth().tags.find((each) => each.tag === 0x6c62_6154)!;
    expect([tag.nonPaged.allocs, tag.nonPaged.frees, tag.nonPaged.bytes]).toEqual([3200, 3200, 0]);
  });

  it.each([18_362, 20_348])('tells its ranges and keys: build %i', (build) => {
    const booted = boot(build);
    const { pool, memory, machine } = booted;
    for (const bytes of [0x3000, 0x8_1000, 0x2_4000]) pool.allocate(1, bytes, 'Rang');
    const { keys, ranges, heaps } = pool.truth();
    const globals = machine.address('nt!RtlpHpHeapGlobals');
    expect([memory.u64(globals), memory.u64(globals + 8n)]).toEqual([keys.heapKey, keys.lfhKey]);
    const reader = new HeapReader(booted);
    const shapes = [
      { shift: 12n, first: 2 },
      { shift: 16n, first: 1 },
    ];
    const read = heaps.flatMap(({ address }) =>
      shapes.flatMap(({ shift, first }, index) => {
        const context = address + reader.at('_SEGMENT_HEAP', 'SegContexts') + BigInt(index) * 0xc0n;
        return reader
          .segments(context)
          .flatMap((segment) => reader.ranges(segment, context, shift, first))
          .filter(({ flags }) => (flags & 1) !== 0)
          .map(({ start, flags, units }) => [start, units << Number(shift), flags >> 2]);
      }),
    );
    const typeOf = { user: 0, internal: 1, lfh: 2, vs: 3 } as const;
    const told = ranges.map(({ start, bytes, type }) => [start, bytes, typeOf[type]]);
    expect(new Set(read.map(String))).toEqual(new Set(told.map(String)));
  });
});

describe('damage of the back end', () => {
  it('in a link between subsegments is 0x139/3 when one of them goes', () => {
    const booted = boot();
    const blocks = fillTwo(booted);
    const { heap, starts } = subsegments(booted);
    const reader = new HeapReader(booted);
    const list =
      heap + reader.at('_SEGMENT_HEAP', 'VsContext') + reader.at('_HEAP_VS_CONTEXT', 'SubsegmentList');
    // The last one's way back leads to the list itself, encoded as it has to be.
    const last = booted.memory.u64(list + 8n) ^ list;
    expect(starts).toContain(last);
    const word = new Uint8Array(8);
    new DataView(word.buffer).setBigUint64(0, list ^ last, true);
    booted.machine.space.write(last + 8n, word);
    const error = stopOf(() => {
      for (const va of blocks) booted.pool.free(va);
    });
    expect([error.code, error.parameters[0]]).toEqual([0x139, 3n]);
    expect(error.path).toContain('RtlpHpVsSubsegmentFree');
  });

  it('in the signature of a subsegment is 0x13A/12 when a chunk is taken from it', () => {
    const booted = boot();
    const va = booted.pool.allocate(nonPagedNx, 0xc00, 'Test');
    const { starts } = subsegments(booted);
    for (const start of starts) booted.machine.space.write(start + 0x22n, Uint8Array.of(0x55, 0x55));
    const error = stopOf(() => {
      for (let round = 0; round < 400; round++) booted.pool.allocate(nonPagedNx, 0xc00, 'Test');
    });
    expect([error.code, error.parameters[0]]).toEqual([0x13a, 0x12n]);
    expect(starts).toContain(error.parameters[2]);
    expect(error.path).toEqual(['RtlpHpVsContextAllocateInternal']);
    expect(va).not.toBe(0n);
  });

  it('in the mark of a range is 0x13A/9 when it is freed', () => {
    const booted = boot();
    const va = booted.pool.allocate(1, 0x5000, 'Test');
    const segment = va & ~0xf_ffffn;
    const descriptor = segment + ((va - segment) >> 12n) * 0x20n;
    expect(booted.memory.u32(descriptor)).toBe(0xccdd_ccdd);
    booted.machine.space.write(descriptor, new Uint8Array(4));
    const error = stopOf(() => booted.pool.free(va));
    expect([error.code, error.parameters[0], error.parameters[2]]).toEqual([0x13a, 9n, va]);
    expect(error.path.at(-1)).toBe('RtlpHpSegDescriptorValidate');
  });
});
