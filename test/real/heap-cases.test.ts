/**
 * Pages of the segment heap that logs of real crashes print: rebuilt out of their own `!pool` lines, with a key that gives the
 * bytes which the debugger shows for the tag of a free chunk, and compared with what is printed here, word by word.
 */
import { describe, expect, it } from 'vitest';
import { heapPageLines } from '../../packages/engine/src/commands/heap-page-lines.ts';
import { type Console, lineText } from '../../packages/engine/src/commands/index.ts';
import { runToEnd } from '../../packages/engine/src/memory/index.ts';
import {
  builtInOwners,
  describeHeap,
  readHeapFailure,
  readHeapLists,
  type SearchedKernel,
} from '../../packages/engine/src/pool/index.ts';
import { type PlannedChunk, PlantedHeaps } from '../../packages/engine/test/heap-memory.ts';
import { PlantedKernel } from '../../packages/engine/test/planted-kernel.ts';
import { hasShared, sharedText } from '../shared-files.ts';

const log = (name: string): string => sharedText(`logs/pool-cases/${name}`);
const brokenHeap = 'KERNEL_MODE_HEAP_CORRUPTION_0x13a_Misuse_of_RtlZeroMemory_Leading_to_B.md';
const brokenTree = 'KERNEL_SECURITY_CHECK_FAILURE_0x139_Memory_Corruption.md';
const doubleFree = 'BAD_POOL_HEADER_0x19_Double_Freeing_Memory_with_ExFreePoolWithTag.md';

/** What a log prints for the first command of its kind. */
function printed(text: string, command: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.includes(`kd> ${command} `)) + 1;
  expect(from, command).toBeGreaterThan(0);
  return lines.slice(from, lines.indexOf('```', from)).filter((line) => line !== '');
}

interface PrintedBlock {
  readonly address: bigint;
  readonly size: number;
  readonly tag: string;
}

const blocksOf = (lines: readonly string[]): PrintedBlock[] =>
  lines.flatMap((line) => {
    const [, address, size, tag] =
      /^[ *]([\da-f]{16}) size: +([\da-f]+) previous size: +0 +\(\w+\) +\*?(....)/.exec(line) ?? [];
    return address === undefined
      ? []
      : [{ address: BigInt(`0x${address}`), size: Number(`0x${size}`), tag: tag! }];
  });

/** A key with which the header of a free chunk shows as a text; bytes that have no character are points. */
function keyFor({ address, tag }: PrintedBlock, previousSize: number): bigint {
  const byteOf = (character: string): bigint => BigInt(character === '.' ? 1 : character.charCodeAt(0));
  const stored = [...tag].reduce(
    (value, character, index) => value | (byteOf(character) << BigInt(index * 8)),
    0n,
  );
  return ((stored ^ (address >> 32n) ^ BigInt(previousSize / 16)) << 32n) | 0x5566_7788n;
}

const paged = 'PoolNode[0].Heaps[2]';
const words = (line: string): string[] => line.trim().split(/\s+/);

/** A paged heap with a segment that has one subsegment, of these chunks. */
function plant(subsegment: bigint, chunks: readonly PlannedChunk[], key: bigint): SearchedKernel {
  const heap = ((subsegment >> 32n) << 32n) + 0x10_0000n;
  const planted = new PlantedHeaps(22_000, { names: ['*'] }, heap - 0x1_0000n, key);
  planted.addHeap(heap, paged, 0);
  const segment = subsegment & ~0xf_ffffn;
  const index = Number((subsegment - segment) >> 12n);
  const bytes = 0x30 + chunks.reduce((sum, { size }) => sum + size, 0);
  planted.addSegment(segment, [{ index, units: Math.ceil(bytes / 0x1000), type: 'vs' }], 0, heap);
  const free = planted.addSubsegment(subsegment, chunks).filter((chunk) => chunk.free === true);
  planted.addTree(
    free.map(({ address }) => address),
    heap,
  );
  return planted.kernel;
}

/** The lines of the debugger's layout, without those of owners. */
const layoutOf = (lines: readonly string[]): string[][] =>
  lines.filter((line) => /^Pool page|size:/.test(line)).map(words);

/** What `!pool` prints here. */
function shown(kernel: SearchedKernel, va: bigint): string[][] {
  const report = runToEnd(describeHeap(kernel, va));
  const plainText = (at: bigint): string => at.toString(16).padStart(16, '0');
  const { target } = kernel;
  const console = { system: { plainText, target }, memory: target.memory, poolTags: builtInOwners() };
  const display = { contents: false, onlyBlock: false, bare: false };
  return layoutOf(heapPageLines(console as unknown as Console, report, display).map(lineText));
}

describe.skipIf(!hasShared)('pages of real segment heaps', () => {
  it('0x13A: a block that begins the page and the free chunk behind it', () => {
    const lines = printed(log(brokenHeap), '!pool');
    const [block, free] = blocksOf(lines);
    const page = block!.address;
    // A block at the start of a page has its chunk header at the end of the page before.
    const chunk = block!.size + 0x20;
    const chunks = [
      { size: 0x1000 - 0x30 - 0x20, tag: 'Firs' },
      { size: chunk, tag: block!.tag, type: 3 },
      { size: free!.size, free: true },
      { size: 0x70, tag: 'Next', type: 3 },
    ];
    const kernel = plant(page - 0x1000n, chunks, keyFor(free!, chunk));
    expect(shown(kernel, page)).toEqual(layoutOf(lines));
  });

  it('0x19: a free chunk that begins at the end of the page before, and goes on for eight pages', () => {
    const lines = printed(log(doubleFree), '!pool');
    const [free] = blocksOf(lines);
    const subsegment = free!.address & ~0xffffn;
    const before = Number(free!.address - subsegment) - 0x30;
    const chunks = [
      { size: before, bare: true },
      { size: free!.size, free: true },
    ];
    const kernel = plant(subsegment, chunks, keyFor(free!, before));
    expect(shown(kernel, (free!.address & ~0xfffn) + 0x1000n)).toEqual(layoutOf(lines));
  });

  it('0x13A: the stack has the chunk that was in use, which parameter 3 does not', () => {
    const text = log(brokenHeap);
    const numbers = (line: string): bigint[] =>
      [...line.matchAll(/[\da-f]{8}`[\da-f]{8}/g)].map(([word]) => BigInt(`0x${word.replace('`', '')}`));
    const isRow = (line: string): boolean => /^[\da-f]{8}`[\da-f]{8} [\da-f]{8}`[\da-f]{8} {5}:/.test(line);
    const rows = text.split('\n').filter(isRow);
    const parameters = /Bugcheck: 13A \((.*)\)/
      .exec(text)![1]!
      .split(', ')
      .map((each) => BigInt(`0x${each}`));
    const { memory, kernel } = new PlantedKernel('x64', 22_000);
    Object.assign(kernel.target.dump.header, { bugCheckCode: 0x13a, bugCheckParameters: parameters });
    // What a row shows as arguments are the words above the frame of the next row.
    rows.slice(0, -1).forEach((row, index) => {
      const [above] = numbers(rows[index + 1]!);
      memory.map(above!, 0x20);
      numbers(row)
        .slice(2)
        .forEach((word, place) => memory.write(above! + BigInt(place * 8), word, 8));
    });
    const failure = readHeapFailure(kernel, numbers(rows[0]!)[0]!)!;
    expect(failure).toMatchObject({ code: 0x12, isComputed: true });
    expect(failure.heap).toMatchObject({ value: parameters[1]! - 0x140n, isProven: false });
    // The function that reports it got the node and the chunk.
    const [, , node, chunk] = numbers(rows.find((row) => row.includes('RtlpHpHeapHandleError'))!);
    expect(node).toBe(chunk! + 8n);
    expect(failure.chunks.map((each) => each.chunk)).toEqual([chunk]);
  });

  it('0x139, 1D: the node that is taken out of the tree is whole, and its right child is what was written', () => {
    const text = log(brokenTree);
    const row = text.split('\n').find((line) => line.includes('nt!KiRaiseSecurityCheckFailure+'))!;
    const numbers = [...row.matchAll(/[\da-f]{8}`[\da-f]{8}/g)].map(([word]) => word.replace('`', ''));
    // What it got: the chunk behind, the units of the freed one, the subsegment, and the freed one.
    const [next, units, subsegment, freed] = numbers.slice(2).map((word) => BigInt(`0x${word}`));
    expect(freed! + units! * 16n).toBe(next);
    expect(text).toContain(`dt nt!_RTL_BALANCED_NODE ${(next! + 8n).toString(16)}`);
    const printed = (name: string): bigint =>
      BigInt(
        `0x${new RegExp(`\\+0x0\\d\\d ${name} +: 0x([\\da-f\`]+)`).exec(text)![1]!.replaceAll('`', '')}`,
      );
    const [child, pattern] = [printed('Right'), printed('Left')];
    expect(pattern).toBe(0x4141_4141_4141_4141n);
    const made = (isWritten: boolean): PlantedHeaps => {
      const heap = 0xffff_8005_ef60_0000n;
      const planted = new PlantedHeaps(22_000, { names: ['*'] }, heap - 0x1_0000n);
      planted.addHeap(heap, paged, 0);
      const add = (at: bigint, chunks: readonly PlannedChunk[]): void => {
        const segment = at & ~0xf_ffffn;
        const range = { index: Number((at - segment) >> 12n), units: 16, type: 'vs' } as const;
        planted.addSegment(segment, [range], 0, heap);
        planted.addSubsegment(at, chunks);
      };
      const room = (from: bigint, to: bigint): PlannedChunk => ({ size: Number(to - from), bare: true });
      const tail = { size: 0x100, tag: 'Next', type: 3 };
      const free = (size: number): PlannedChunk => ({ size, free: true });
      add(subsegment!, [room(subsegment! + 0x30n, freed!), room(freed!, next!), free(0x3c0), tail]);
      const other = (child & ~0xffffn) + 0x2000n;
      add(other, [room(other + 0x30n, child - 8n), free(0x420), tail]);
      planted.addTree([next!], heap);
      planted.pointer(next! + 0x10n, child);
      planted.pointer(child + 0x10n, next! + 8n);
      for (let word = -8n; isWritten && word < 0x18n; word += 8n)
        planted.memory.write(child + word, pattern, 8);
      return planted;
    };
    const pagesOf = ({ kernel }: PlantedHeaps) =>
      [next!, child].map((va) => runToEnd(describeHeap(kernel, va)).page);
    expect(pagesOf(made(false)).map(({ verdict }) => verdict)).toEqual(['whole', 'whole']);
    // Where it stopped nothing is wrong: the child is.
    const written = made(true);
    const [own, childs] = pagesOf(written);
    expect([own!.verdict, childs!.verdict]).toEqual(['whole', 'damaged']);
    expect(childs!.unexplained[0]).toMatchObject({ start: child - 8n, reason: 'damaged' });
    const lists = runToEnd(readHeapLists(written.kernel, written.heaps(), childs!.range!.heap));
    expect(lists.problems.some(({ at }) => at >= child && at < child + 0x18n)).toBe(true);
  });
});
