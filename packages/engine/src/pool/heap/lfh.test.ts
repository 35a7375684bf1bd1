import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heapOfTests,
  keysOfTests,
  lfhKeyOfTests,
  type PlannedSubsegment,
  rangeOf,
  writeSubsegment,
} from '../../../test/lfh-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import { LfhBitmap } from './lfh-bitmap.ts';
import { decodeBucketUse, lfhBucketSizes } from './lfh-buckets.ts';
import { readLfhContext } from './lfh-context.ts';
import { walkLfhLists } from './lfh-lists.ts';
import { chooseLfhOffsets, decodeLfhOffsets } from './lfh-offsets.ts';
import { readLfhPage } from './lfh-page.ts';
import { readLfhSubsegment, slotAt } from './lfh-subsegment.ts';

const builds = [18_362, 19_041, 20_348, 22_000];
const at = 0xffff_8a00_1234_5000n;
const reading = { keys: keysOfTests };

const planned: PlannedSubsegment = { at, pages: 4, blockSize: 0xe0, busy: (slot) => slot % 3 !== 1 };

function plant(plan: Partial<PlannedSubsegment> = {}, build = 19_041) {
  const kernel = new PlantedKernel('x64', build);
  const written = writeSubsegment(kernel, { ...planned, ...plan });
  const read = (va: Va, range = written.range) => readLfhPage(kernel.kernel, range, va, reading);
  const { memory } = kernel;
  return { kernel, memory, written, read };
}

describe('encoded block offsets', () => {
  it('HL-1: are decoded in both ways, and the vectors come out', () => {
    const wanted = { blockSize: 0xe0, firstBlock: 0x60 };
    expect(decodeLfhOffsets(0x60bf_67b4, lfhKeyOfTests, at)[0]).toEqual({ ...wanted, shift: 'whole' });
    expect(decodeLfhOffsets(0xc0bf_67b4, lfhKeyOfTests, at)[1]).toEqual({ ...wanted, shift: 'truncated' });
  });

  it('HL-1: of a user-mode subsegment fit one key or the other', () => {
    const [whole] = decodeLfhOffsets(0x60b5_3c07, 0x718f_fca0n, 0x0116_ac0f_7000n);
    expect(whole).toMatchObject({ blockSize: 0x50, firstBlock: 0x50 });
    const [, truncated] = decodeLfhOffsets(0x60b5_3c07, 0x60ef_fca0n, 0x0116_ac0f_7000n);
    expect(truncated).toMatchObject({ blockSize: 0x50, firstBlock: 0x50 });
  });

  it('HL-1: the form is that which gives places that can be', () => {
    const limits = {
      unit: 16,
      blockCount: 17,
      headerBytes: 0x38,
      rangeBytes: 0x1000,
      largest: 0x4000,
      expectedFirst: 0x40,
    } as const;
    const choose = (stored: number) => chooseLfhOffsets(decodeLfhOffsets(stored, lfhKeyOfTests, at), limits);
    expect(choose(0x60bf_67b4)?.shift).toBe('whole');
    expect(choose(0xc0bf_67b4)?.shift).toBe('truncated');
    expect(choose(0x1234_5678)).toBeUndefined();
  });
});

describe('sizes of buckets', () => {
  it('HL-2: go up in steps, from 0 where there are 129 buckets and from 0x10 where there are 128', () => {
    const sizes = lfhBucketSizes(129);
    expect([1, 64, 65, 80, 81, 96, 97, 112, 113, 128].map((index) => sizes[index])).toEqual([
      0x10, 0x400, 0x440, 0x800, 0x880, 0x1000, 0x1100, 0x2000, 0x2200, 0x4000,
    ]);
    expect(lfhBucketSizes(128)).toEqual(sizes.slice(1));
  });

  it('HL-3: a count says how many are in use and how many there ever were', () => {
    expect([0x26e, 0x410, 0x82].map(decodeBucketUse)).toEqual([
      { active: 14, total: 19 },
      { active: 16, total: 32 },
      { active: 2, total: 4 },
    ]);
  });
});

it('HL-4: a bitmap has two bits a block, and ones behind the last', () => {
  const bytes = new Uint8Array(16).fill(0x55);
  bytes.set([0x55, 0x55, 0x55, 0x55, 0xf5, 0xff, 0xff, 0xff], 8);
  const bitmap = new LfhBitmap(bytes, { blockCount: 50 });
  expect([bitmap.isBusy(0), bitmap.hasUnusedBytes(0), bitmap.isBusy(49), bitmap.isTailSet]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  bytes[15] = 0x7f;
  expect(bitmap.isTailSet).toBe(false);
});

describe.each(builds)('an LFH subsegment of build %i', (build) => {
  it.each(['whole', 'truncated'] as const)('HL-5: reads back, page by page (%s)', (shift) => {
    const { kernel, written, read } = plant({ shift }, build);
    const subsegment = readLfhSubsegment(kernel.kernel, written.range, reading);
    expect(subsegment).toMatchObject({
      offsets: { blockSize: 0xe0, firstBlock: written.first, shift },
      committed: [1, 1, 1, 1],
      problems: [],
    });
    if (typeof subsegment === 'string') throw new Error(subsegment);
    for (const { slot, address } of written.slots) expect(slotAt(subsegment, address + 0xdfn)).toBe(slot);
    expect([at, at + 0x3fffn].map((va) => slotAt(subsegment, va))).toEqual([undefined, undefined]);
    const pages = [0n, 1n, 2n, 3n].map((index) => read(at + index * 0x1000n));
    expect(pages.map(({ verdict }) => verdict)).toEqual(['whole', 'whole', 'whole', 'whole']);
    const found = pages.flatMap(({ blocks }) => blocks).map(({ address, state }) => ({ address, state }));
    expect(found).toEqual(
      written.slots.map(({ address, isBusy }) => ({ address, state: isBusy ? 'allocated' : 'free' })),
    );
    expect(pages[0]!.blocks[0]).toMatchObject({ size: 0xe0, tag: 'Test', slot: 0, allocator: 'lfh' });
  });
});

describe('an LFH page', () => {
  const block = (slots: readonly { address: Va; isBusy: boolean }[], page: bigint) =>
    slots.filter(({ address, isBusy }) => isBusy && (address & ~0xfffn) === at + page * 0x1000n);

  it('HL-6: has no blocks that cross a page', () => {
    const { written, read } = plant();
    const { blocks } = read(at + 0x1000n);
    for (const { address, size } of blocks)
      expect(Number(address & 0xfffn) + size).toBeLessThanOrEqual(0x1000);
    expect(written.count).toBeGreaterThan(written.slots.length);
  });

  it('HL-7: damage to the header of a block in use is named and hides no other block', () => {
    const { memory, written, read } = plant();
    const [first, second] = block(written.slots, 1n);
    memory.write(first!.address, 0x4141_4141_4141_4141n, 8);
    const page = read(at + 0x1000n);
    expect(page.verdict).toBe('damaged');
    expect(page.problems.map(({ rule, at: where }) => [rule, where])).toEqual([
      ['header-previous-size', first!.address],
      ['header-size', first!.address],
      ['header-type', first!.address],
    ]);
    expect(page.unexplained).toEqual([
      { start: first!.address, end: first!.address + 16n, reason: 'damaged' },
    ]);
    expect(page.blocks.find(({ address }) => address === second!.address)).toMatchObject({ tag: 'Test' });
  });

  it('HL-7: an overrun over a whole block is one extent', () => {
    const { memory, written, read } = plant({ busy: () => true });
    const [first, second, third] = block(written.slots, 1n);
    const length = Number(third!.address - first!.address) + 4;
    for (let index = 0; index < length; index++) memory.write(first!.address + BigInt(index), 0x58, 1);
    const page = read(at + 0x1000n);
    expect(page.unexplained).toEqual([
      { start: first!.address, end: third!.address + 16n, reason: 'damaged' },
    ]);
    expect(new Set(page.problems.map(({ at: where }) => where))).toEqual(
      new Set([first!.address, second!.address, third!.address]),
    );
  });

  it('HL-8: one bit of a header is found', () => {
    const { memory, written, read } = plant();
    const [victim] = block(written.slots, 1n);
    memory.write(victim!.address + 2n, 0x0e ^ 0x20, 1);
    expect(read(at + 0x1000n).bitErrors).toEqual([
      { at: victim!.address, bit: 21, field: 'size', found: 0x2e0, expected: 0xe0 },
    ]);
    memory.write(victim!.address, 0x10, 1);
    expect(read(at + 0x1000n).bitErrors).toEqual([]);
  });

  it('HL-8: a bit that marks an aligned block in a first header is found', () => {
    const { memory, written, read } = plant();
    const [victim] = block(written.slots, 1n);
    memory.write(victim!.address + 3n, 6, 1);
    const page = read(at + 0x1000n);
    expect(page.problems).toEqual([{ rule: 'header-type', at: victim!.address, found: 6n }]);
    expect(page.bitErrors).toEqual([{ at: victim!.address, bit: 26, field: 'type', found: 6, expected: 2 }]);
  });

  it('HL-9: what free blocks, PoolIndex and ProcessBilled hold is no damage, nor is a tag alone', () => {
    const { memory, written, read } = plant();
    for (const { address, isBusy } of written.slots)
      if (isBusy) {
        memory.write(address + 1n, 0xd2, 1);
        memory.write(address + 4n, 0x0102_0304, 4);
        memory.write(address + 8n, 0x1234_5678_9abc_def0n, 8);
      } else memory.write(address, 0xffff_ffff_ffff_ffffn, 8);
    expect(read(at + 0x1000n)).toMatchObject({ verdict: 'whole', problems: [] });
  });

  it('HL-10: a header of the other kind of pool is damage', () => {
    const { memory, written, read } = plant();
    const [victim] = block(written.slots, 1n);
    memory.write(victim!.address + 3n, 3, 1);
    expect(read(at + 0x1000n).problems).toEqual([{ rule: 'header-type', at: victim!.address, found: 3n }]);
  });

  it('HL-11: unused bytes give what was asked for', () => {
    const { memory, written, read } = plant();
    const [counted] = block(written.slots, 0n);
    const slot = written.slots.find(({ address }) => address === counted!.address)!.slot;
    const byte = at + 0x30n + BigInt(slot >> 2);
    memory.write(byte, readByte(memory, byte) | (2 << ((slot & 3) * 2)), 1);
    memory.write(counted!.address + 0xden, 0x27, 2);
    const requested = () => read(at).blocks.find(({ address }) => address === counted!.address)?.requested;
    expect(requested()).toBe(0xd0 - 0x27);
    memory.write(counted!.address + 0xden, 0x8000, 2);
    expect(requested()).toBe(0xcf);
  });

  it('HL-12: a page that is missing has its blocks by the bitmap, without tags', () => {
    const { memory, written, read } = plant();
    memory.unmap(at + 0x2000n);
    const page = read(at + 0x2000n);
    expect(page.verdict).toBe('missing');
    expect(page.blocks.length).toBeGreaterThan(15);
    expect(page.blocks.every(({ tag, header }) => tag === undefined && header === undefined)).toBe(true);
    const states = written.slots.filter(({ address }) => (address & ~0xfffn) === at + 0x2000n);
    expect(page.blocks.map(({ state }) => state === 'allocated')).toEqual(states.map(({ isBusy }) => isBusy));
  });

  it('HL-12: without the header nothing is known of a page', () => {
    const { memory, read } = plant();
    memory.unmap(at);
    const page = read(at + 0x1000n);
    expect(page).toMatchObject({ verdict: 'unrecognized', blocks: [] });
    expect(page.why).toMatch(/^its header cannot be read: /);
  });
});

function readByte(memory: PlantedKernel['memory'], va: Va): number {
  const read = memory.tryRead(va, 1);
  if (!(read instanceof Uint8Array)) throw new Error('not there');
  return read[0]!;
}

describe('the header of an LFH subsegment', () => {
  const problems = (change: (kernel: PlantedKernel) => void) => {
    const { kernel, written } = plant();
    change(kernel);
    const read = readLfhSubsegment(kernel.kernel, written.range, reading);
    return typeof read === 'string' ? read : read.problems;
  };
  const set = (values: Record<string, bigint | number>) => (kernel: PlantedKernel) =>
    kernel.set('_HEAP_LFH_SUBSEGMENT', at, values);

  it('HL-13: counts no more free blocks than the bitmap has', () => {
    expect(problems(set({ FreeCount: 24 }))).toEqual([]);
    expect(problems(set({ FreeCount: 25 }))).toEqual([
      { rule: 'lfh-count', at: at + 0x20n, found: 25n, expected: 24n },
    ]);
  });

  it('HL-14: ones behind the last block that are gone are damage', () => {
    const { kernel, written } = plant();
    const words = Math.ceil((written.count * 2) / 64);
    const last = at + 0x30n + BigInt(words * 8 - 1);
    kernel.memory.write(last, 0x7f, 1);
    const read = readLfhSubsegment(kernel.kernel, written.range, reading);
    expect(read).toMatchObject({
      problems: [{ rule: 'lfh-bitmap', at: at + 0x30n + BigInt(words * 8 - 8) }],
    });
  });

  it('HL-15: block counts that cannot be are said, not followed', () => {
    expect(problems(set({ BlockCount: 0 }))).toBe('its header counts no blocks');
    expect(problems(set({ BlockCount: 0xffff }))).toMatch(/^its header counts 65535 blocks/);
  });

  it('HL-16: without its bucket, offsets that make no sense leave it unknown', () => {
    expect(problems(set({ 'BlockOffsets.EncodedData': 0x1234_5678 }))).toBe(
      'its block offsets make no sense',
    );
  });
});

/** A heap with an LFH context: bucket 14 live, with one affinity slot; bucket 3 waiting. */
function plantContext() {
  const kernel = new PlantedKernel('x64', 19_041);
  const { memory } = kernel;
  memory.map(heapOfTests.address, 0x3000);
  const context = heapOfTests.address + 0x340n;
  kernel.set('_HEAP_LFH_CONTEXT', context, {
    'Config.MaxBlockSize': 0x1f0,
    'Config.WitholdPageCrossingBlocks': 1,
  });
  const [bucket, slot, array] = [0x2000n, 0x2100n, 0x2200n].map((offset) => heapOfTests.address + offset);
  for (let index = 0; index < 129; index++) memory.write(context + 0x80n + BigInt(index * 8), 1, 8);
  memory.write(context + 0x80n + 3n * 8n, (0x26en << 16n) | 1n, 8);
  memory.write(context + 0x80n + 14n * 8n, bucket!, 8);
  kernel.set('_HEAP_LFH_BUCKET', bucket!, {
    'State.SlotCount': 1,
    AffinitySlots: array!,
    TotalSubsegmentCount: 2,
  });
  memory.write(array!, slot!, 8);
  for (const owner of [bucket!, slot!])
    for (const list of ['AvailableSubsegmentList', 'FullSubsegmentList'])
      kernel.ring(kernel.member('_HEAP_LFH_SUBSEGMENT_OWNER', owner, list), []);
  memory.write(slot! + 0x38n, at | 5n, 8);
  const written = writeSubsegment(kernel, { ...planned, owner: slot! });
  const second = writeSubsegment(kernel, { ...planned, at: at + 0x10000n, owner: slot! });
  const listed = kernel.member('_HEAP_LFH_SUBSEGMENT_OWNER', slot!, 'AvailableSubsegmentList');
  kernel.ring(listed, [at + 0x10000n]);
  return { kernel, memory, slot: slot!, bucket: bucket!, written, second, listed };
}

describe('the LFH context of a heap', () => {
  it('HL-17: has its buckets, those that wait with what they count, and who owns subsegments', () => {
    const { kernel, slot, bucket } = plantContext();
    const context = readLfhContext(kernel.kernel, heapOfTests);
    if (typeof context === 'string') throw new Error(context);
    expect(context).toMatchObject({ largest: 0x1f0, withholdsCrossing: true, missing: [] });
    expect(context.buckets.filter(({ state }) => state === 'live')).toEqual([
      {
        index: 14,
        blockSize: 0xe0,
        state: 'live',
        use: undefined,
        address: bucket,
        totalBlocks: 0,
        totalSubsegments: 2,
        slots: [{ address: slot, active: at, activeCount: 5 }],
      },
    ]);
    expect(context.buckets.find(({ index }) => index === 3)?.use).toEqual({ active: 14, total: 19 });
    expect([...context.owners.keys()]).toEqual([bucket, slot]);
  });

  it('HL-18: lists its subsegments once each, and a circle ends', () => {
    const { kernel, memory } = plantContext();
    const context = readLfhContext(kernel.kernel, heapOfTests);
    if (typeof context === 'string') throw new Error(context);
    const listed = () =>
      [...walkLfhLists(kernel.kernel, context)].map(({ address, list }) => [address, list]);
    expect(listed()).toEqual([
      [at, 'active'],
      [at + 0x10000n, 'available'],
    ]);
    memory.write(at + 0x10000n, at + 0x10000n, 8);
    expect(listed()).toHaveLength(2);
  });

  it('HL-16: gives the places of blocks where the offsets are damaged, and says so', () => {
    const { kernel, written, slot } = plantContext();
    const context = readLfhContext(kernel.kernel, heapOfTests);
    if (typeof context === 'string') throw new Error(context);
    kernel.set('_HEAP_LFH_SUBSEGMENT', at, { 'BlockOffsets.EncodedData': 0x4141_4141 });
    const read = readLfhSubsegment(kernel.kernel, written.range, { ...reading, context });
    expect(read).toMatchObject({
      offsets: { blockSize: 0xe0, firstBlock: written.first },
      from: 'the size of its bucket and the end of its header: its block offsets make no sense',
      problems: [{ rule: 'lfh-offsets', at: at + 0x28n }],
    });
    const noKey = { ...keysOfTests, lfhKey: 'it is not in this dump' };
    const unkeyed = readLfhSubsegment(kernel.kernel, written.range, { keys: noKey, context });
    expect(unkeyed).toMatchObject({ offsets: { firstBlock: written.first }, problems: [] });
    kernel.set('_HEAP_LFH_SUBSEGMENT', at, { Owner: slot + 0x40n });
    expect(readLfhSubsegment(kernel.kernel, written.range, { keys: noKey, context })).toBe(
      'it is not in this dump',
    );
  });

  it('HL-19: an owner that is none of the heap is damage', () => {
    const { kernel, written, slot } = plantContext();
    const context = readLfhContext(kernel.kernel, heapOfTests);
    if (typeof context === 'string') throw new Error(context);
    kernel.set('_HEAP_LFH_SUBSEGMENT', at, { Owner: slot + 0x40n });
    expect(readLfhSubsegment(kernel.kernel, written.range, { ...reading, context })).toMatchObject({
      problems: [{ rule: 'lfh-owner', at: at + 0x10n, found: slot + 0x40n }],
    });
  });
});

it('HL-20: whatever bytes are there, a page is read, and its blocks lie in it and do not overlap', () => {
  const kernel = new PlantedKernel('x64', 19_041);
  writeSubsegment(kernel, planned);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(0x7f), fc.nat(0xff)), { maxLength: 30 }),
      fc.nat(3),
      fc.boolean(),
      (changes, page, isKeyless) => {
        for (const [offset, value] of changes) kernel.memory.write(at + BigInt(offset), value, 1);
        const keys = isKeyless ? { ...keysOfTests, lfhKey: 'none' } : keysOfTests;
        const va = at + BigInt(page * 0x1000);
        const { blocks } = readLfhPage(kernel.kernel, rangeOf(at, 0x4000), va, { keys });
        let end = va;
        for (const { address, size } of blocks) {
          expect(address).toBeGreaterThanOrEqual(end);
          end = address + BigInt(size);
        }
        expect(end).toBeLessThanOrEqual(va + 0x1000n);
      },
    ),
    { numRuns: 300 },
  );
});
