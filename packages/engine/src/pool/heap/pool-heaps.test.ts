import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapKeyOfTests, PlantedHeaps } from '../../../test/heap-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import type { Dump } from '../../dump/index.ts';
import { readTracker } from './alloc-tracker.ts';
import { heapLayout, managerLayout } from './heap-layout.ts';
import { readPoolHeaps } from './pool-heaps.ts';
import { findHeapRange, walkRanges } from './range-descriptors.ts';
import { findSegment, walkSegments } from './segments.ts';

const builds = [18_362, 19_041, 20_348, 22_000] as const;
const heap = 0xffff_8a00_1000_0000n;
const segment = 0xffff_8a00_1230_0000n;
const page = 0x1000n;

describe.each([
  [18_362, 'a', 0x100, 0x280, 3],
  [19_041, 'a', 0x100, 0x280, 4],
  [20_348, 'b', 0x140, 0x2c0, 4],
  [22_000, 'b', 0x140, 0x2c0, 4],
] as const)('structures of build %i', (build, family, contexts, vs, special) => {
  it('SH-1: have the offsets of its PDB', () => {
    const layout = heapLayout(new PlantedKernel('x64', build).kernel);
    expect(layout).toMatchObject({
      family,
      isExact: true,
      heap: {
        Signature: 0x10,
        SegContexts: contexts,
        contextSize: 0xc0,
        VsContext: vs,
        LfhContext: vs + 0xc0,
      },
      context: { SegmentMask: 0, UnitShift: 8, FirstDescriptorIndex: 10, Heap: 0x38, SegmentListHead: 0x48 },
      segment: { Signature: 0x10, DescArray: 0, size: 0x2000 },
      descriptor: {
        size: 0x20,
        RangeFlags: 0x18,
        CommittedPageCount: 0x19,
        UnitOffset: 0x1f,
        UnitSize: 0x1f,
        UnusedBytes: 4,
      },
      vs: { FreeChunkTree: 0x10, SubsegmentList: 0x20, DelayFreeContext: 0x40, Callbacks: 0x88, LockType: 8 },
      subsegment: { Size: 0x20, Signature: 0x22, size: 0x28 },
    });
    expect(managerLayout(new PlantedKernel('x64', build).kernel)).toMatchObject({
      state: { PoolNode: 0x3900, SpecialHeaps: 0x8_6900 },
      nodeSize: 0x20c0,
      heapsCount: 4,
      specialCount: special,
      mostNodes: 64,
    });
  });
});

it('SH-1: of x86 and of builds without heaps are not known', () => {
  expect(heapLayout(new PlantedKernel('x86', 19_041).kernel)).toBe('heaps of 32-bit kernels are not read');
  expect(heapLayout(new PlantedKernel('x64', 9600).kernel)).toBe('the layout of _SEGMENT_HEAP is not known');
  expect(readPoolHeaps(new PlantedKernel('x64', 14_393).kernel)).toBe(
    'this kernel keeps its pool in the classic way',
  );
});

describe.each(builds)('heaps of build %i', (build) => {
  function planted(names: readonly string[]) {
    const kernel = new PlantedHeaps(build, { names });
    kernel.addHeap(heap + 0x100_0000n, 'PoolNode[0].Heaps[2]', 0);
    kernel.addHeap(heap + 0x200_0000n, 'SpecialHeaps[0]', 1);
    return kernel;
  }

  const expected = [
    { address: heap, role: 'nonpaged-nx', isSpecial: false, node: 0, isPaged: false, signature: 'right' },
    { address: heap + 0x100_0000n, role: 'paged', isSpecial: false, node: 0, isPaged: true },
    { address: heap + 0x200_0000n, role: 'nonpaged', isSpecial: true, node: undefined, isPaged: false },
  ];

  it('SH-2: are those that nt!ExPoolState leads to', () => {
    const kernel = planted(['*']);
    expect(kernel.heaps()).toMatchObject({
      state: { value: kernel.state, from: 'nt!ExPoolState' },
      heaps: expected,
      keys: {
        heapKey: { value: heapKeyOfTests, from: 'nt!ExPoolState, and it decodes the callbacks of the heaps' },
      },
    });
  });

  it('SH-3: are found among variables of nt without symbols', () => {
    const kernel = planted([]);
    expect(kernel.heaps()).toMatchObject({
      state: { value: kernel.state, from: 'a variable of nt that points to heaps and to the keys' },
      heaps: expected,
      keys: { heapKey: { value: heapKeyOfTests } },
    });
  });

  it('SH-4: give the key by their callbacks, or a segment, where the variable is no help', () => {
    const kernel = planted(['RtlpHpSegVsAllocate', 'RtlpHpHeapGlobals', 'ExPoolState']);
    kernel.fill(kernel.globals, 16, 0);
    expect(kernel.heaps().keys.heapKey).toMatchObject({
      value: heapKeyOfTests,
      from: `the callback of the heap at ${heap.toString(16)} that is nt!RtlpHpSegVsAllocate`,
    });
    const other = planted([]);
    other.addSegment(segment, []);
    other.pointer(other.state, other.image + 0x7800n);
    other.memory.unmap(other.image + 0x7000n);
    expect(other.heaps().keys).toMatchObject({
      heapKey: {
        value: heapKeyOfTests,
        from: `the signature of the segment at ${segment.toString(16)}, and the callbacks of its heap`,
      },
      lfhKey: 'nt!RtlpHpHeapGlobals is not in this dump',
    });
  });

  it('SH-4: a key that is wrong in its low bits decodes callbacks to nt, but not what segments say', () => {
    const kernel = planted(['RtlpHpSegVsAllocate', 'RtlpHpHeapGlobals', 'ExPoolState']);
    kernel.addSegment(segment, []);
    kernel.flip(kernel.globals, 5);
    expect(kernel.heaps().keys).toMatchObject({
      heapKey: { value: heapKeyOfTests },
      refused: 'that by nt!ExPoolState does not decode what is in the heaps',
    });
  });

  it('SH-4: a segment alone whose signature is damaged says nothing against the key', () => {
    const kernel = planted(['RtlpHpHeapGlobals', 'ExPoolState']);
    kernel.addSegment(segment, []);
    kernel.flip(segment + 0x10n, 3);
    const { heapKey, refused } = kernel.heaps().keys;
    expect([heapKey, refused]).toMatchObject([{ value: heapKeyOfTests }, undefined]);
  });

  it('SH-4: a key that decodes no callbacks is none', () => {
    const kernel = planted(['RtlpHpHeapGlobals', 'ExPoolState']);
    kernel.fill(kernel.globals, 8, 0x41);
    expect(kernel.heaps().keys.heapKey).toBe('the key by nt!ExPoolState decodes the callbacks of no heap');
  });
});

describe('the bug check', () => {
  it('SH-5: leads to the heap that reported, and with it to the key', () => {
    const kernel = new PlantedHeaps(20_348, { names: [] });
    kernel.addSegment(segment, [{ index: 2, units: 254, type: 'free' }]);
    for (let at = 0n; at < 0x8_7000n; at += page) kernel.memory.unmap(kernel.state + at);
    const header = kernel.kernel.target.dump.header as unknown as Record<string, unknown>;
    Object.assign(header, { bugCheckCode: 0x13a, bugCheckParameters: [0x12n, heap + 0x140n, 0n, 0n] });
    const heaps = kernel.heaps();
    expect(heaps).toMatchObject({
      state: 'there are no symbols for nt!ExPoolState, and no variable of nt in this dump points to heaps',
      heaps: [
        {
          address: heap,
          role: undefined,
          isPaged: false,
          from: 'parameter 2 of the bug check, and its signature',
        },
      ],
      keys: { heapKey: { value: heapKeyOfTests } },
    });
    expect(findHeapRange(kernel.kernel, heaps, segment + 0x5000n)).toMatchObject({ kind: 'free' });
    expect((kernel.kernel.target.dump as Dump).header.bugCheckCode).toBe(0x13a);
  });
});

describe('signatures of segments', () => {
  it.each([
    [
      'as it is up to 22631',
      0x1122_3344_5566_7788n,
      0xb3c4_7de9_f5b0_3865n,
      0xffff_8a00_1230_0000n,
      0xffff_8a00_1000_0000n,
    ],
    [
      'without the constant',
      0x1122_3344_5566_7788n,
      0x1122_3344_5756_76c8n,
      0xffff_8a00_1230_0000n,
      0xffff_8a00_1000_0000n,
    ],
    [
      'a real one',
      0x44c4_da45_347b_5d48n,
      0x44c4_da45_340b_5c08n,
      0xffff_8c8f_0d60_0000n,
      0xffff_8c8f_0d10_0000n,
    ],
  ])('SH-6: lead to a segment context: %s', (_, key, stored, at, owner) => {
    const kernel = new PlantedHeaps(20_348, { names: ['*'] }, owner);
    kernel.memory.map(at, 0x2000);
    kernel.memory.write(at + 0x10n, stored, 8);
    const heaps = { ...kernel.heaps(), keys: { heapKey: { value: key, from: 'test' }, lfhKey: 'none' } };
    expect(findSegment(kernel.kernel, heaps, at + 0x1_2345n)).toMatchObject({
      address: at,
      size: 0x10_0000,
      context: 0,
      contextAddress: owner + 0x140n,
      unitShift: 12,
      firstIndex: 2,
      heap: { address: owner, role: 'nonpaged-nx' },
      from: 'its signature',
    });
    kernel.flip(at + 0x10n, 30);
    expect(findSegment(kernel.kernel, heaps, at + 0x1_2345n)).toBeUndefined();
  });

  it('SH-6: one that is damaged is told, and the list of the heap still knows the segment', () => {
    const kernel = new PlantedHeaps(19_041);
    kernel.addSegment(segment, [{ index: 2, units: 3, type: 'user' }]);
    kernel.flip(segment + 0x10n, 33);
    const heaps = kernel.heaps();
    expect([...walkSegments(kernel.kernel, heaps, heaps.heaps[0]!)]).toMatchObject([
      {
        segment: { address: segment },
        problems: [{ rule: 'segment-signature', at: segment + 0x10n, expected: heap + 0x100n }],
      },
    ]);
    expect(findSegment(kernel.kernel, heaps, segment + 0x2000n)).toMatchObject({
      address: segment,
      from: 'the list of its heap',
    });
  });

  it('SH-6: a heap that only its segments name is one, if it leads back to itself', () => {
    const kernel = new PlantedHeaps(19_041);
    const stranger = heap + 0x500_0000n;
    kernel.addHeap(stranger, '', 0);
    kernel.addSegment(segment, [{ index: 2, units: 3, type: 'user' }], 1, stranger);
    const heaps = kernel.heaps();
    expect(findSegment(kernel.kernel, heaps, segment)).toBeUndefined();
    const large = 0xffff_8a00_4000_0000n;
    kernel.addSegment(large, [{ index: 1, units: 3, type: 'user' }], 1, stranger);
    expect(findHeapRange(kernel.kernel, heaps, large + 0x2_0001n)).toMatchObject({
      kind: 'range',
      start: large + 0x1_0000n,
      end: large + 0x4_0000n,
      heap: { address: stranger, role: undefined, isPaged: true, from: 'a segment that names it' },
    });
    kernel.fill(stranger + 0x10n, 4, 0);
    expect(findSegment(kernel.kernel, heaps, large)).toBeUndefined();
  });
});

describe('ranges of a segment', () => {
  const planned = [
    { index: 2, units: 1, type: 'user', unused: 0x123 },
    { index: 3, units: 0x11, type: 'vs' },
    { index: 0x14, units: 4, type: 'lfh' },
    { index: 0x18, units: 2, type: 'internal' },
    { index: 0x1a, units: 10, type: 'free' },
    { index: 0x24, units: 2, type: 'user', unused: 0xcc9 },
  ] as const;

  function planted() {
    const kernel = new PlantedHeaps(19_041);
    kernel.addSegment(segment, planned);
    const heaps = kernel.heaps();
    const found = () => [...walkRanges(kernel.kernel, heaps, findSegment(kernel.kernel, heaps, segment)!)];
    return { kernel, heaps, found, at: (index: number) => kernel.descriptor(segment, index) };
  }

  const place = (index: number): Va => segment + BigInt(index) * page;

  it('SH-23: are told by the flags of their first descriptors', () => {
    const { kernel, heaps, found } = planted();
    expect(found().map(({ kind, start, end, unusedBytes }) => [kind, start, end, unusedBytes])).toEqual([
      ['header', place(0), place(2), undefined],
      ['range', place(2), place(3), 0x123],
      ['vs', place(3), place(0x14), undefined],
      ['lfh', place(0x14), place(0x18), undefined],
      ['range', place(0x18), place(0x1a), 0],
      ['free', place(0x1a), place(0x24), undefined],
      ['range', place(0x24), place(0x26), 0xcc9],
      ['free', place(0x26), place(0x100), undefined],
    ]);
    expect(found().flatMap(({ problems }) => problems)).toEqual([]);
    expect(findHeapRange(kernel.kernel, heaps, place(0x13) + 5n)).toMatchObject({
      kind: 'vs',
      index: 3,
      unitCount: 0x11,
      flags: 15,
      descriptor: kernel.descriptor(segment, 3),
    });
  });

  it('SH-24: what first and later descriptors have wrong is told, and the ranges behind are read', () => {
    for (const [damage, rule, index] of [
      [(at: Va, kernel: PlantedHeaps) => kernel.flip(at, 3), 'descriptor-signature', 3],
      [(at: Va, kernel: PlantedHeaps) => kernel.flip(at + 0x18n, 5), 'descriptor-flags', 3],
      [(at: Va, kernel: PlantedHeaps) => kernel.memory.write(at + 0x1fn, 0, 1), 'descriptor-size', 3],
      [(at: Va, kernel: PlantedHeaps) => kernel.memory.write(at + 0x1fn, 0xff, 1), 'descriptor-size', 3],
      [(at: Va, kernel: PlantedHeaps) => kernel.flip(at + 0x1fn, 1), 'descriptor-offset', 7],
    ] as const) {
      const { kernel, found, at } = planted();
      damage(at(index), kernel);
      const ranges = found();
      expect(ranges.flatMap(({ problems }) => problems).map((each) => [each.rule, each.at])).toEqual([
        [rule, at(index)],
      ]);
      expect(ranges.map(({ kind, start }) => [kind, start])).toContainEqual(['lfh', place(0x14)]);
      expect(ranges.map(({ kind, start }) => [kind, start])).toContainEqual(['vs', place(3)]);
    }
  });

  it('SH-24: a unit in use that belongs to no range is unknown', () => {
    const { kernel, found, at } = planted();
    kernel.memory.write(at(0x40) + 0x18n, 1, 1);
    expect(found().find(({ start }) => start === place(0x40))).toMatchObject({
      kind: 'unknown',
      problems: [{ rule: 'descriptor-flags', at: at(0x40) }],
    });
  });

  it('SH-25: units whose descriptors are missing are unknown', () => {
    const { kernel, heaps, found } = planted();
    kernel.memory.unmap(segment + page);
    expect(
      found()
        .map(({ kind, start, end }) => [kind, start, end])
        .slice(-2),
    ).toEqual([
      ['free', place(0x26), place(0x80)],
      ['unknown', place(0x80), place(0x100)],
    ]);
    kernel.memory.unmap(segment);
    expect(findHeapRange(kernel.kernel, kernel.heaps(), place(3))).toMatchObject({
      kind: 'unknown',
      start: place(2),
    });
    expect(heaps.heaps).toHaveLength(1);
  });

  it('SH-22: whatever bytes are there, ranges cover the segment once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 0x1fff }), fc.nat({ max: 255 })), { maxLength: 200 }),
        (writes) => {
          const { kernel, heaps } = planted();
          const own = findSegment(kernel.kernel, heaps, segment)!;
          for (const [offset, value] of writes) kernel.memory.write(segment + BigInt(offset), value, 1);
          let end = segment;
          for (const range of walkRanges(kernel.kernel, heaps, own)) {
            expect(range.start).toBe(end);
            expect(range.end).toBeGreaterThan(range.start);
            ({ end } = range);
          }
          expect(end).toBe(segment + 0x10_0000n);
          findHeapRange(kernel.kernel, heaps, segment + 0x5000n);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('SH-22: whatever bytes a heap has, its segments are listed and end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0x200, maxLength: 0x200 }), (bytes) => {
        const { kernel, heaps } = planted();
        bytes.forEach((byte, index) => kernel.memory.write(heap + 0x100n + BigInt(index), byte, 1));
        const run = walkSegments(kernel.kernel, heaps, heaps.heaps[0]!);
        let count = 0;
        while (run.next().done !== true && count < 100) count++;
        expect(count).toBeLessThan(10);
        readPoolHeaps(kernel.kernel);
        findHeapRange(kernel.kernel, heaps, segment + 0x5000n);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the bitmap of all megabytes', () => {
  it.each(builds)('SH-26: tells segments of build %i whose header is missing', (build) => {
    const kernel = new PlantedHeaps(build);
    const bits = kernel.allocate(0x2000, 0x1000);
    const tracker = kernel.member('_EX_POOL_HEAP_MANAGER_STATE', kernel.state, 'HeapManager.AllocTracker');
    const base = 0xffff_8000_0000_0000n;
    kernel.set('_RTLP_HP_ALLOC_TRACKER', tracker, {
      BaseAddress: base,
      'AllocTrackerBitmap.CommitBitmap': bits,
      'AllocTrackerBitmap.UserBitmap': bits + 0x1000n,
      'AllocTrackerBitmap.BitCount': 1n << 28n,
    });
    const heaps = kernel.heaps();
    const read = (megabyte: number) =>
      readTracker(kernel.kernel, heaps, base + BigInt(megabyte) * 0x10_0000n + 5n);
    expect(read(3)).toBe('other');
    kernel.memory.write(bits, 1, 1);
    kernel.memory.write(bits + 0x1000n, 0b01_10_00_00, 1);
    expect([1, 2, 3, 0x20_0000].map(read)).toEqual(['other', 'large-segment', 'small-segment', 'other']);
    expect(readTracker(kernel.kernel, heaps, 5n)).toBe('other');
    kernel.memory.unmap(bits + 0x1000n);
    expect(read(3)).toBeUndefined();
  });
});
