import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlannedChunk, PlantedHeaps } from '../../../test/heap-memory.ts';
import { readU32, type Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { tagText } from '../header.ts';
import type { HeapRange } from './heap-block.ts';
import { findHeapRange } from './range-descriptors.ts';
import { readVsBytes } from './vs-bytes.ts';
import { blockOffset, VsCode } from './vs-code.ts';
import { readDelayedFrees, walkFreeChunks } from './vs-free-tree.ts';
import { readVsKnowledge } from './vs-knowledge.ts';
import { readVsPage } from './vs-page.ts';
import { VsRangeTest } from './vs-range-test.ts';
import { noVsKnowledge, readVsSubsegment, type VsKnowledge, type VsSubsegment } from './vs-subsegment.ts';
import { VsTest } from './vs-test.ts';

const builds = [18_362, 19_041, 20_348, 22_000] as const;
const segment = 0xffff_8a00_1230_0000n;
const subsegment = 0xffff_8a00_1234_0000n;

/** 64 KB: chunks that end at a page's last place for a header, one with a page of its own, free ones. */
const plan: readonly PlannedChunk[] = [
  { size: 0x2c0, tag: 'Aaaa' },
  { size: 0x90, free: true },
  { size: 0x400, tag: 'Bbbb' },
  { size: 0x200, tag: 'Cccc' },
  { size: 0x660, tag: 'Dddd' },
  { size: 0x1000, tag: 'Page' },
  { size: 0x1000, tag: 'Eeee' },
  { size: 0x2000, bare: true, unused: 0x10 },
  { size: 0x320, tag: 'Ffff', unused: 0x10 },
  { size: 0x60, free: true },
  { size: 0xc80, tag: 'Gggg' },
  { size: 0xa020, free: true, cost: 9 },
];

interface Planted {
  readonly kernel: PlantedHeaps;
  readonly chunks: ReturnType<PlantedHeaps['addSubsegment']>;
}

function plant(build = 19_041, extra: readonly PlannedChunk[] = plan): Planted {
  const kernel = new PlantedHeaps(build);
  kernel.addSegment(segment, [
    { index: 2, units: 0x3e, type: 'free' },
    { index: 0x40, units: 0x11, type: 'vs' },
    { index: 0x51, units: 0xaf, type: 'free' },
  ]);
  return { kernel, chunks: kernel.addSubsegment(subsegment, extra) };
}

function rangeOf(kernel: PlantedHeaps): HeapRange {
  return findHeapRange(kernel.kernel, kernel.heaps(), subsegment)!;
}

function read(kernel: PlantedHeaps, knowledge: VsKnowledge = noVsKnowledge): VsSubsegment {
  const found = readVsSubsegment(kernel.kernel, kernel.heaps(), rangeOf(kernel), knowledge);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const knowledgeOf = (kernel: PlantedHeaps) =>
  runToEnd(readVsKnowledge(kernel.kernel, kernel.heaps(), { address: kernel.heap }));

const pageAt = (kernel: PlantedHeaps, va: Va, knowledge: VsKnowledge = noVsKnowledge) =>
  readVsPage(kernel.kernel, kernel.heaps(), rangeOf(kernel), va, { knowledge });

describe('headers of chunks', () => {
  const code = new VsCode(0x1122_3344_5566_7788n);
  const bytes = (stored: bigint, more = 0): Uint8Array => {
    const buffer = new Uint8Array(16);
    new DataView(buffer.buffer).setBigUint64(0, stored, true);
    buffer[8] = more;
    return buffer;
  };

  it('SH-7: are exclusive-or of contents, address and key', () => {
    expect(code.decode(bytes(0xeedc_b947_477e_27b8n, 0xbd), 0, 0xffff_8a00_1234_5030n)).toEqual({
      address: 0xffff_8a00_1234_5030n,
      size: 0x2c0,
      previousSize: 0x30,
      allocated: 1,
      memoryCost: 0,
      pageOffset: 5,
      hasUnusedBytes: false,
      stored: 0xeedc_b947_477e_27b8n,
    });
    expect(code.decode(bytes(0xeedd_b968_475b_256an), 0, 0xffff_8a00_1234_52f0n)).toMatchObject({
      size: 0x90,
      previousSize: 0x2c0,
      allocated: 0,
      memoryCost: 0x12,
      pageOffset: undefined,
    });
  });

  it('SH-8: a block begins behind its header, or on the next page', () => {
    expect([0x30, 0xfd0, 0xfe0, 0x1fe0].map(blockOffset)).toEqual([0x40, 0xfe0, 0x1000, 0x2000]);
  });
});

describe.each(builds)('a VS subsegment of build %i', (build) => {
  it('SH-9: has its chunks', () => {
    const { kernel, chunks } = plant(build);
    const found = read(kernel);
    expect(found).toMatchObject({ problems: [], unexplained: [], sizeFrom: 'its header' });
    expect(found.end).toBe(subsegment + 0x1_0000n);
    expect(
      found.chunks.map(({ address, size, allocated, memoryCost }) => [address, size, allocated, memoryCost]),
    ).toEqual(
      chunks.map(({ address, size, free, cost = 0 }) => [address, size, free === true ? 0 : 1, cost]),
    );
  });

  it('SH-10: has blocks, with tags, sizes and what was asked for', () => {
    const { kernel, chunks } = plant(build);
    const page = pageAt(kernel, subsegment);
    expect(page).toMatchObject({ verdict: 'whole', problems: [], unexplained: [], why: undefined });
    expect(page.blocks.map(({ address, size, state, tag }) => [address, size, state, tag])).toEqual([
      [chunks[0]!.block, 0x2b0, 'allocated', 'Aaaa'],
      [chunks[1]!.address, 0x90, 'free', undefined],
      [chunks[2]!.block, 0x3f0, 'allocated', 'Bbbb'],
      [chunks[3]!.block, 0x1f0, 'allocated', 'Cccc'],
      [chunks[4]!.block, 0x650, 'allocated', 'Dddd'],
    ]);
    const [own] = pageAt(kernel, subsegment + 0x1000n).blocks;
    expect(own).toMatchObject({ address: subsegment + 0x1000n, size: 0xfe0, tag: 'Page' });
    const bare = chunks[7]!;
    expect(bare.block & 0xfffn).toBe(0n);
    const [big] = pageAt(kernel, bare.block).blocks;
    expect(big).toMatchObject({
      address: bare.block,
      size: 0x1fe0,
      header: undefined,
      data: bare.block,
      requested: 0x1fd0,
    });
    const unused = pageAt(kernel, chunks[8]!.block).blocks.find(({ tag }) => tag === 'Ffff');
    expect(unused).toMatchObject({ size: 0x300, requested: 0x2e0 });
  });
});

describe('a VS subsegment', () => {
  it('SH-11: its end is that of its header; where that is damaged, the one to which chunks lead', () => {
    const { kernel } = plant();
    const size = subsegment + 0x20n;
    kernel.flip(size, 3);
    const found = read(kernel);
    expect(found).toMatchObject({
      sizeFrom: 'chunks that lead to its end',
      end: subsegment + 0x1_0000n,
      problems: [{ rule: 'vs-signature', at: size, found: 0xa410_0ff5n, expected: 0xa410_0ffdn }],
      bitErrors: [{ at: size, bit: 3, field: 'Size', found: 0xff50, expected: 0xffd0 }],
    });
    expect(found.chunks).toHaveLength(plan.length);
    expect(pageAt(kernel, subsegment + 0x5000n)).toMatchObject({
      verdict: 'damaged',
      problems: [{ rule: 'vs-signature' }],
    });
    kernel.flip(size, 3);
    kernel.flip(size, 16);
    expect(read(kernel).bitErrors).toMatchObject([
      { bit: 16, field: 'Signature', found: 0xa411, expected: 0xa410 },
    ]);
  });

  it('SH-11: a size that the range has no room for is not believed', () => {
    const { kernel } = plant();
    kernel.memory.write(subsegment + 0x20n, 0x3ffd, 2);
    kernel.memory.write(subsegment + 0x22n, 0x9410, 2);
    expect(read(kernel)).toMatchObject({
      end: subsegment + 0x1_0000n,
      problems: [{ rule: 'vs-range', found: 0x3_ffd0n, expected: 0xffd0n }],
    });
  });

  it.each([
    ['a size', 2, 20, { rule: 'vs-size', found: 0x500n, expected: 0x400n }, 'UnsafeSize', [0x500, 0x400]],
    [
      'the size before it',
      3,
      33,
      { rule: 'vs-previous-size', found: 0x420n, expected: 0x400n },
      'UnsafePrevSize',
      [0x420, 0x400],
    ],
    ['whether it is in use', 3, 49, { rule: 'vs-allocated', found: 3n, expected: 1n }, 'Allocated', [3, 1]],
    [
      'its subsegment',
      3,
      65,
      { rule: 'vs-page-offset', found: 2n, expected: 0n },
      'EncodedSegmentPageOffset',
      [2, 0],
    ],
  ] as const)('SH-12: one bit of %s is found', (_, index, bit, problem, field, [found, expected]) => {
    const { kernel, chunks } = plant();
    const at = chunks[index]!.address;
    kernel.flip(at, bit);
    const page = pageAt(kernel, subsegment);
    expect(page.verdict).toBe('damaged');
    expect(page.problems).toMatchObject([{ ...problem, at: bit < 64 ? at : at + 8n }]);
    expect(page.bitErrors).toEqual([{ at, bit, field, found, expected }]);
    expect(page.unexplained).toEqual([
      bit < 64
        ? { start: at, end: at + 16n, reason: 'damaged' }
        : { start: at, end: at + 16n, reason: 'damaged' },
    ]);
    expect(pageAt(kernel, subsegment + 0x5000n).verdict).toBe('whole');
  });

  it('SH-13: an overrun is exactly as long as what it made senseless, and what is behind it is read', () => {
    const { kernel, chunks } = plant();
    kernel.fill(chunks[3]!.address - 8n, 0x18 + 8, 0x41);
    const page = pageAt(kernel, subsegment);
    expect(page.problems.map(({ rule, at }) => [rule, at])).toEqual([['vs-header', chunks[3]!.address]]);
    expect(page.unexplained).toEqual([
      { start: chunks[3]!.address, end: chunks[4]!.address, reason: 'damaged' },
    ]);
    expect(page.expected).toMatchObject([{ at: chunks[3]!.address, previousSize: 0x400, size: 0x200 }]);
    expect(page.bitErrors).toEqual([]);
    expect(page.blocks.map(({ tag }) => tag)).toEqual(['Aaaa', undefined, 'Bbbb', 'Dddd']);
  });

  it('SH-13: damage over several chunks is one extent', () => {
    const { kernel, chunks } = plant();
    kernel.fill(chunks[1]!.address, Number(chunks[4]!.address - chunks[1]!.address), 0x41);
    const page = pageAt(kernel, subsegment);
    expect(page.problems).toMatchObject([{ rule: 'vs-no-header', at: chunks[1]!.address }]);
    expect(page.unexplained).toEqual([
      { start: chunks[1]!.address, end: chunks[4]!.address, reason: 'damaged' },
    ]);
    expect(page.blocks.map(({ tag }) => tag)).toEqual(['Aaaa', 'Dddd']);
    expect(page.expected.map(({ at }) => at)).toEqual([chunks[1]!.address, chunks[3]!.address]);
  });

  it('SH-13: damage from the first chunk on, and up to the last one', () => {
    const { kernel, chunks } = plant();
    kernel.fill(chunks[0]!.address, 0x20, 0);
    expect(read(kernel)).toMatchObject({
      problems: [{ rule: 'vs-header', at: chunks[0]!.address }],
      unexplained: [{ start: chunks[0]!.address, end: chunks[1]!.address }],
    });
    const other = plant();
    const last = other.chunks.at(-1)!;
    other.kernel.fill(last.address, 0x20, 0);
    const found = read(other.kernel);
    expect(found.problems.map(({ at }) => at)).toEqual([last.address]);
    expect(found.unexplained).toEqual([{ start: last.address, end: found.end, reason: 'damaged' }]);
    expect(found.chunks).toHaveLength(plan.length - 1);
  });

  it('SH-27: links of a free chunk that are no addresses are damage of its links alone', () => {
    const { kernel, chunks } = plant();
    const { address } = chunks[1]!;
    kernel.fill(address + 8n, 8, 0x41);
    const page = pageAt(kernel, subsegment);
    expect(page.problems).toEqual([{ rule: 'vs-links', at: address + 8n, found: 0x4141_4141_4141_4141n }]);
    expect(page.unexplained).toEqual([{ start: address + 8n, end: address + 0x20n, reason: 'damaged' }]);
    expect(page.blocks).toHaveLength(5);
    // In a tree whose links are encoded they say nothing.
    const tree = kernel.member('_SEGMENT_HEAP', kernel.heap, 'VsContext.FreeChunkTree');
    kernel.memory.write(tree + 8n, 1, 1);
    expect(read(kernel)).toMatchObject({ problems: [], unexplained: [] });
  });

  it('SH-27: a block in use whose header says that it is free has no links', () => {
    const { kernel, chunks } = plant();
    const { address } = chunks[2]!;
    kernel.flip(address, 48);
    expect(pageAt(kernel, subsegment)).toMatchObject({
      problems: [{ rule: 'vs-links', at: address + 8n }],
      bitErrors: [{ at: address, bit: 48, field: 'Allocated', found: 0, expected: 1 }],
    });
  });

  it('SH-14: headers that are left over in a free chunk or a block are not taken for chunks', () => {
    const { kernel, chunks } = plant();
    const old = kernel.addSubsegment(0xffff_8a00_1250_0000n, plan);
    // What stood in the free chunk at the end before it was merged: two chunks, and one that ends with the subsegment.
    const end = chunks.at(-1)!;
    const stale = (at: Va, size: number, previous: number): void =>
      kernel.memory.write(
        at,
        (BigInt(size / 16) << 16n) | (BigInt(previous / 16) << 32n) | ((1n << 48n) ^ at ^ kernel.key),
        8,
      );
    stale(end.address + 0x40n, 0x40, 0x40);
    stale(end.address + 0x80n, 0x9fa0, 0x40);
    expect(old).toHaveLength(plan.length);
    expect(read(kernel)).toMatchObject({ problems: [], unexplained: [] });
    kernel.fill(chunks[3]!.address, 16, 0x41);
    const found = read(kernel);
    expect(found.chunks.map(({ address }) => address)).toEqual(
      chunks.filter((_, index) => index !== 3).map(({ address }) => address),
    );
  });

  it('SH-15: pages that are missing inside of a chunk hide nothing', () => {
    const { kernel, chunks } = plant();
    kernel.memory.unmap(subsegment + 0x8000n);
    kernel.memory.unmap(subsegment + 0x3000n);
    const found = read(kernel);
    expect(found).toMatchObject({ problems: [], unexplained: [] });
    expect(found.chunks).toHaveLength(plan.length);
    const page = pageAt(kernel, subsegment + 0x8000n);
    expect(page).toMatchObject({ verdict: 'missing', problems: [], isZeroed: false });
    expect(page.blocks).toMatchObject([{ address: chunks.at(-1)!.address, state: 'free' }]);
  });

  it('SH-15: behind a header that is missing only what something else leads to is taken', () => {
    const { kernel, chunks } = plant();
    kernel.addTree([1, 9, 11].map((index) => chunks[index]!.address));
    kernel.memory.unmap(subsegment + 0x1000n);
    const lost = read(kernel);
    expect(lost.chunks.map(({ address }) => address)).toEqual(
      chunks.slice(0, 6).map(({ address }) => address),
    );
    expect(lost.unexplained).toEqual([{ start: chunks[6]!.address, end: lost.end, reason: 'missing' }]);
    expect(lost.problems).toEqual([]);
    const known = read(kernel, knowledgeOf(kernel));
    expect(known.chunks.map(({ address }) => address)).toEqual(
      chunks.filter((_, index) => index !== 6).map(({ address }) => address),
    );
    expect(known.unexplained).toEqual([
      { start: chunks[6]!.address, end: chunks[7]!.address, reason: 'missing' },
    ]);
    expect(pageAt(kernel, subsegment).verdict).toBe('whole');
  });

  it('SH-15: without its first page it has what free chunks lead to', () => {
    const { kernel, chunks } = plant();
    kernel.addTree([9, 11].map((index) => chunks[index]!.address));
    kernel.memory.unmap(subsegment);
    const found = read(kernel, knowledgeOf(kernel));
    expect(found.sizeFrom).toBe('its range: its header is not in this dump');
    expect(found.end).toBe(subsegment + 0x1_0000n);
    expect(found.problems).toEqual([]);
    expect(found.chunks.map(({ address }) => address)).toEqual(chunks.slice(6).map(({ address }) => address));
    expect(read(kernel).chunks).toEqual([]);
  });

  it('SH-16: without the key nothing is said of it', () => {
    const { kernel } = plant();
    const heaps = { ...kernel.heaps(), keys: { ...kernel.heaps().keys, heapKey: 'it is not there' } };
    const range = rangeOf(kernel);
    expect(readVsSubsegment(kernel.kernel, heaps, range)).toBe('the heap key is not known: it is not there');
    expect(readVsPage(kernel.kernel, heaps, range, subsegment)).toMatchObject({
      verdict: 'unrecognized',
      why: 'the heap key is not known: it is not there',
      blocks: [],
    });
  });
});

describe('headers of blocks', () => {
  it('SH-17: a BlockSize, a type and a previous size that the chunk cannot have are damage of the block alone', () => {
    for (const [bit, rule] of [
      [17, 'header-size'],
      [24, 'header-type'],
      [25, 'header-type'],
      [0, 'header-previous-size'],
    ] as const) {
      const { kernel, chunks } = plant();
      kernel.flip(chunks[2]!.block, bit);
      const page = pageAt(kernel, subsegment);
      expect(page.problems).toMatchObject([{ rule, at: chunks[2]!.block }]);
      expect(page.bitErrors).toMatchObject([{ at: chunks[2]!.block, bit }]);
      expect(page.unexplained).toEqual([
        { start: chunks[2]!.block, end: chunks[2]!.block + 16n, reason: 'damaged' },
      ]);
      expect(page.blocks).toHaveLength(5);
    }
  });

  it('SH-17: one that is missing is said', () => {
    const { kernel } = plant();
    kernel.memory.unmap(subsegment + 0x2000n);
    const [block] = pageAt(kernel, subsegment + 0x2000n).blocks;
    expect(block).toMatchObject({
      address: subsegment + 0x2000n,
      size: 0xfe0,
      state: 'allocated',
      tag: undefined,
    });
  });
});

describe('the tree of free chunks', () => {
  const free = [1, 9, 11] as const;
  const bySize = [9, 1, 11] as const;

  function planted() {
    const { kernel, chunks } = plant();
    kernel.addTree(bySize.map((index) => chunks[index]!.address));
    const walk = () => {
      const found: Va[] = [];
      const steps = walkFreeChunks(kernel.kernel, kernel.heaps(), { address: kernel.heap });
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) return { found, ...step.value };
        found.push(step.value.address);
      }
    };
    return { kernel, chunks, walk };
  }

  it('SH-18: has all of them, by size', () => {
    const { kernel, chunks, walk } = planted();
    expect(walk()).toEqual({
      found: bySize.map((index) => chunks[index]!.address),
      problems: [],
      missing: [],
    });
    expect(pageAt(kernel, subsegment, knowledgeOf(kernel)).verdict).toBe('whole');
    expect(free.every((index) => chunks[index]!.free === true)).toBe(true);
  });

  it('SH-18: a child that does not name its parent, a chunk in use and one out of order are told', () => {
    const { kernel, chunks, walk } = planted();
    const node = chunks[9]!.address + 8n;
    kernel.fill(node + 16n, 8, 0x41);
    expect(walk().problems).toEqual([
      { rule: 'vs-tree-link', at: node, found: 0x4141_4141_4141_4140n, expected: chunks[1]!.address + 8n },
    ]);
    kernel.pointer(node + 16n, chunks[1]!.address + 8n);
    kernel.flip(chunks[9]!.address, 48);
    expect(walk().problems).toMatchObject([{ rule: 'vs-tree-node', at: node }]);
    kernel.flip(chunks[9]!.address, 48);
    kernel.flip(chunks[9]!.address, 16 + 9);
    expect(walk().problems).toMatchObject([{ rule: 'vs-tree-order', at: chunks[1]!.address + 8n }]);
  });

  it('SH-19: a free chunk that the whole tree does not have is told', () => {
    const { kernel, chunks } = plant();
    kernel.addTree([9, 11].map((index) => chunks[index]!.address));
    const knowledge = knowledgeOf(kernel);
    expect(knowledge).toMatchObject({ isTreeWhole: true, problems: [], missing: [] });
    expect(pageAt(kernel, subsegment, knowledge).problems).toEqual([
      { rule: 'vs-tree-missing', at: chunks[1]!.address },
    ]);
    expect(pageAt(kernel, subsegment, { ...knowledge, isTreeWhole: false }).problems).toEqual([]);
  });
});

describe('frees that are put off', () => {
  it.each(['data', 'chunk'] as const)('SH-20: are known by a link to the %s', (target) => {
    const { kernel, chunks } = plant();
    const links = [2, 4].map((index) =>
      target === 'data' ? chunks[index]!.block + 16n : chunks[index]!.address,
    );
    if (target === 'chunk') {
      // A chunk's first bytes are its header: only the last entry of a list can be one here.
      kernel.addDelayed([]);
      const head = kernel.member('_SEGMENT_HEAP', kernel.heap, 'VsContext.DelayFreeContext');
      kernel.pointer(head + 8n, links[0]!);
    } else kernel.addDelayed(links);
    const knowledge = knowledgeOf(kernel);
    expect(knowledge.kept.has(links[0]!)).toBe(true);
    const states = pageAt(kernel, subsegment, knowledge).blocks.map(({ tag, state, cachedIn }) => [
      tag,
      state,
      cachedIn,
    ]);
    expect(states).toContainEqual(['Bbbb', 'cached', 'the list of delayed frees']);
    expect(states).toContainEqual(['Aaaa', 'allocated', undefined]);
  });

  it('SH-20: a list that runs in a circle ends', () => {
    const { kernel, chunks } = plant();
    const links = [2, 4].map((index) => chunks[index]!.block + 16n);
    kernel.addDelayed(links);
    kernel.pointer(links[1]!, links[0]!);
    const found = readDelayedFrees(kernel.kernel, kernel.heaps(), { address: kernel.heap });
    expect(found).toMatchObject({ depth: 2, entries: links, end: { kind: 'cycle' } });
    expect(knowledgeOf(kernel).problems).toMatchObject([{ rule: 'list-cycle' }]);
  });
});

describe('the walk over words', () => {
  it('SH-21: calls whole what the reader calls whole, and stops where that finds damage', () => {
    const { kernel, chunks } = plant();
    const test = new VsTest(new VsCode(kernel.key));
    const bytes = () => readVsBytes(kernel.memory, subsegment, 0x1_1000);
    expect(test.walk(bytes(), 0x1000)).toBe(true);
    expect([...test.starts.subarray(0, test.count)].map((unit) => subsegment + BigInt(unit * 16))).toEqual(
      chunks.map(({ address }) => address),
    );
    expect([...test.used.subarray(0, test.count)]).toEqual(chunks.map(({ free }) => (free === true ? 0 : 1)));
    kernel.flip(chunks[4]!.address, 20);
    expect(test.walk(bytes(), 0x1000)).toBe(false);
    expect(subsegment + BigInt(test.stop * 16)).toBe(chunks[4]!.address + 0x760n);
    expect(readU32(bytes().bytes, 0x20) & 0xffff).toBe(0x0ffd);
  });
});

describe('the test of a whole range', () => {
  it('SH-28: lists the headers of blocks in use where nothing is wrong, and leaves the rest to the reader', () => {
    const { kernel, chunks } = plant();
    const test = new VsRangeTest(kernel.memory, new VsCode(kernel.key));
    const range = rangeOf(kernel);
    const tags = (): string[] =>
      [...test.headers.subarray(0, test.count)].map((place) => tagText(test.words[place + 1]!));
    expect(test.isWhole(range)).toBe(true);
    expect(tags()).toEqual(['Aaaa', 'Bbbb', 'Cccc', 'Dddd', 'Page', 'Eeee', 'Ffff', 'Gggg']);
    expect(test.bare).toBe(1);
    kernel.memory.unmap(subsegment + 0x3000n);
    expect([test.isWhole(range), test.holes]).toEqual([true, 2]);
    for (const [at, bit] of [
      [chunks[3]!.address, 20],
      [chunks[3]!.address, 65],
      [chunks[3]!.block, 17],
      [chunks[3]!.block, 2],
      [chunks[3]!.block, 24],
      [subsegment + 0x20n, 2],
    ] as const) {
      kernel.flip(at, bit);
      expect(test.isWhole(range)).toBe(false);
      kernel.flip(at, bit);
    }
    kernel.memory.unmap(subsegment);
    expect(test.isWhole(range)).toBe(false);
  });

  it('SH-28: agrees with the reader about whatever was changed', () => {
    const { kernel } = plant();
    const test = new VsRangeTest(kernel.memory, new VsCode(kernel.key));
    fc.assert(
      fc.property(fc.nat({ max: 0x5fff }), fc.nat({ max: 7 }), (offset, bit) => {
        kernel.flip(subsegment + BigInt(offset), bit);
        const verdicts = new Set<string>();
        for (let va = subsegment; va < subsegment + 0x1_0000n; va += 0x1000n)
          verdicts.add(pageAt(kernel, va).verdict);
        if (test.isWhole(rangeOf(kernel))) expect([...verdicts]).toEqual(['whole']);
        kernel.flip(subsegment + BigInt(offset), bit);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whatever bytes are there', () => {
  const page = fc.uint8Array({ minLength: 0x100, maxLength: 0x100 });

  it('SH-22: a subsegment is read, and its chunks lie in it and do not overlap', () => {
    fc.assert(
      fc.property(
        fc.array(page, { minLength: 4, maxLength: 4 }),
        fc.nat({ max: 0xffff }),
        fc.boolean(),
        (parts, at, keepHeader) => {
          const { kernel } = plant();
          parts.forEach((part, index) =>
            part.forEach((byte, offset) => {
              const place = (at + index * 0x1111 + offset) & 0xffff;
              if (!keepHeader || place >= 0x30) kernel.memory.write(subsegment + BigInt(place), byte, 1);
            }),
          );
          const found = read(kernel);
          let end = found.address + 0x30n;
          for (const { address, size } of found.chunks) {
            if (size === 0) continue;
            expect(address >= end).toBe(true);
            end = address + 0x20n;
          }
          for (let va = subsegment; va < subsegment + 0x1_1000n; va += 0x1000n) {
            const { verdict, problems } = pageAt(kernel, va);
            if (verdict === 'whole') expect(problems).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('SH-22: one bit anywhere in a header is told, or changes nothing that is looked at', () => {
    const { kernel, chunks } = plant();
    const test = new VsTest(new VsCode(kernel.key));
    fc.assert(
      fc.property(fc.nat({ max: plan.length - 1 }), fc.nat({ max: 63 }), (index, bit) => {
        const { address } = chunks[index]!;
        kernel.flip(address, bit);
        const found = read(kernel);
        const isSeen = bit >= 16 && bit < 56;
        expect(found.problems.length > 0).toBe(isSeen);
        expect(test.walk(found.memory, 0x1000)).toBe(!isSeen);
        if (isSeen) expect(found.bitErrors).toContainEqual(expect.objectContaining({ at: address, bit }));
        kernel.flip(address, bit);
      }),
      { numRuns: 150 },
    );
  });
});
