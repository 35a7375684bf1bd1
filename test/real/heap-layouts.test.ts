/**
 * Segment heaps by the public symbols of every build there is: written with the structures of each, and read again, down to chunks
 * with one of them damaged. The tables of the lab and the built-in profiles have no part in it.
 */
import { describe, expect, it } from 'vitest';
import { BufferSource } from '../../packages/engine/src/io/index.ts';
import { IsfFile } from '../../packages/engine/src/isf/index.ts';
import { runToEnd } from '../../packages/engine/src/memory/index.ts';
import {
  describeHeap,
  heapLayout,
  managerLayout,
  readDynamicLookaside,
  readLfhContext,
  readLfhHeader,
  summarizeHeap,
  surveyHeap,
  walkLargeAllocations,
} from '../../packages/engine/src/pool/index.ts';
import { ImageTypes, KernelTypes } from '../../packages/engine/src/types/index.ts';
import { PlantedHeaps } from '../../packages/engine/test/heap-memory.ts';
import { hasShared, sharedBytes, sharedText } from '../shared-files.ts';

const rows = hasShared ? sharedText('symbols/isf/INDEX.tsv').trim().split('\n').slice(1) : [];
const buildOf = (version: string): number => Number(version.split('.')[2]);
/** 17763 has the types beside the classic pool, which it uses. */
const files = rows
  .map((row) => row.split('\t') as [version: string, file: string])
  .filter(([version]) => buildOf(version) >= 18_326);

/** By this build on the heap's contexts begin later. */
const firstOfFamilyB = 20_348;
const start = 0xffff_8a00_1000_0000n;
const segment = 0xffff_8a00_1230_0000n;
const subsegment = segment + 0x4000n;

const read = new Map<string, KernelTypes>();

/** A file is read once: it has megabytes of text. */
function typesOf(file: string): KernelTypes {
  const known = read.get(file);
  if (known !== undefined) return known;
  const isf = new IsfFile(new BufferSource(sharedBytes(`symbols/isf/${file}`)));
  const types = new KernelTypes('x64', new ImageTypes(tableOf(isf), 'types of the file'));
  read.set(file, types);
  return types;
}

function planted(file: string, build: number): PlantedHeaps {
  const kernel = new PlantedHeaps(build, { names: ['*'], types: typesOf(file) }, start);
  kernel.addSegment(segment, [
    { index: 2, units: 2, type: 'user', unused: 0x30 },
    { index: 4, units: 16, type: 'vs' },
  ]);
  Object.assign(kernel.kernel.target.dump, { file: { size: 0x100_0000 } });
  return kernel;
}

const sizeOf = ({ structures }: PlantedHeaps, name: string): number => structures.find(name)!.size;

/** Types by name, as tables of symbols give them. */
const tableOf = ({ types }: IsfFile) => ({
  structure: (name: string) => types.find(name),
  names: () => types.names(),
  enumeration: (name: string) => types.enumeration(name),
});

const chunks = [
  { size: 0x80, tag: 'Abcd' },
  { size: 0x200, free: true },
  { size: 0x100, tag: 'Efgh' },
  { size: 0xffd0 - 0x380, free: true },
];

describe.skipIf(!hasShared)('segment heaps by public symbols', () => {
  it('are those of seven files', () => {
    expect(files.length).toBeGreaterThanOrEqual(7);
  });

  it.each(files)('%s: has all members, and is of the family that it should be of', (version, file) => {
    const { kernel } = planted(file, buildOf(version));
    const layout = heapLayout(kernel);
    expect(layout).toMatchObject({
      family: buildOf(version) < firstOfFamilyB ? 'a' : 'b',
      isExact: true,
      heap: { contextSize: 0xc0 },
      descriptor: { size: 0x20 },
    });
    expect(managerLayout(kernel)).toMatchObject({ heapsCount: 4, mostNodes: 64, nodeSize: 0x20c0 });
    expect(managerLayout(kernel)!.specialCount).toBe(buildOf(version) < 19_041 ? 3 : 4);
  });

  it.each(files)('%s: heaps, keys, ranges and chunks are read back', (version, file) => {
    const heaps = planted(file, buildOf(version));
    const [first, free, third, last] = heaps.addSubsegment(subsegment, chunks);
    heaps.addTree([free!.address, last!.address]);
    const found = heaps.heaps();
    expect(found.heaps.map(({ address, role, signature }) => [address, role, signature])).toEqual([
      [start, 'nonpaged-nx', 'right'],
    ]);
    expect(found.keys.heapKey).toMatchObject({ value: heaps.key });
    expect(summarizeHeap(heaps.kernel, found.heaps[0]!).heap.address).toBe(start);
    const { page, block } = runToEnd(describeHeap(heaps.kernel, third!.block + 0x20n));
    expect([page.verdict, page.range?.kind, block?.tag, block?.size]).toEqual(['whole', 'vs', 'Efgh', 0xf0]);
    expect(page.blocks.map(({ address, state }) => [address, state]).slice(0, 3)).toEqual([
      [first!.block, 'allocated'],
      [free!.address, 'free'],
      [third!.block, 'allocated'],
    ]);
    const user = runToEnd(describeHeap(heaps.kernel, segment + 0x2000n));
    expect([user.page.range?.kind, user.block?.size, user.block?.requested]).toEqual([
      'range',
      0x2000,
      0x2000 - 0x30,
    ]);
  });

  it.each(files)(
    '%s: a chunk header that was overwritten is found by a walk of the heap',
    (version, file) => {
      const heaps = planted(file, buildOf(version));
      const written = heaps.addSubsegment(subsegment, chunks);
      heaps.addTree([written[1]!.address, written[3]!.address]);
      const before = runToEnd(surveyHeap(heaps.kernel, start))!;
      expect(before.ranges.map(({ damagedPages }) => damagedPages).reduce((a, b) => a + b)).toBe(0);
      heaps.fill(written[2]!.address, 8, 0x41);
      const after = runToEnd(surveyHeap(heaps.kernel, start))!;
      expect(after.ranges.map(({ damagedPages }) => damagedPages).reduce((a, b) => a + b)).toBe(1);
    },
  );

  it.each(files)('%s: LFH, large allocations and lookaside lists have all members', (version, file) => {
    const heaps = planted(file, buildOf(version));
    const { kernel } = heaps;
    heaps.memory.map(start, sizeOf(heaps, '_SEGMENT_HEAP'));
    const owner = [
      heaps.allocate(0x100, 0x40),
      heaps.allocate(0x100, 0x40),
      heaps.allocate(0x100, 0x40),
    ] as const;
    const at = heaps.member('_SEGMENT_HEAP', start, 'LfhContext');
    heaps.set('_HEAP_LFH_CONTEXT', at, { 'Config.MaxBlockSize': 0x200, 'Buckets[14]': owner[0] });
    heaps.set('_HEAP_LFH_BUCKET', owner[0], {
      'State.SlotCount': 1,
      AffinitySlots: owner[1],
      TotalBlockCount: 9,
    });
    heaps.pointer(owner[1], owner[2]);
    const context = readLfhContext(kernel, { address: start });
    const [bucket] = typeof context === 'string' ? [] : context.buckets;
    expect(context).toMatchObject({ largest: 0x200, missing: [] });
    expect(bucket).toMatchObject({
      index: 14,
      blockSize: 0xe0,
      totalBlocks: 9,
      slots: [{ address: owner[2] }],
    });
    heaps.memory.map(subsegment, 0x1000);
    expect(readLfhHeader(kernel, subsegment)).toMatchObject({ address: subsegment, wordBytes: 8 });
    const large = runToEnd(walkLargeAllocations(kernel, { address: start }));
    expect(large.missing).toEqual([]);
    const lists = heaps.allocate(0x1000, 0x40);
    expect(runToEnd(readDynamicLookaside(kernel, lists))).toMatchObject({ missing: [] });
  });

  it.each(files)('%s: the session of a process leads to its heaps', (version, file) => {
    const heaps = planted(file, buildOf(version));
    const place = (name: string): bigint => heaps.allocate(sizeOf(heaps, name), 0x1000);
    const [process, session, state] = ['_EPROCESS', '_MM_SESSION_SPACE', '_EX_HEAP_SESSION_STATE'].map(place);
    const own = 0xffff_d41c_5000_0000n;
    heaps.addHeap(own, '', 0);
    heaps.set('_EPROCESS', process!, { Session: session! });
    heaps.set('_MM_SESSION_SPACE', session!, { HeapState: state! });
    heaps.set('_EX_HEAP_SESSION_STATE', state!, { PagedHeap: own });
    heaps.pointer(state!, heaps.globals);
    Object.assign(heaps.kernel, { process: { address: process } });
    const found = heaps.heaps().heaps.filter(({ role }) => role === 'session');
    expect(found).toMatchObject([{ address: own, isPaged: true, signature: 'right' }]);
  });
});
