import { BufferSource, listBigPages, openSession, runToEnd, type Session } from '@poolscope/engine';
import { dumpBytes, type Machine, RunningMachine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  billedHeapProcesses,
  cachedBlocks,
  checkLargeAllocation,
  type HeapKeys,
  type HeapPage,
  type HeapRange,
  type LfhContext,
  lookasideOf,
  type PoolHeap,
  readDynamicLookaside,
  readLfhContext,
  recoverHeapKey,
  recoverLfhKey,
  walkLargeAllocations,
  walkLfhLists,
  walkLfhPages,
} from '../../packages/engine/src/pool/index.ts';

const roles = ['nonpaged', 'nonpaged-nx', 'paged', 'prototype'] as const;
const page = 0x1000n;
/** NonPagedPoolNxCacheAligned */
const cacheAligned = 0x204;

type Truth = Extract<ReturnType<RunningMachine['pool']['truth']>, { readonly blocks: unknown }>;

/** Ends it by a bug check. */
function stop(machine: RunningMachine): void {
  try {
    machine.systemThread('nt!KeBugCheckEx', 0xe2n);
  } catch (error) {
    if (!machine.stopped) throw error;
  }
}

/** A machine whose heaps were used, its dump, and where its heaps are. */
class HeapDump {
  readonly truth: Truth;
  readonly large: readonly bigint[];
  readonly keys: HeapKeys;
  readonly heaps: readonly PoolHeap[];
  readonly cookie: bigint;
  readonly #machine: Machine;
  session!: Session;

  constructor(build: number) {
    const machine = new RunningMachine({ build, memoryPages: 0x4000 });
    machine.populate(build);
    // Enough of two sizes that they get several subsegments.
    for (let index = 0; index < 400; index++) {
      const type = index % 5 === 0 ? cacheAligned : 0x200;
      const va = machine.pool.allocate(type, index % 2 === 0 ? 0x90 : 0x1d0, 'Many');
      if (index % 7 === 0) machine.pool.free(va, 'Many');
    }
    this.large = [0x80_0000, 0x81_1234].map((bytes) => machine.pool.allocate(0x200, bytes, 'Huge'));
    stop(machine);
    this.cookie = machine.readPointer('nt!ExpPoolQuotaCookie');
    this.truth = machine.pool.truth() as Truth;
    this.#machine = machine.finish();
    const state = machine.address('nt!ExPoolState');
    const read = (va: bigint) => machine.readPointerAt(va);
    const globals = read(state);
    const given = (value: bigint) => ({ value, from: 'test' });
    this.keys = { heapKey: given(read(globals)), lfhKey: given(read(globals + 8n)) };
    this.heaps = roles.map((role, index) => ({
      address: read(state + 0x3900n + BigInt(index * 8)),
      role,
      isSpecial: false,
      node: 0,
      isPaged: role === 'paged' || role === 'prototype',
      signature: 'right',
      from: 'test',
    }));
  }

  async open(): Promise<void> {
    this.session = await openSession(new BufferSource(dumpBytes(this.#machine, { type: 'full' })));
  }

  context(heap: PoolHeap): LfhContext {
    const context = readLfhContext(this.session.system, heap);
    if (typeof context === 'string') throw new Error(context);
    return context;
  }

  /** LFH ranges that the lists of a heap lead to, with their ends by the descriptors of their segments. */
  ranges(heap: PoolHeap): HeapRange[] {
    const { target } = this.session.system;
    return [...walkLfhLists(this.session.system, this.context(heap))].map(({ address: start }) => {
      const segment = start & ~0xf_ffffn;
      const index = Number((start - segment) >> 12n);
      const descriptor = target.readBytes(segment + BigInt(index * 0x20), 0x20)!;
      if (descriptor[0x18] !== 0xb) throw new Error(`no LFH range at ${start.toString(16)}`);
      return {
        kind: 'lfh',
        start,
        end: start + BigInt(descriptor[0x1f]!) * page,
        heap,
        segment: undefined,
        descriptor: undefined,
        index,
        flags: descriptor[0x18],
        unitCount: descriptor[0x1f],
        committedPages: undefined,
        unusedBytes: undefined,
        problems: [],
      };
    });
  }

  pages(keys = this.keys): HeapPage[] {
    const { system } = this.session;
    return this.heaps.flatMap((heap) => {
      const reading = { keys, context: this.context(heap) };
      return this.ranges(heap).flatMap((range) => [...walkLfhPages(system, range, reading)]);
    });
  }
}

const text = (address: bigint, size: number | bigint, more: string): string =>
  `${address.toString(16)} ${size.toString(16)} ${more}`;

describe.each([18_362, 19_041, 20_348, 22_000])('segment heaps of build %d', (build) => {
  let dump!: HeapDump;
  beforeAll(async () => {
    dump = new HeapDump(build);
    await dump.open();
  });

  it('LFH slots are read back as they are, and no page is called damaged', () => {
    const pages = dump.pages();
    const found = pages.flatMap(({ blocks }) =>
      blocks.map(({ address, size, state }) => text(address, size, state)),
    );
    const told = dump.truth.blocks
      .filter(({ allocator }) => allocator === 'lfh')
      .map(({ header, size, state }) => text(header, size, state));
    expect(new Set(found)).toEqual(new Set(told));
    expect(found).toHaveLength(told.length);
    expect(told.length).toBeGreaterThan(300);
    expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(pages.map(({ verdict }) => verdict))).toEqual(new Set(['whole']));
  });

  it('tags of busy slots are those that were asked for', () => {
    const busy = dump.pages().flatMap(({ blocks }) => blocks.filter(({ state }) => state === 'allocated'));
    const tags = new Map(dump.truth.blocks.map(({ header, tag }) => [header, tag]));
    expect(busy.map(({ tagValue }) => tagValue)).toEqual(busy.map(({ address }) => tags.get(address)));
  });

  it('what the caller got is told, for blocks that are aligned too, and who pays', () => {
    const truth = new Map(dump.truth.blocks.map((block) => [block.header, block]));
    const busy = dump.pages().flatMap(({ blocks }) => blocks.filter(({ state }) => state === 'allocated'));
    expect(busy.map(({ data }) => data)).toEqual(busy.map(({ address }) => truth.get(address)?.address));
    expect(busy.some(({ address, data }) => data !== address + 0x10n)).toBe(true);
    const cookie = { value: dump.cookie, from: 'test' };
    const { billed, problems } = billedHeapProcesses(dump.session.system, busy, cookie);
    expect(problems).toEqual([]);
    expect(busy.map(({ address }) => billed.get(address)?.process)).toEqual(
      busy.map(({ address }) => truth.get(address)?.process),
    );
    expect(billed.size).toBeGreaterThan(0);
  });

  it('dynamic lookasides have the blocks that were put there', () => {
    const { system } = dump.session;
    const places = dump.heaps.map((heap) => lookasideOf(system, heap));
    // Executable pool and that for prototype PTEs have none.
    expect(places.map((place) => typeof place)).toEqual(['string', 'bigint', 'bigint', 'string']);
    const lookasides = places.flatMap((place) => {
      if (typeof place === 'string') return [];
      const read = runToEnd(readDynamicLookaside(system, place));
      if (typeof read === 'string') throw new Error(read);
      return [read];
    });
    expect(lookasides.flatMap(({ missing }) => missing)).toEqual([]);
    expect(lookasides.flatMap(({ buckets }) => buckets.flatMap(({ problems }) => problems))).toEqual([]);
    const told = dump.truth.blocks.filter(({ state }) => state === 'lookaside').map(({ header }) => header);
    expect(new Set(cachedBlocks(lookasides).keys())).toEqual(new Set(told));
    expect(told.length).toBeGreaterThan(5);
  });

  it('large allocations are in their tree, in the table and mapped', () => {
    const { system } = dump.session;
    const table = runToEnd(listBigPages(system));
    const found = dump.heaps.flatMap((heap) =>
      [...walkLargeAllocations(system, heap)].map((large) => ({ heap, large })),
    );
    expect(new Set(found.map(({ large }) => large.address))).toEqual(new Set(dump.large));
    for (const { heap, large } of found) {
      const big = table.allocations.find(({ address }) => address === large.address);
      const witnesses = { big, isTableWhole: table.unknown === undefined, isPaged: heap.isPaged };
      expect(checkLargeAllocation(system, large, witnesses)).toEqual([]);
    }
  });

  it('both keys are recovered from blocks alone', () => {
    const { system } = dump.session;
    const pages = dump.truth.blocks.map(({ header }) => header & ~0xfffn);
    expect(runToEnd(recoverHeapKey(system, new Set(pages)))).toMatchObject({
      value: (dump.keys.heapKey as { value: bigint }).value,
    });
    const ranges = dump.heaps.flatMap((heap) => dump.ranges(heap));
    expect(runToEnd(recoverLfhKey(system, ranges))).toMatchObject({
      value: (dump.keys.lfhKey as { value: bigint }).value & 0xffff_ffffn,
    });
  });
});
