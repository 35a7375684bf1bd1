import { BufferSource, openSession, runToEnd, type Session } from '@poolscope/engine';
import { dumpBytes, RunningMachine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  findHeapRange,
  type HeapBlock,
  type HeapPage,
  type PoolHeaps,
  readPoolHeaps,
  readVsKnowledge,
  readVsPage,
  readVsSubsegment,
  walkRanges,
  walkSegments,
} from '../../packages/engine/src/pool/index.ts';
import { HeapPool, type HeapTruth } from '../../packages/lab/src/segment-heap/index.ts';

const builds = [18_362, 19_041, 20_348, 22_000] as const;
const pageBytes = 0x1000n;

/** Ends it by a bug check. */
function stop(machine: RunningMachine): void {
  try {
    machine.systemThread('nt!KeBugCheckEx', 0xe2n);
  } catch (error) {
    if (!machine.stopped) throw error;
  }
}

/** Sizes of all allocators, freed and not, in a repeatable mix. */
function use({ pool }: RunningMachine, seed: number): void {
  let state = seed;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const live: bigint[] = [];
  for (let step = 0; step < 900; step++) {
    if (step === 450 && pool instanceof HeapPool) pool.rebalance();
    if (random(3) === 0 && live.length > 0) {
      pool.free(live.splice(random(live.length), 1)[0]!, 0);
      continue;
    }
    const kind = random(10);
    const bytes =
      kind < 6 ? 0x210 + random(0xdd0) : kind < 8 ? 0xfe1 + random(0x8000) : 0x1000 * (1 + random(40));
    live.push(pool.allocate([0, 0x200, 1, 0x204, 5][random(5)]!, bytes, 'Test'));
  }
}

class UsedHeaps {
  readonly truth: HeapTruth;
  readonly #dump: Uint8Array;
  session!: Session;
  heaps!: PoolHeaps;

  constructor(build: number) {
    const machine = new RunningMachine({ build, memoryPages: 0x3000 });
    use(machine, build);
    stop(machine);
    this.truth = machine.pool.truth() as HeapTruth;
    this.#dump = dumpBytes(machine.finish(), { type: 'full' });
  }

  async open(): Promise<void> {
    this.session = await openSession(new BufferSource(this.#dump));
    const heaps = readPoolHeaps(this.session.system);
    if (typeof heaps === 'string') throw new Error(heaps);
    this.heaps = heaps;
  }

  page(va: bigint): HeapPage {
    const { system } = this.session;
    const range = findHeapRange(system, this.heaps, va)!;
    const knowledge = runToEnd(readVsKnowledge(system, this.heaps, range.heap));
    return readVsPage(system, this.heaps, range, va, { knowledge });
  }
}

describe.each(builds)('segment heaps of build %i', (build) => {
  const used = new UsedHeaps(build);
  beforeAll(() => used.open());

  it('are found without symbols, with their keys and roles', () => {
    const { state, keys, heaps } = used.heaps;
    expect(state).toMatchObject({ from: 'a variable of nt that points to heaps and to the keys' });
    expect(keys.heapKey).toMatchObject({ value: used.truth.keys.heapKey });
    expect(keys.lfhKey).toMatchObject({ value: used.truth.keys.lfhKey });
    const roles = ['nonpaged', 'nonpaged-nx', 'paged', 'prototype'];
    const told = (isMetadata: boolean, type: number, isSpecial: boolean): string =>
      `${isSpecial ? 'special ' : ''}${isMetadata ? 'metadata' : roles[type]}`;
    expect(
      heaps.map(({ address, role, isSpecial }) => [
        address,
        told(role === 'metadata', roles.indexOf(role!), isSpecial!),
      ]),
    ).toEqual(
      expect.arrayContaining(
        used.truth.heaps.map(({ address, type, isSpecial, isMetadata }) => [
          address,
          told(isMetadata, type, isSpecial),
        ]),
      ),
    );
  });

  it('have the ranges that they were given', () => {
    const { system } = used.session;
    const found: string[] = [];
    for (const heap of used.heaps.heaps)
      for (const { segment, problems } of walkSegments(system, used.heaps, heap)) {
        expect(problems).toEqual([]);
        for (const range of walkRanges(system, used.heaps, segment)) {
          expect(range.problems).toEqual([]);
          if (range.kind === 'vs' || range.kind === 'lfh' || range.kind === 'range')
            found.push(`${range.start.toString(16)} ${Number(range.end - range.start)} ${range.kind}`);
        }
      }
    const kinds: Readonly<Record<string, string>> = {
      vs: 'vs',
      lfh: 'lfh',
      user: 'range',
      internal: 'range',
    };
    expect(found.sort()).toEqual(
      used.truth.ranges
        .map(({ start, bytes, type, heap }) => {
          const shift =
            used.heaps.heaps.some(({ address }) => address === heap) && bytes > 0x7_f000 ? 16 : 12;
          const whole = Math.ceil(bytes / 2 ** shift) * 2 ** shift;
          return `${start.toString(16)} ${whole} ${kinds[type]}`;
        })
        .sort(),
    );
  });

  it('have the VS blocks that they gave out, and no others', () => {
    const { system } = used.session;
    const found = new Map<bigint, HeapBlock>();
    for (const heap of used.heaps.heaps)
      for (const { segment } of walkSegments(system, used.heaps, heap))
        for (const range of walkRanges(system, used.heaps, segment)) {
          if (range.kind !== 'vs') continue;
          const subsegment = readVsSubsegment(system, used.heaps, range);
          expect(subsegment).toMatchObject({ problems: [], unexplained: [], sizeFrom: 'its header' });
          for (let page = range.start; page < range.end; page += pageBytes) {
            const read = used.page(page);
            expect([page, read.problems, read.unexplained]).toEqual([page, [], []]);
            expect(['whole', 'missing']).toContain(read.verdict);
            for (const block of read.blocks) found.set(block.address, block);
          }
        }
    const states: Readonly<Record<string, string>> = {
      allocated: 'allocated',
      lookaside: 'allocated',
      deferred: 'cached',
    };
    const inUse = [...found.values()].filter(({ state }) => state !== 'free');
    const truth = used.truth.blocks.filter((block) => block.allocator === 'vs' && block.state !== 'free');
    const headered = inUse.filter(({ header }) => header !== undefined);
    expect(
      headered.map(({ address, header, state }) => [address, header!.size, state]).sort(byAddress),
    ).toEqual(truth.map((block) => [block.header, block.size, states[block.state]]).sort(byAddress));
    const bare = inUse.filter(({ header }) => header === undefined);
    expect(bare.map(({ address }) => address).sort(byValue)).toEqual(
      used.truth.bigAllocations
        .filter(({ allocator }) => allocator === 'vs')
        .map(({ address }) => address)
        .sort(byValue),
    );
    const free = [...found.values()].filter(({ state }) => state === 'free');
    const trueFree = used.truth.blocks.filter((block) => block.allocator === 'vs' && block.state === 'free');
    expect(free.map(({ address, size }) => [address, size]).sort(byAddress)).toEqual(
      trueFree.map((block) => [block.chunk, block.size]).sort(byAddress),
    );
    expect(free.length).toBeGreaterThan(10);
    expect(bare.length).toBeGreaterThan(10);
    expect(truth.some(({ state }) => state === 'deferred')).toBe(true);
  });
});

const byAddress = (a: readonly unknown[], b: readonly unknown[]): number =>
  byValue(a[0] as bigint, b[0] as bigint);
const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
