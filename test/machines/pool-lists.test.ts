import {
  BufferSource,
  findBigPageTable,
  findLookasides,
  findPoolDescriptors,
  isPlaced,
  lineText,
  lookasideEntries,
  openSession,
  openSymbolFile,
  pageKnowledge,
  readLookaside,
  readPoolDescriptor,
  readPoolPage,
  readPoolTracker,
  runToEnd,
  type Session,
} from '@poolscope/engine';
import { buildMachine, dumpBytes, type Machine } from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { isfBytes, symbolFile } from '../../packages/engine/test/symbol-files.ts';

const builds = [
  ['x64', 7601],
  ['x64', 9200],
  ['x64', 9600],
  ['x64', 14393],
  ['x64', 17763],
  ['x86', 7601],
] as const;

const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : 1);
const sorted = (values: readonly bigint[]): string[] =>
  values.toSorted(byValue).map((value) => value.toString(16));

async function open(machine: Machine, hasSymbols: boolean): Promise<Session['system']> {
  const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
  if (hasSymbols) {
    const nt = machine.truth.modules.find(({ module }) => module === 'nt')!;
    const symbols = Object.fromEntries([...nt.symbols].map(([name, va]) => [name, Number(va - nt.base)]));
    const { source, location } = symbolFile(
      'isf',
      'nt.json',
      isfBytes({ symbols, machine: session.system.machine }),
    );
    session.system.symbols
      .moduleAt(nt.base)
      ?.useTable(openSymbolFile(source, location), { by: 'PDB identity', why: 'it is of this machine' });
  }
  return session.system;
}

const descriptorsOf = (system: Session['system']) =>
  runToEnd(findPoolDescriptors(system)).places.map((place) => runToEnd(readPoolDescriptor(system, place)));

describe.each(builds)('lists of the pool of %s %d', (architecture, build) => {
  const machine = buildMachine({ architecture, build });
  const truth = machine.truth.pool!;
  const unit = architecture === 'x86' ? 8 : 16;
  const inState = (state: string): bigint[] =>
    truth.blocks.filter((block) => block.state === state && block.size > unit).map(({ header }) => header);

  describe.each([
    ['with symbols', true],
    ['without symbols', false],
  ] as const)('%s', (_how, hasSymbols) => {
    let system: Session['system'];
    beforeAll(async () => {
      system = await open(machine, hasSymbols);
    });

    it('descriptors are all found, with their counters', () => {
      const read = descriptorsOf(system);
      const counts = read.map(({ place, allocations, frees, pages, bigPages, bytes }) => ({
        address: place.address,
        kind: place.use,
        allocs: allocations,
        frees,
        pages: Number(pages),
        bigPages: Number(bigPages),
        bytes: Number(bytes),
      }));
      for (const { index: _index, ...expected } of truth.descriptors) expect(counts).toContainEqual(expected);
      expect(counts).toHaveLength(truth.descriptors.length);
    });

    it('PF-2: free lists hold exactly the free blocks, and are whole', () => {
      const lists = descriptorsOf(system).flatMap((descriptor) => descriptor.lists);
      expect(lists.flatMap(({ damage }) => damage)).toEqual([]);
      expect(lists.filter(({ cut }) => cut !== undefined)).toEqual([]);
      expect(sorted(lists.flatMap(({ blocks }) => blocks.map(({ address }) => address)))).toEqual(
        sorted(inState('free')),
      );
      expect(inState('free').length).toBeGreaterThan(10);
    });

    it('PF-8: pending frees are exactly the blocks whose freeing was put off', () => {
      const pending = descriptorsOf(system).map(({ pendingFrees }) => pendingFrees!);
      expect(sorted(pending.flatMap(({ blocks }) => blocks.map(({ address }) => address)))).toEqual(
        sorted(inState('deferred')),
      );
      expect(pending.map(({ depth }) => depth)).toEqual(pending.map(({ blocks }) => blocks.length));
      expect(inState('deferred').length).toBeGreaterThan(0);
    });

    it('PF-7: lookaside lists of the processors hold exactly the blocks that are parked', () => {
      const places = findLookasides(system).places.filter(({ kind }) => kind === 'pool');
      const entries = places.map((place) => lookasideEntries(system, place));
      expect(entries.flatMap(({ damage }) => damage)).toEqual([]);
      expect(sorted(entries.flatMap(({ blocks }) => blocks.map(({ address }) => address)))).toEqual(
        sorted(inState('lookaside')),
      );
      for (const list of truth.lookasides) {
        const place = places.find(({ address }) => address === list.address)!;
        expect(place).toMatchObject({ processor: list.processor, use: list.kind, units: list.size / unit });
        expect(readLookaside(system, place)).toMatchObject({
          depth: list.depth,
          size: list.size,
          tag: Buffer.from('PooL').readUInt32LE(0),
          allocations: { total: list.totalAllocates, misses: list.totalAllocates - list.allocateHits },
          frees: { total: list.totalFrees, misses: list.totalFrees - list.freeHits },
        });
        expect(list.freeHits - list.allocateHits).toBe(list.depth);
      }
      expect(inState('lookaside').length).toBeGreaterThan(0);
    });

    it('PF-14: the account by tag has the sums of the allocator', () => {
      const tracker = runToEnd(readPoolTracker(system));
      expect(tracker).toBeTypeOf('object');
      if (!isPlaced(tracker)) return;
      const { tags, missing } = tracker.value;
      expect(missing).toEqual([]);
      const use = ({ allocations, frees, bytes }: (typeof tags)[number]['paged']) => ({
        allocs: Number(allocations),
        frees: Number(frees),
        bytes: Number(bytes),
      });
      const key = ({ tag }: { readonly tag: number }) => tag;
      // The entry for tags without a place is there from the beginning.
      const counted = tags.filter(({ tag, nonPaged }) => tag !== 'Ovfl' || nonPaged.allocations > 0n);
      const read = counted.map((each) => ({
        tag: each.tagValue,
        nonPaged: use(each.nonPaged),
        paged: use(each.paged),
      }));
      expect(read.toSorted((a, b) => key(a) - key(b))).toEqual(
        truth.tags.toSorted((a, b) => key(a) - key(b)),
      );
    });

    it('PF-13: the table of large allocations is where it is', () => {
      const found = runToEnd(findBigPageTable(system));
      expect(found).toBeTypeOf('object');
      if (!isPlaced(found)) return;
      const { start, count, entries } = found.value;
      const bytes = system.target.readBytes(start, count * entries.size)!;
      const used = Array.from({ length: count }, (_, index) => index).filter(
        (index) => entries.judge(bytes, index) === 'used',
      );
      const addresses = used.map((index) => entries.at(bytes, index, start).address);
      expect(sorted(addresses)).toEqual(sorted(truth.bigAllocations.map(({ address }) => address)));
    });

    it('PF-9: on no page is a block on another list than its header says', () => {
      const pages = new Set(truth.blocks.map(({ header }) => header & ~0xfffn));
      const kinds = [...pages].flatMap((page) =>
        runToEnd(pageKnowledge(system, readPoolPage(system, page))).findings.map(({ kind }) => kind),
      );
      const onLists = inState('free').length + inState('deferred').length + inState('lookaside').length;
      expect(kinds.filter((kind) => kind !== 'listed')).toEqual([]);
      expect(kinds).toHaveLength(onLists);
    });
  });
});

describe('lists that a driver damaged', () => {
  const unit = 16;
  const damaged = async (change: (machine: Machine, free: readonly bigint[]) => void) => {
    const machine = buildMachine({ build: 7601 });
    const free = machine.truth.pool!.blocks.filter(({ state, size }) => state === 'free' && size > unit);
    const before = free.map(({ header }) => header);
    change(machine, before);
    const session = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
    const printed = (line: string): string[] => {
      const lines: string[] = [];
      const run = session.run(line);
      for (let step = run.next(); step.done !== true; step = run.next())
        if (step.value.kind === 'lines') lines.push(...step.value.lines.map(lineText));
      return lines;
    };
    return { system: session.system, printed, free: before };
  };
  const bytesOf = (value: bigint): Uint8Array => new Uint8Array(new BigUint64Array([value]).buffer);

  it('PF-4: an overwritten link is found in its list, which goes on from the other end', async () => {
    const { system, free } = await damaged(({ space }, [first]) =>
      space.write(first! + BigInt(unit), bytesOf(0x4f4f_4f4f_4f4f_4f4fn)),
    );
    const lists = descriptorsOf(system).flatMap((descriptor) => descriptor.lists);
    const wrong = lists.flatMap(({ damage }) => damage).filter(({ rule }) => rule === 'link');
    expect(wrong).toEqual([{ rule: 'link', at: free[0]! + BigInt(unit), found: 0x4f4f_4f4f_4f4f_4f4fn }]);
    expect(sorted(lists.flatMap(({ blocks }) => blocks.map(({ address }) => address)))).toEqual(sorted(free));
  });

  it('PF-9: a block in use that a list leads to is named by !pool', async () => {
    const { printed, free } = await damaged(({ space }, [first]) =>
      space.write(first! + 3n, Uint8Array.of(3)),
    );
    const lines = printed(`!pool ${free[0]!.toString(16)} 2`);
    expect(lines.join('\n')).toMatch(
      /is in use by its header, and ListHeads\[\d+\] of nt!\w+(\[\d\])? leads to it/,
    );
  });

  it('PF-9: a free block that was taken off its list is named by !pool', async () => {
    const { printed, free } = await damaged(({ space }, [first]) => {
      const entry = first! + BigInt(unit);
      const [next, last] = new BigUint64Array(space.read(entry, 16).slice().buffer);
      space.write(last!, bytesOf(next!));
      space.write(next! + 8n, bytesOf(last!));
    });
    const lines = printed(`!pool ${free[0]!.toString(16)} 2`);
    expect(lines.join('\n')).toContain(
      `${free[0]!.toString(16)} is free by its header, and on no list of free blocks.`,
    );
  });
});
