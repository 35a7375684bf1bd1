import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeapMachine, heapMachine } from '../../../test/heap-machine.ts';
import { walkLfh } from '../../../test/lfh-walk.ts';
import { useSegmentHeaps } from '../../segment-heaps.ts';

useSegmentHeaps();

const builds = [18_362, 19_041, 20_348, 22_000];
const most = 0x1f0;

interface Step {
  readonly isFree: boolean;
  readonly type: number;
  readonly bytes: number;
  readonly which: number;
  readonly processor: number;
}

const steps = fc.array(
  fc.record({
    isFree: fc.boolean(),
    type: fc.constantFrom(0, 1, 0x200),
    // A few sizes, so that they become active.
    bytes: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(8, 0x58, 0xd0, 0x1e8) },
      fc.integer({ min: 0, max: most }),
    ),
    which: fc.nat(),
    processor: fc.constantFrom(0, 1),
  }),
  { minLength: 400, maxLength: 700 },
);

/** Blocks by address, with what they were filled with. */
type Live = Map<bigint, { readonly bytes: number; readonly fill: number }>;

function run({ machine, pool }: HeapMachine, list: readonly Step[], live: Live = new Map()): Live {
  for (const [index, { isFree, type, bytes, which, processor }] of list.entries()) {
    const caller = { processor, irql: 0 };
    if (isFree && live.size > 200) {
      const va = [...live.keys()][which % live.size]!;
      const { bytes: length, fill } = live.get(va)!;
      expect(machine.space.read(va, length).every((byte) => byte === fill)).toBe(true);
      pool.free(va, 0, caller);
      live.delete(va);
      continue;
    }
    const va = pool.allocate(type, bytes, 'Test', caller);
    expect(live.has(va)).toBe(false);
    const fill = (index % 255) + 1;
    machine.space.write(va, new Uint8Array(bytes).fill(fill));
    live.set(va, { bytes, fill });
  }
  return live;
}

/** Structures hold, and the truth and the bitmaps say the same. */
function expectTrue(machine: HeapMachine): void {
  const { slots, complaints } = walkLfh(machine);
  expect(complaints).toEqual([]);
  const told = machine.pool
    .truth()
    .blocks.filter(({ allocator }) => allocator === 'lfh')
    .map(({ header, size, state }) => [header, size, state !== 'free']);
  const bitmaps = slots.map(({ address, size, isBusy }) => [address, size, isBusy] as const);
  expect(told).toEqual([...bitmaps].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}

describe.each(builds)('the low fragmentation heap of build %i', (build) => {
  it('keeps its structures true whatever is done', () => {
    const machine = heapMachine(build);
    const live: Live = new Map();
    fc.assert(
      fc.property(steps, (list) => {
        run(machine, list, live);
        expectTrue(machine);
      }),
      { numRuns: 6, endOnFailure: true },
    );
    expect(walkLfh(machine).slots.filter(({ isBusy }) => isBusy).length).toBeGreaterThan(100);
  });
});

/** So many blocks in a row. */
const blocks = ({ pool }: HeapMachine, count: number, bytes: number, processor = 0): bigint[] =>
  Array.from({ length: count }, () => pool.allocate(0x200, bytes, 'Test', { processor, irql: 0 }));

/** Which of them come from subsegments. */
const fromLfh = ({ pool }: HeapMachine, addresses: readonly bigint[]): boolean[] => {
  const own = new Set(
    pool
      .truth()
      .blocks.filter(({ allocator }) => allocator === 'lfh')
      .map(({ address }) => address),
  );
  return addresses.map((each) => own.has(each));
};

/** The word of a bucket in the nonpaged heap that is not executed. */
const wordOf = ({ heaps, at, memory }: HeapMachine, index: number): bigint =>
  memory.u64(
    heaps[1]! + at('_SEGMENT_HEAP', 'LfhContext') + at('_HEAP_LFH_CONTEXT', 'Buckets') + 8n * BigInt(index),
  );

describe('a size of the low fragmentation heap', () => {
  it('is active from the 18th block on when 17 are in use', () => {
    const machine = heapMachine();
    const taken = blocks(machine, 20, 0x170);
    expect(fromLfh(machine, taken).indexOf(true)).toBe(17);
  });

  it('counts what is in use apart from what was ever asked for', () => {
    const machine = heapMachine();
    const before = wordOf(machine, 0x13);
    const taken = blocks(machine, 5, 0x120);
    for (const va of taken.slice(0, 2)) machine.pool.free(va);
    const usage = Number((wordOf(machine, 0x13) >> 16n) - (before >> 16n));
    expect(usage).toBe(5 * 0x21 - 2);
  });

  it('is active in the end when few are in use at a time', () => {
    const machine = heapMachine();
    let requests = 0;
    while ((wordOf(machine, 0x1d) & 1n) === 1n && requests < 3000) {
      const [va] = blocks(machine, 1, 0x1c0);
      machine.pool.free(va!);
      requests++;
    }
    // Some were asked for when the machine started.
    expect(requests).toBeLessThanOrEqual(2040);
    expect(requests).toBeGreaterThan(1900);
  });

  it('gives out by chance, and every block of a subsegment in the end', () => {
    const machine = heapMachine();
    const taken = blocks(machine, 120, 0xf0);
    const { slots } = walkLfh(machine);
    const own = taken.filter((_, index) => fromLfh(machine, taken)[index]);
    const inOrder = [...own].sort((a, b) => (a < b ? -1 : 1));
    expect(own).not.toEqual(inOrder);
    const starts = new Set(slots.filter(({ size }) => size === 0x100).map(({ address }) => address));
    for (const va of own) expect(starts.has(va - 0x10n)).toBe(true);
    for (const { address, size } of slots) expect(address >> 12n).toBe((address + BigInt(size) - 1n) >> 12n);
  });

  it('has more than one affinity slot when processors meet', () => {
    const machine = heapMachine();
    const taken: bigint[] = [];
    for (let index = 0; index < 400; index++) taken.push(...blocks(machine, 1, 0x60, index % 2));
    expect(walkLfh(machine).mostSlots).toBe(2);
    expectTrue(machine);
    for (const [index, va] of taken.entries()) machine.pool.free(va, 0, { processor: index % 2, irql: 0 });
    machine.pool.drainDeferred();
    expectTrue(machine);
  });

  it('gives subsegments back when nothing of them is in use', () => {
    const machine = heapMachine();
    const before = walkLfh(machine).slots.length;
    const taken = blocks(machine, 600, 0x1b0);
    expect(walkLfh(machine).slots.length).toBeGreaterThan(before + 500);
    for (const va of taken) machine.pool.free(va);
    // The active one stays.
    expect(walkLfh(machine).slots.length).toBeLessThan(before + 60);
    expectTrue(machine);
  });
});
