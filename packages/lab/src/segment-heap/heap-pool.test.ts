import type { Va } from '@poolscope/engine/base';
import { describe, expect, it } from 'vitest';
import { type Booted, checkHeaps, HeapReader } from '../../test/heap-walk.ts';
import { MemoryView } from '../../test/memory-view.ts';
import { randomNumbers } from '../machine/pool-story.ts';
import { PoolBugCheck, PoolFault, type TrueBlock } from '../pool/index.ts';
import { RunningMachine } from '../run/index.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import type { HeapPool } from './heap-pool.ts';
import { heapBigPageHash } from './heap-tables.ts';

useSegmentHeaps();

const builds = [18_362, 19_041, 20_348, 22_000] as const;
const page = 0x1000n;
const types = [0, 0x200, 1, 0x204, 5];

function boot(build = 19_041): Booted {
  const machine = new RunningMachine({ build, memoryPages: 0x2000 });
  return { machine, pool: machine.pool as HeapPool, memory: new MemoryView(machine.space) };
}

/** Requests as a system makes them: some sizes often, some once. */
function sizeOf(random: (limit: number) => number): number {
  const kind = random(12);
  if (kind < 4) return [0x28, 0x90, 0x158, 0x1f0][random(4)]!;
  if (kind < 7) return 0x2d0;
  if (kind < 9) return 1 + random(0xfe0);
  return kind < 11 ? 0xfe1 + random(0x8000) : 0x1000 * (1 + random(0xa0));
}

/** Allocates and frees at random, and looks at every block before it goes. */
function use({ machine, pool }: Booted, seed: number, steps: number): Va[] {
  const random = randomNumbers(seed);
  const live = new Map<Va, { readonly bytes: number; readonly fill: number }>();
  for (let step = 0; step < steps; step++) {
    if (step === steps >> 1) pool.rebalance();
    const caller = { processor: random(2), irql: 0 };
    if (live.size > 0 && random(100) < (live.size > 300 ? 60 : 42)) {
      const va = [...live.keys()][random(live.size)]!;
      const { bytes, fill } = live.get(va)!;
      if (!machine.space.read(va, bytes).every((byte) => byte === fill)) throw new Error(`${va} was changed`);
      pool.free(va, 0, caller);
      live.delete(va);
      continue;
    }
    const bytes = sizeOf(random);
    const va = pool.allocate(types[random(types.length)]!, bytes, 'Test', caller);
    expect(va).not.toBe(0n);
    expect(live.has(va)).toBe(false);
    // What is a page or less never crosses one; a page or more begins one.
    if (bytes <= 0x1000) expect((va % page) + BigInt(bytes)).toBeLessThanOrEqual(page);
    if (bytes > 0xfe0) expect(va % page).toBe(0n);
    live.set(va, { bytes, fill: 1 + random(255) });
    machine.space.write(va, new Uint8Array(bytes).fill(live.get(va)!.fill));
  }
  return [...live.keys()];
}

function expectApart(blocks: readonly TrueBlock[]): void {
  let end = 0n;
  for (const block of blocks) {
    expect(block.header).toBeGreaterThanOrEqual(end);
    end = block.header + BigInt(block.size);
  }
}

describe.each(builds)('segment heaps of build %i', (build) => {
  it('keep blocks apart and their structures true whatever is done', () => {
    const booted = boot(build);
    const live = use(booted, build, 3000);
    const { blocks, bigAllocations } = booted.pool.truth();
    expectApart(blocks);
    const known = new Set([
      ...blocks.filter(({ state }) => state === 'allocated').map(({ address }) => address),
      ...bigAllocations.map(({ address }) => address),
    ]);
    expect(live.filter((va) => !known.has(va))).toEqual([]);
    for (const allocator of ['vs', 'lfh'])
      expect(blocks.some((each) => each.allocator === allocator && each.state === 'allocated')).toBe(true);
    expect(blocks.some(({ state }) => state === 'lookaside')).toBe(true);
    const free = checkHeaps(booted);
    const told = blocks.filter(({ state, allocator }) => state === 'free' && allocator === 'vs');
    expect(new Map(told.map(({ header, size }) => [header, size]))).toEqual(free);
  });

  it('take back everything', () => {
    const booted = boot(build);
    const before = booted.machine.space.memory.available;
    for (const va of use(booted, 7, 800)) booted.pool.free(va);
    booted.pool.drainDeferred();
    checkHeaps(booted);
    expect(booted.pool.truth().bigAllocations).toEqual([]);
    // Segments, subsegments and lists that stay for the next time.
    expect(before - booted.machine.space.memory.available).toBeLessThan(0x300);
  });
});

describe('segment heaps', () => {
  it('find large allocations by the hash of the reference', () => {
    // Table of 4000h entries, page FFFF8A0012345000.
    expect(heapBigPageHash(Number(BigInt.asIntN(64, 0xffff_8a00_1234_5000n)), 0x4000)).toBe(0xe67);
  });

  it('refuse more than there is', () => {
    const { pool } = boot();
    expect(pool.allocate(0, 0x4000_0000, 'Test')).toBe(0n);
    const taken: Va[] = [];
    for (let va = pool.allocate(0x200, 0x4_0000, 'Test'); va !== 0n; ) {
      taken.push(va);
      va = pool.allocate(0x200, 0x4_0000, 'Test');
    }
    expect(taken.length).toBeGreaterThan(50);
    for (const va of taken) pool.free(va);
    expect(pool.allocate(0x200, 0x4_0000, 'Test')).not.toBe(0n);
  });

  it('put data on a cache line, with a header that leads to the first one', () => {
    const { pool, memory } = boot();
    for (let index = 0; index < 40; index++) {
      const va = pool.allocate(0x204, 0x60 + 0x10 * index, 'Line');
      expect(va % 0x40n).toBe(0n);
      const [previous, , size, type] = memory.bytes(va - 0x10n, 4);
      const isSecond = (type! & 4) !== 0;
      const first = isSecond ? va - 0x10n - BigInt(previous! * 16) : va - 0x10n;
      expect(memory.bytes(first + 2n, 1)[0]).toBe(size! + (isSecond ? previous! : 0));
      pool.free(va);
    }
    checkHeaps({ ...boot(), pool });
  });
});

/** What an operation stops with. */
function thrown(work: () => unknown): PoolBugCheck | PoolFault {
  try {
    work();
  } catch (error) {
    if (error instanceof PoolBugCheck || error instanceof PoolFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('damage of a segment heap', () => {
  const blocks = (pool: HeapPool, count: number, bytes: number): Va[] =>
    Array.from({ length: count }, () => pool.allocate(0x200, bytes, 'Test'));
  /** Two blocks with nothing but a header between them, and blocks in use around. */
  function neighbours(pool: HeapPool, bytes: number): [Va, Va] {
    const all = blocks(pool, 40, bytes);
    const found = all.find((va) => all.includes(va + BigInt(bytes + 0x20)));
    return [found!, found! + BigInt(bytes + 0x20)];
  }
  const backEnd = ({ pool, memory, machine }: Booted): Va => {
    const reader = new HeapReader({ pool, memory, machine });
    return reader.heaps()[1]! + reader.at('_SEGMENT_HEAP', 'SegContexts');
  };

  it('in the header of a chunk is 0x13A/12 when the chunk is freed', () => {
    const booted = boot();
    const [first] = blocks(booted.pool, 1, 0x600);
    booted.machine.space.write(first! - 0x20n, new Uint8Array(0x10).fill(0x41));
    const error = thrown(() => booted.pool.free(first!)) as PoolBugCheck;
    expect([error.code, error.parameters[0], error.parameters[1], error.parameters[3]]).toEqual([
      0x13a,
      0x12n,
      backEnd(booted),
      0n,
    ]);
    // A page, as many pages in front of the chunk's as the damaged byte says.
    expect(error.parameters[2] % page).toBe(0n);
    const pages = ((first! - 0x20n) & ~0xfffn) - error.parameters[2];
    expect(pages).toBeGreaterThanOrEqual(0n);
    expect(pages).toBeLessThanOrEqual(0xff000n);
    expect(error.path).toEqual(['RtlpHpVsContextFree']);
    expect([error.values.chunk, error.values.node]).toEqual([first! - 0x20n, first! - 0x18n]);
  });

  it('by a second free is 0x13A/8 for a chunk', () => {
    const booted = boot();
    const [front, last] = neighbours(booted.pool, 0x500);
    // The second joins the first: its own header is not touched after that.
    booted.pool.free(front);
    booted.pool.free(last);
    const error = thrown(() => booted.pool.free(last)) as PoolBugCheck;
    expect([error.code, ...error.parameters]).toEqual([0x13a, 8n, backEnd(booted), last - 0x20n, 0n]);
  });

  it('by a second free of a chunk that waits is found when all that wait are freed', () => {
    const booted = boot();
    const [front, last] = neighbours(booted.pool, 0x250);
    for (const va of [last, last, front]) booted.pool.free(va);
    const error = thrown(() => booted.pool.drainDeferred()) as PoolBugCheck;
    expect([error.code, error.parameters[0]]).toEqual([0x13a, 8n]);
    expect(error.path).toEqual(['RtlpHpVsContextFreeList', 'RtlpHpVsContextFreeInternal']);
  });

  it('by a second free is 0x13A/11 for a block of a subsegment', () => {
    const booted = boot();
    const all = blocks(booted.pool, 40, 0x90);
    const last = all.at(-1)!;
    expect(booted.pool.truth().blocks.find(({ address }) => address === last)?.allocator).toBe('lfh');
    booted.pool.free(last);
    const error = thrown(() => booted.pool.free(last)) as PoolBugCheck;
    expect([error.code, ...error.parameters]).toEqual([0x13a, 0x11n, backEnd(booted), last - 0x10n, 0n]);
    expect(error.path).toEqual(['RtlpHpLfhSubsegmentFreeBlock']);
  });

  it('in the node of a free chunk is 0x139/1D when its neighbour is freed', () => {
    const booted = boot();
    const [gone, kept] = neighbours(booted.pool, 0x500);
    booted.pool.free(gone);
    // Left, right and parent, behind the sizes.
    booted.machine.space.write(gone - 0x18n, new Uint8Array(0x18).fill(0x41));
    const error = thrown(() => booted.pool.free(kept));
    expect(error.path.at(-1)).toBe('RtlRbRemoveNode');
    expect(error.path).toContain('RtlpHpVsChunkCoalesce');
    if (error instanceof PoolBugCheck) expect([error.code, error.parameters[0]]).toEqual([0x139, 0x1dn]);
    else expect(error.kind).toBe('general-protection');
  });

  it('of a range that was freed before is 0x19/22, and an address of no heap 0x13A/16', () => {
    const { pool, machine } = boot();
    const va = pool.allocate(1, 0x3000, 'Test');
    pool.free(va);
    const error = thrown(() => pool.free(va)) as PoolBugCheck;
    expect([error.code, ...error.parameters]).toEqual([0x19, 0x22n, va, 1n, 0n]);
    const elsewhere = machine.address('nt!ExPoolState') + 0x48n;
    machine.space.write(elsewhere - 0x10n, Uint8Array.of(0, 0, 4, 2));
    const wrong = thrown(() => pool.free(elsewhere)) as PoolBugCheck;
    expect([wrong.code, wrong.parameters[0]]).toEqual([0x13a, 0x16n]);
  });
});
