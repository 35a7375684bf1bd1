import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapOfTests } from '../../../test/lfh-memory.ts';
import { PlantedKernel } from '../../../test/planted-kernel.ts';
import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import type { BigAllocation } from '../big-pages.ts';
import {
  cachedBlocks,
  type DynamicLookaside,
  lookasideBucketOf,
  lookasideOf,
  lookasideSizesOf,
  readDynamicLookaside,
} from './dynamic-lookaside.ts';
import { checkLargeAllocation, findLargeAllocation, walkLargeAllocations } from './large-allocations.ts';
import { walkTree } from './rb-tree.ts';

const heap = heapOfTests.address;
const nodes = [0x100n, 0x200n, 0x300n, 0x400n, 0x500n].map((offset) => heap + 0x2000n + offset);
const starts = [1n, 2n, 3n, 4n, 5n].map((index) => 0xffff_8a10_0000_0000n + index * 0x20_0000n);
const tree = heap + 0x48n;

/** A heap with five large allocations of nine pages, of which 0x10 bytes are unused. */
function plantLarge({ encoded = false } = {}) {
  const kernel = new PlantedKernel('x64', 19_041);
  const { memory } = kernel;
  memory.map(heap, 0x4000);
  const mask = encoded ? tree : 0n;
  const link = (at: Va, to: Va) => memory.write(at, to === 0n ? 0n : to ^ mask, 8);
  const set = (index: number, left: number, right: number, parent: number) => {
    const of = (each: number): Va => nodes[each] ?? 0n;
    link(nodes[index]!, of(left));
    link(nodes[index]! + 8n, of(right));
    const above = of(parent);
    memory.write(nodes[index]! + 16n, (above === 0n ? 0n : above ^ mask) | 1n, 8);
    memory.write(nodes[index]! + 0x18n, starts[index]! + 0x10n, 8);
    memory.write(nodes[index]! + 0x20n, 9n << 12n, 8);
    memory.map(starts[index]!, 0x9000);
  };
  set(1, 0, 2, 3);
  set(0, -1, -1, 1);
  set(2, -1, -1, 1);
  set(3, 1, 4, -1);
  set(4, -1, -1, 3);
  link(tree, nodes[3]!);
  memory.write(tree + 8n, nodes[0]! | (encoded ? 1n : 0n), 8);
  const walk = () => {
    const found: Va[] = [];
    const steps = walkLargeAllocations(kernel.kernel, { address: heap });
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return { found, ...step.value };
      found.push(step.value.address);
    }
  };
  return { kernel, memory, walk };
}

describe('the tree of large allocations', () => {
  it.each([false, true])('HG-1: is walked in its order (encoded: %s)', (encoded) => {
    expect(plantLarge({ encoded }).walk()).toEqual({ found: starts, problems: [], missing: [] });
  });

  it('HG-1: gives size, unused bytes and node, and is searched by address', () => {
    const { kernel } = plantLarge();
    const { found } = runToEnd(findLargeAllocation(kernel.kernel, { address: heap }, starts[2]! + 0x8fffn));
    expect(found).toEqual({ address: starts[2], size: 0x9000n, unusedBytes: 0x10, node: nodes[2] });
    expect(runToEnd(findLargeAllocation(kernel.kernel, { address: heap }, starts[2]! + 0x9000n)).found).toBe(
      undefined,
    );
  });

  it('HG-2: a node that does not name its parent is told, and walked', () => {
    const { memory, walk } = plantLarge();
    memory.write(nodes[1]! + 16n, 0x4141_4141_4141_4141n, 8);
    expect(walk()).toMatchObject({
      found: starts,
      problems: [{ rule: 'large-tree', at: nodes[1], found: 0x4141_4141_4141_4140n, expected: nodes[3] }],
    });
  });

  it('HG-3: a circle and a missing node end their branch only', () => {
    const { memory, walk } = plantLarge();
    memory.write(nodes[4]! + 8n, nodes[3]!, 8);
    expect(walk()).toMatchObject({
      found: starts,
      problems: [{ rule: 'large-tree', at: nodes[4], found: nodes[3] }],
    });
    memory.write(nodes[1]! + 8n, heap + 0x9000n, 8);
    const { found, missing } = walk();
    expect(found).toEqual([starts[0], starts[1], starts[3], starts[4]]);
    expect(missing).toEqual([
      `the node at ${(heap + 0x9000n).toString(16)} cannot be read: the bytes are not in this dump`,
    ]);
  });

  it('HG-4: nodes without pages, at no address of pool or out of order are told and left out', () => {
    const { memory, walk } = plantLarge();
    memory.write(nodes[0]! + 0x20n, 0n, 8);
    memory.write(nodes[2]! + 0x18n, starts[0]!, 8);
    memory.write(nodes[4]! + 0x18n, 0x1234n, 8);
    const { found, problems } = walk();
    expect(found).toEqual([starts[1], starts[3]]);
    expect(problems.map(({ rule, at }) => [rule, at])).toEqual([
      ['large-size', nodes[0]],
      ['large-tree', nodes[2]],
      ['large-size', nodes[4]],
    ]);
  });

  it('HG-5: an allocation agrees with its entry in the table and with page tables', () => {
    const { kernel } = plantLarge();
    const one = { address: starts[0]!, size: 0x9000n, unusedBytes: 0x10, node: nodes[0]! };
    const entry = (size: bigint): BigAllocation => ({
      address: starts[0]!,
      size,
      tag: 'Test',
      tagValue: 0x7473_6554,
      pool: undefined,
      entry: 0xffff_8a00_0000_0000n,
    });
    const check = (size: bigint | undefined, isTableWhole = true) =>
      checkLargeAllocation(kernel.kernel, one, {
        big: size === undefined ? undefined : entry(size),
        isTableWhole,
        isPaged: false,
      }).map(({ rule }) => rule);
    expect([check(0x8ff0n), check(0x9000n), check(undefined, false)]).toEqual([[], [], []]);
    expect([check(0x9010n), check(0x8000n), check(undefined)]).toEqual([
      ['large-table'],
      ['large-table'],
      ['large-table'],
    ]);
  });
});

it('HG-6: a tree of any bytes is walked to an end', () => {
  const kernel = new PlantedKernel('x64', 19_041);
  kernel.memory.map(heap, 0x1000);
  const place = fc.nat(0x3f).map((index) => heap + BigInt(index * 0x18));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(0x7f), place), { minLength: 20, maxLength: 100 }), (links) => {
      for (const [slot, to] of links) kernel.memory.write(heap + BigInt(slot * 8), to, 8);
      const seen = [...walkTree(kernel.kernel, heap)].map(({ address }) => address);
      expect(new Set(seen).size).toBe(seen.length);
    }),
    { numRuns: 200 },
  );
});

describe('sizes of dynamic lookasides', () => {
  it('HG-7: lead to their list, and the vectors come out', () => {
    const vectors: [bytes: number, list: number][] = [
      [0x210, 0],
      [0x2f0, 14],
      [0x400, 31],
      [0x410, 32],
      [0x800, 47],
      [0x810, 48],
      [0xf80, 62],
    ];
    for (const [bytes, list] of vectors) expect(lookasideBucketOf(bytes)).toBe(list);
    expect([0x200, 0xf90].map(lookasideBucketOf)).toEqual([undefined, undefined]);
  });

  it('HG-7: of a list are exactly those that lead to it', () => {
    for (let bytes = 0x210; bytes <= 0xf80; bytes += 0x10) {
      const { least, largest } = lookasideSizesOf(lookasideBucketOf(bytes)!)!;
      expect(bytes >= least && bytes <= largest).toBe(true);
    }
    expect([62, 63].map((index) => lookasideSizesOf(index)?.largest)).toEqual([0xf80, undefined]);
  });
});

const lookaside = heap + 0x10000n;
const blocks = [0x20000n, 0x20800n, 0x21000n].map((offset) => heap + offset);

/** A lookaside whose list 14 has three blocks of 0x2F0 bytes. */
function plantLookaside() {
  const kernel = new PlantedKernel('x64', 19_041);
  const { memory } = kernel;
  memory.map(heap, 0x30000);
  kernel.set('_SEGMENT_HEAP', heap, { UserContext: lookaside });
  kernel.set('_RTL_DYNAMIC_LOOKASIDE', lookaside, { EnabledBucketBitmap: 1n << 14n, BucketCount: 64 });
  const list = kernel.member('_RTL_DYNAMIC_LOOKASIDE', lookaside, 'Buckets[14]');
  memory.write(list, 3, 2);
  memory.write(list + 8n, blocks[0]! + 0x10n, 8);
  kernel.set('_RTL_LOOKASIDE', list, { Depth: 40, MaximumDepth: 256, TotalAllocates: 90, AllocateMisses: 7 });
  blocks.forEach((block, index) => {
    memory.write(block, 0x022f_0000, 4);
    memory.write(block + 4n, 0x7473_6554, 4);
    memory.write(block + 0x10n, index === 2 ? 0n : blocks[index + 1]! + 0x10n, 8);
  });
  const read = (): DynamicLookaside => {
    const found = runToEnd(readDynamicLookaside(kernel.kernel, lookaside));
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  return { kernel, memory, list, read };
}

describe('a dynamic lookaside', () => {
  it('HG-8: has the blocks that its links lead to', () => {
    const { kernel, read } = plantLookaside();
    expect(lookasideOf(kernel.kernel, { address: heap })).toBe(lookaside);
    const found = read();
    expect(found.buckets).toHaveLength(63);
    expect(found.buckets[14]).toMatchObject({
      isEnabled: true,
      count: 3,
      depth: 40,
      totalAllocates: 90,
      allocateMisses: 7,
      problems: [],
    });
    expect(found.buckets[14]!.entries.map(({ address }) => address)).toEqual(blocks);
    expect([...cachedBlocks([found])]).toEqual(
      blocks.map((block) => [block, 'lookaside list 14, of blocks up to 0x2f0 bytes']),
    );
  });

  it('HG-9: a block of a size of another list, a wrong count and a wild link are damage', () => {
    const { memory, list, read } = plantLookaside();
    const problems = () => read().buckets[14]!.problems;
    memory.write(blocks[1]! + 2n, 0x30, 1);
    expect(problems()).toEqual([{ rule: 'lookaside-size', at: blocks[1], found: 0x300n, expected: 0x2f0n }]);
    memory.write(blocks[1]! + 2n, 0x2f, 1);
    memory.write(list, 4, 2);
    expect(problems()).toEqual([{ rule: 'lookaside-count', at: list, found: 4n, expected: 3n }]);
    memory.write(blocks[1]! + 0x10n, 0x4141_4141_4141_4141n, 8);
    expect(problems()).toEqual([
      { rule: 'lookaside', at: blocks[1]! + 0x10n, found: 0x4141_4141_4141_4141n },
    ]);
  });

  it('HG-10: a circle ends, and what is missing is said and no damage', () => {
    const { memory, read } = plantLookaside();
    memory.write(blocks[2]! + 0x10n, blocks[1]! + 0x10n, 8);
    expect(read().buckets[14]).toMatchObject({ problems: [{ rule: 'list-cycle', at: blocks[2]! + 0x10n }] });
    memory.unmap(blocks[2]!);
    expect(read().buckets[14]).toMatchObject({ problems: [] });
    expect(read().missing).toEqual([
      `list 14: the block at ${(blocks[2]! + 0x10n).toString(16)} cannot be read`,
    ]);
  });
});
