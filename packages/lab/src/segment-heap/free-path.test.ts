import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeapMachine, heapMachine } from '../../test/heap-machine.ts';
import { PoolBugCheck, PoolFault } from '../pool/index.ts';
import { useSegmentHeaps } from '../segment-heaps.ts';

useSegmentHeaps();

const nx = 0x200;

function thrown(work: () => unknown): PoolBugCheck | PoolFault {
  try {
    work();
  } catch (error) {
    if (error instanceof PoolBugCheck || error instanceof PoolFault) return error;
    throw error;
  }
  throw new Error('nothing was noticed');
}

function bugCheck(work: () => unknown): (number | bigint)[] {
  const error = thrown(work);
  if (!(error instanceof PoolBugCheck)) throw error;
  return [error.code, ...error.parameters];
}

const take = ({ pool }: HeapMachine, count: number, bytes: number, type = nx): bigint[] =>
  Array.from({ length: count }, () => pool.allocate(type, bytes, 'Test'));

/** Blocks of one subsegment, in the order of their addresses, each right behind the one before. */
function neighbours(machine: HeapMachine, bytes: number): bigint[] {
  take(machine, 90, bytes);
  const size = BigInt(Math.ceil((bytes + 0x10) / 0x10) * 0x10);
  const blocks = machine.pool
    .truth()
    .blocks.filter(
      ({ allocator, state, size: own }) =>
        allocator === 'lfh' && state === 'allocated' && BigInt(own) === size,
    )
    .map(({ address }) => address);
  const pairs = blocks.filter((address) => blocks.includes(address + size));
  expect(pairs.length).toBeGreaterThan(3);
  return pairs.flatMap((address) => [address, address + size]).slice(0, 2);
}

/** &SegContexts[0], which reports name. */
const backEnd = ({ heaps, at }: HeapMachine): bigint => heaps[1]! + at('_SEGMENT_HEAP', 'SegContexts');

const subsegmentOf = ({ machine, heaps, at, memory }: HeapMachine, index: number): bigint => {
  expect(machine).toBeDefined();
  const context = heaps[1]! + at('_SEGMENT_HEAP', 'LfhContext');
  const bucket = memory.u64(context + at('_HEAP_LFH_CONTEXT', 'Buckets') + 8n * BigInt(index));
  const slot = memory.u64(memory.u64(bucket + at('_HEAP_LFH_BUCKET', 'AffinitySlots')));
  return memory.u64(slot + at('_HEAP_LFH_SUBSEGMENT_OWNER', 'FullSubsegmentList'));
};

describe('the header in front of a block', () => {
  it('that an overrun took the in-use bit from is 0xC2/7', () => {
    const machine = heapMachine();
    const [first, second] = neighbours(machine, 0xa0);
    machine.machine.space.write(first!, new Uint8Array(0xb0).fill(0x41));
    expect(bugCheck(() => machine.pool.free(second!))).toEqual([0xc2, 7n, 0n, 0x4141_4141n, second]);
    machine.pool.free(first!);
  });

  it('that says that a process pays is 0xC2/D where there is none', () => {
    const machine = heapMachine();
    const [, second] = neighbours(machine, 0xa0);
    const { machine: running, memory } = machine;
    running.space.write(second! - 0x10n + 3n, Uint8Array.of(0x0a));
    running.space.write(second! - 8n, new Uint8Array(8).fill(0x42));
    const cookie = memory.u64(running.address('nt!ExpPoolQuotaCookie'));
    const process = 0x4242_4242_4242_4242n ^ cookie ^ (second! - 0x10n);
    const tag = 0x7473_6554n;
    expect(bugCheck(() => machine.pool.free(second!))).toEqual([0xc2, 0xdn, second, tag, process]);
  });

  it('holds the process that pays, encoded with the cookie and its own address', () => {
    const { machine, pool, memory } = heapMachine();
    // An object of type 3 is a process.
    const process = pool.allocate(nx, 0x100, 'Proc');
    machine.space.write(process, Uint8Array.of(3));
    const va = pool.allocateWithQuota(nx, 0x88, 'Test', process);
    const cookie = memory.u64(machine.address('nt!ExpPoolQuotaCookie'));
    expect(memory.u64(va - 8n) ^ cookie ^ (va - 0x10n)).toBe(process);
    expect(memory.bytes(va - 0xdn, 1)[0]! & 8).toBe(8);
    expect(pool.truth().blocks.find(({ address }) => address === va)?.process).toBe(process);
    pool.free(va);
  });

  it('that leads back to another block frees that one', () => {
    const machine = heapMachine();
    const [first, second] = neighbours(machine, 0xa0);
    // Bit 2: this header is the second one of a block that begins 0xb0 bytes in front of it.
    machine.machine.space.write(second! - 0x10n, Uint8Array.of(0xb, 0, 0xb, 6));
    machine.pool.free(second!);
    expect(bugCheck(() => machine.pool.free(first!))).toEqual([
      0x13a,
      0x11n,
      backEnd(machine),
      first! - 0x10n,
      0n,
    ]);
  });

  it('has the level that a free may be made at in its bit for paged pool', () => {
    const { pool } = heapMachine();
    const paged = pool.allocate(1, 0x88, 'Test');
    const nonPaged = pool.allocate(nx, 0x88, 'Test');
    const caller = { processor: 0, irql: 2 };
    expect(bugCheck(() => pool.free(paged, 0, caller))).toEqual([0xc2, 9n, 2n, 1n, paged]);
    pool.free(nonPaged, 0, caller);
  });

  it('has no tag that the free would have to name', () => {
    const { pool } = heapMachine();
    const va = pool.allocate(nx, 0x88, 'Test');
    expect(() => pool.free(va, 'Else')).not.toThrow();
  });
});

describe('a subsegment', () => {
  it('whose offsets are damaged has no such block: 0x13A/9', () => {
    const machine = heapMachine();
    neighbours(machine, 0xa0);
    const subsegment = subsegmentOf(machine, 0xb);
    const { machine: running, memory, at, pool } = machine;
    const last = pool
      .truth()
      .blocks.findLast(
        ({ header, state }) => state === 'allocated' && header > subsegment && header < subsegment + 0x1000n,
      )!;
    const offsets = subsegment + at('_HEAP_LFH_SUBSEGMENT', 'BlockOffsets');
    // The block size becomes an eleventh: the last block has an index that no block has.
    const [low] = memory.bytes(offsets, 1);
    running.space.write(offsets, Uint8Array.of(low! ^ 0xb0 ^ 0x10));
    expect(bugCheck(() => pool.free(last.address))).toEqual([0x13a, 9n, backEnd(machine), last.header, 0n]);
  });

  it('whose bitmap has no free block where its count has some is 0x13A/10', () => {
    const machine = heapMachine();
    const { machine: running, memory, heaps, at } = machine;
    take(machine, 19, 0xa0);
    const context = heaps[1]! + at('_SEGMENT_HEAP', 'LfhContext');
    const bucket = memory.u64(context + at('_HEAP_LFH_CONTEXT', 'Buckets') + 8n * 0xbn);
    const slot = memory.u64(memory.u64(bucket + at('_HEAP_LFH_BUCKET', 'AffinitySlots')));
    const active = memory.u64(slot + at('_HEAP_LFH_AFFINITY_SLOT', 'ActiveSubsegment')) & ~0xfffn;
    const blocks = memory.u16(active + at('_HEAP_LFH_SUBSEGMENT', 'BlockCount'));
    const bitmap = new Uint8Array(8 * Math.ceil(blocks / 32)).fill(0x55);
    running.space.write(active + at('_HEAP_LFH_SUBSEGMENT', 'BlockBitmap'), bitmap);
    const error = thrown(() => take(machine, 1, 0xa0)) as PoolBugCheck;
    expect([error.code, ...error.parameters]).toEqual([0x13a, 0x10n, backEnd(machine), active, 0n]);
    expect(error.path).toEqual(['RtlpHpLfhSlotAllocate']);
  });

  it('whose neighbours in a list do not know it is 0x139/3', () => {
    const machine = heapMachine();
    neighbours(machine, 0xa0);
    const subsegment = subsegmentOf(machine, 0xb);
    const block = machine.pool
      .truth()
      .blocks.find(
        ({ header, state }) => state === 'allocated' && header > subsegment && header < subsegment + 0x1000n,
      );
    // Both links of the entry name the entry itself.
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, subsegment, true);
    machine.machine.space.write(subsegment, bytes.fill(0, 8).subarray(0, 8));
    const error = thrown(() => machine.pool.free(block!.address)) as PoolBugCheck;
    expect([error.code, error.parameters[0]]).toEqual([0x139, 3n]);
    expect(error.values.entry).toBe(subsegment);
    expect(error.path).toEqual(['RtlpHpLfhSubsegmentFreeBlock', 'RtlpHpLfhOwnerMoveSubsegment']);
  });

  it('whose owner was overwritten is a fault when it moves to another list', () => {
    const machine = heapMachine();
    neighbours(machine, 0xa0);
    const subsegment = subsegmentOf(machine, 0xb);
    const block = machine.pool
      .truth()
      .blocks.find(
        ({ header, state }) => state === 'allocated' && header > subsegment && header < subsegment + 0x1000n,
      );
    machine.machine.space.write(subsegment + 0x10n, new Uint8Array(8).fill(0x43));
    const error = thrown(() => machine.pool.free(block!.address));
    expect(error).toBeInstanceOf(PoolFault);
    expect((error as PoolFault).kind).toBe('general-protection');
  });
});

describe('a free that stops the machine', () => {
  it('leaves the truth of every block as it was', () => {
    const machine = heapMachine();
    const { pool, machine: running } = machine;
    // In the middle of three: the chunk that gets free is not joined with one in front.
    const all = take(machine, 12, 0x500);
    const gone = all.find((va) => all.includes(va - 0x520n) && all.includes(va + 0x520n))!;
    const kept = gone + 0x520n;
    pool.free(gone);
    const before = pool.truth().blocks;
    // The node of the free chunk in front.
    running.space.write(gone - 0x18n, new Uint8Array(0x18).fill(0x41));
    thrown(() => pool.free(kept));
    expect(pool.truth().blocks).toEqual(before);
    // What is noticed after work that went well takes nothing of that back.
    const other = heapMachine();
    const [twice] = take(other, 40, 0x90).slice(-1);
    other.pool.free(twice!);
    take(other, 1, 0x700);
    const then = other.pool.truth().blocks;
    thrown(() => other.pool.free(twice!));
    expect(other.pool.truth().blocks).toEqual(then);
  });
});

describe('a range', () => {
  it('whose descriptor lost its mark is 0x13A/9', () => {
    const machine = heapMachine();
    const [pages] = take(machine, 1, 0x3000);
    const segment = pages! & ~0xf_ffffn;
    machine.machine.space.write(segment + ((pages! - segment) >> 12n) * 0x20n, new Uint8Array(4));
    expect(bugCheck(() => machine.pool.free(pages!))).toEqual([0x13a, 9n, backEnd(machine), pages, 0n]);
  });

  it('of a segment whose signature is damaged is 0x13A/9', () => {
    const machine = heapMachine();
    const [pages] = take(machine, 1, 0x3000);
    machine.machine.space.write((pages! & ~0xf_ffffn) + 0x10n, new Uint8Array(8).fill(0x41));
    expect(bugCheck(() => machine.pool.free(pages!)).slice(0, 2)).toEqual([0x13a, 9n]);
  });
});

const mixes = fc.array(
  fc.record({
    isFree: fc.boolean(),
    which: fc.nat(),
    bytes: fc.oneof(fc.constantFrom(0x30, 0xa0, 0x2d0, 0x600), fc.integer({ min: 0, max: 0xf00 })),
  }),
  { minLength: 150, maxLength: 300 },
);

describe('a second free', () => {
  it('is noticed where Windows notices it, whatever was done before', () => {
    const machine = heapMachine();
    for (const bytes of [0x30, 0xa0]) take(machine, 20, bytes);
    const noticed = new Map<string, number>();
    fc.assert(
      fc.property(mixes, fc.nat(), (list, which) => {
        const live: bigint[] = [];
        for (const [step, { isFree, which: one, bytes }] of list.entries()) {
          if (step === 100) machine.pool.rebalance();
          if (isFree && live.length > 40) machine.pool.free(live.splice(one % live.length, 1)[0]!);
          else live.push(machine.pool.allocate(nx, bytes, 'Test'));
        }
        machine.pool.drainDeferred();
        const va = live[which % live.length]!;
        const { allocator, header } = machine.pool.truth().blocks.find(({ address }) => address === va)!;
        machine.pool.free(va);
        const state = machine.pool.truth().blocks.find(({ address }) => address === va)?.state;
        const kind = state === 'lookaside' || state === 'deferred' ? state : allocator!;
        noticed.set(kind, (noticed.get(kind) ?? 0) + 1);
        const at = (header & 0xfffn) === 0n ? header - 0x20n : header - 0x10n;
        if (kind === 'lfh')
          expect(bugCheck(() => machine.pool.free(va))).toEqual([0x13a, 0x11n, backEnd(machine), header, 0n]);
        else if (kind === 'vs') expectNotBusy(machine, va, at);
        else if (kind === 'deferred') {
          // It waits twice: the list runs in a circle, and the second time is noticed.
          machine.pool.free(va);
          expect(bugCheck(() => machine.pool.drainDeferred())).toEqual([0x13a, 8n, backEnd(machine), at, 0n]);
        }
        // What is left is not looked at again: a new machine is dear.
        for (const each of live) if (each !== va) machine.pool.free(each);
        machine.pool.drainDeferred();
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(noticed.get('lfh')).toBeGreaterThan(0);
    expect(noticed.get('vs')).toBeGreaterThan(0);
  });
});

/** The chunk is free or part of one that is. Its node may lie over the header in front of the data, which is looked at first. */
function expectNotBusy(machine: HeapMachine, va: bigint, chunk: bigint): void {
  const { pool, memory } = machine;
  if (machine.machine.space.pfnOf(va - 0x10n) === undefined) return;
  const type = memory.bytes(va - 0xdn, 1)[0]!;
  const isIntact = memory.u32(va - 0xcn) === 0x7473_6554;
  // Pages inside a free chunk may be gone, and the header of a chunk whose block begins a page is in the one before.
  const isGone = machine.machine.space.pfnOf(chunk) === undefined;
  if (isIntact && isGone) expect(thrown(() => pool.free(va))).toBeInstanceOf(PoolFault);
  else if (isIntact) expect(bugCheck(() => pool.free(va))).toEqual([0x13a, 8n, backEnd(machine), chunk, 0n]);
  // With bit 2 the bytes would be taken for a second header.
  else if ((type & 6) === 0)
    expect(bugCheck(() => pool.free(va))).toEqual([0xc2, 7n, 0n, BigInt(memory.u32(va - 0x10n)), va]);
}
