import { describe, expect, it } from 'vitest';
import { type HeapMachine, heapMachine } from '../../test/heap-machine.ts';
import { PoolFault } from '../pool/index.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';
import { lookasideBucket, lookasideBytes } from './dynamic-lookasides.ts';

useSegmentHeaps();

const nx = 0x200;

/** The lists of the nonpaged heap that is not executed, by its UserContext. */
class Lists {
  readonly #machine: HeapMachine;
  readonly start: bigint;

  constructor(machine: HeapMachine) {
    this.#machine = machine;
    this.start = machine.memory.u64(machine.heaps[1]! + machine.at('_SEGMENT_HEAP', 'UserContext'));
  }

  get enabled(): bigint {
    return this.#machine.memory.u64(this.start);
  }

  get active(): number {
    return this.#machine.memory.u32(
      this.start + this.#machine.at('_RTL_DYNAMIC_LOOKASIDE', 'ActiveBucketCount'),
    );
  }

  #list(bucket: number): bigint {
    return this.start + 0x40n + 0x40n * BigInt(bucket);
  }

  depth = (bucket: number): number =>
    this.#machine.memory.u16(this.#list(bucket) + this.#machine.at('_RTL_LOOKASIDE', 'Depth'));

  counter = (bucket: number, path: string): number =>
    this.#machine.memory.u32(this.#list(bucket) + this.#machine.at('_RTL_LOOKASIDE', path));

  /** Data of the blocks on a list, the one that came last first. */
  entries(bucket: number): bigint[] {
    const { memory } = this.#machine;
    const found: bigint[] = [];
    for (let data = memory.u64(this.#list(bucket) + 8n); data !== 0n; data = memory.u64(data))
      found.push(data);
    if (memory.u16(this.#list(bucket)) !== found.length) throw new Error(`list ${bucket} counts otherwise`);
    return found;
  }
}

/** Makes a size one of those that are asked for most. */
function warm({ pool }: HeapMachine, bytes: number, count = 40): void {
  for (let index = 0; index < count; index++) pool.free(pool.allocate(nx, bytes, 'Warm'));
  pool.drainDeferred();
  pool.rebalance();
}

const take = ({ pool }: HeapMachine, count: number, bytes: number): bigint[] =>
  Array.from({ length: count }, () => pool.allocate(nx, bytes, 'Test'));

describe('sizes of dynamic lookasides', () => {
  it('are those of the reference', () => {
    const vectors: [bytes: number, bucket: number][] = [
      [0x210, 0],
      [0x2f0, 14],
      [0x400, 31],
      [0x410, 32],
      [0x800, 47],
      [0x810, 48],
      [0xf80, 62],
    ];
    for (const [bytes, bucket] of vectors) expect(lookasideBucket(bytes)).toBe(bucket);
    expect([0x200, 0xf90].map(lookasideBucket)).toEqual([undefined, undefined]);
  });

  it('are rounded to the largest of their list, which is in the same one', () => {
    for (let bytes = 0x210; bytes <= 0xf80; bytes += 0x10) {
      const largest = lookasideBytes(bytes);
      expect(largest).toBeGreaterThanOrEqual(bytes);
      expect(lookasideBucket(largest)).toBe(lookasideBucket(bytes));
      if (largest < 0xf80) expect(lookasideBucket(largest + 0x10)).toBe(lookasideBucket(bytes)! + 1);
    }
  });
});

describe('a dynamic lookaside', () => {
  it('keeps blocks for the next requests, the last one first', () => {
    const machine = heapMachine();
    warm(machine, 0x2d0);
    const lists = new Lists(machine);
    expect((lists.enabled >> 13n) & 1n).toBe(1n);
    const blocks = take(machine, 3, 0x2d0);
    for (const va of blocks) machine.pool.free(va);
    expect(lists.entries(13)).toEqual(blocks.toReversed());
    const kept = machine.pool.truth().blocks.filter(({ state }) => state === 'lookaside');
    expect(kept.map(({ address }) => address)).toEqual([...blocks].sort((a, b) => (a < b ? -1 : 1)));
    // All requests of the list's size are served by it.
    expect(take(machine, 3, 0x2c8)).toEqual(blocks.toReversed());
    expect(lists.entries(13)).toEqual([]);
  });

  it('has room for as many as its depth says, and counts', () => {
    const machine = heapMachine();
    warm(machine, 0x2d0);
    const lists = new Lists(machine);
    const depth = lists.depth(13);
    const misses = lists.counter(13, 'AllocateMisses');
    const blocks = take(machine, depth + 5, 0x2d0);
    for (const va of blocks) machine.pool.free(va);
    expect(lists.entries(13)).toHaveLength(depth);
    expect(lists.counter(13, 'FreeMisses')).toBe(5);
    expect(lists.counter(13, 'AllocateMisses')).toBe(misses + depth + 5);
  });

  it('grows with its misses, shrinks when it is idle, and is given up for sizes that nobody asks for', () => {
    const machine = heapMachine();
    warm(machine, 0x600);
    const lists = new Lists(machine);
    const bucket = lookasideBucket(0x610)!;
    expect(lists.depth(bucket)).toBe(4);
    const blocks = take(machine, 30, 0x600);
    machine.pool.rebalance();
    // All of them missed: (256 - 4) / 2 + 5 more.
    expect(lists.depth(bucket)).toBe(4 + 126 + 5);
    for (const va of blocks) machine.pool.free(va);
    expect(lists.entries(bucket)).toHaveLength(30);
    take(machine, 1, 0x600);
    machine.pool.rebalance();
    expect(lists.depth(bucket)).toBe(125);
    machine.pool.rebalance();
    expect([lists.enabled >> BigInt(bucket), lists.entries(bucket)]).toEqual([0n, []]);
    expect(machine.pool.truth().blocks.filter(({ state }) => state === 'lookaside')).toEqual([]);
    expect(lists.active).toBe(0);
  });

  it('is chosen by the size in the header of a block, whatever the block has', () => {
    const machine = heapMachine();
    warm(machine, 0x3f0);
    warm(machine, 0x230);
    for (const bytes of [0x3f0, 0x230]) for (const va of take(machine, 30, bytes)) machine.pool.free(va);
    machine.pool.rebalance();
    const lists = new Lists(machine);
    const [block] = take(machine, 1, 0x230);
    machine.machine.space.write(block! - 0x10n + 2n, Uint8Array.of(0x40));
    machine.pool.free(block!);
    expect(lists.entries(31)[0]).toBe(block);
    expect(take(machine, 1, 0x3f0)).toEqual([block]);
  });

  it('gives out what a write after the free left in a block, and fails at the next', () => {
    const machine = heapMachine();
    warm(machine, 0x2d0);
    const [block] = take(machine, 1, 0x2d0);
    machine.pool.free(block!);
    machine.machine.space.write(block!, new Uint8Array(8).fill(0x41));
    expect(take(machine, 1, 0x2d0)).toEqual([block]);
    let error: unknown;
    try {
      take(machine, 1, 0x2d0);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(PoolFault);
    const fault = error as PoolFault;
    expect([fault.kind, fault.step, fault.address]).toEqual([
      'general-protection',
      'heap-lookaside',
      0x4141_4141_4141_4141n,
    ]);
  });

  it('takes a block that is freed twice, and gives it out twice', () => {
    const machine = heapMachine();
    warm(machine, 0x2d0);
    const [block] = take(machine, 1, 0x2d0);
    machine.pool.free(block!);
    machine.pool.free(block!);
    expect(take(machine, 2, 0x2d0)).toEqual([block, block]);
  });
});
