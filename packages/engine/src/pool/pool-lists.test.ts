import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlantedKernel, type PlantedOptions } from '../../test/planted-kernel.ts';
import { poolPage } from '../../test/pool-page.ts';
import type { Va } from '../base/index.ts';
import { runToEnd } from '../memory/index.ts';
import {
  type DescriptorPlace,
  findLookasides,
  findPoolDescriptors,
  ListBudget,
  lookasideEntries,
  type PoolDescriptor,
  pageKnowledge,
  poolFormat,
  readLookaside,
  readPoolDescriptor,
  readPoolPage,
} from './index.ts';

const builds = [
  ['x86', 2600],
  ['x86', 3790],
  ['x64', 3790],
  ['x86', 6002],
  ['x64', 6002],
  ['x86', 7601],
  ['x64', 7601],
  ['x64', 9200],
  ['x64', 9600],
  ['x64', 10240],
  ['x64', 14393],
  ['x86', 17763],
  ['x64', 17763],
] as const;

/** A kernel with a nonpaged pool, a nonexecutable one where its build has one, and two paged ones. */
class PlantedPool extends PlantedKernel {
  readonly unit: number;
  readonly nonPaged: Va;
  readonly nx: Va | undefined;
  readonly paged: readonly Va[];
  /** Up to Windows 8 bit 0 of the second half marks the form of 16 bytes. */
  readonly #marksForm: boolean;

  constructor(machine: 'x64' | 'x86', build: number, options: PlantedOptions = { names: ['*'] }) {
    super(machine, build, options);
    this.unit = this.pointerSize * 2;
    this.#marksForm = build < 9600;
    const { size } = this.structures.find('_POOL_DESCRIPTOR')!;
    const hasNx = this.structures.offset('_KPRCB', 'PPNxPagedLookasideList') !== undefined;
    this.nonPaged = this.variable('NonPagedPoolDescriptor', size * 2);
    this.nx = hasNx ? this.nonPaged + BigInt(size) : undefined;
    this.paged = [0, 1].map(() => this.allocate(size));
    this.#initialise(this.nonPaged, 0, 0);
    if (this.nx !== undefined) this.#initialise(this.nx, 0x200, 0);
    this.paged.forEach((at, index) => this.#initialise(at, 1, index));
    const table = this.variable('ExpPagedPoolDescriptor', 17 * 8);
    this.paged.forEach((at, index) => this.pointer(table + BigInt(index * this.pointerSize), at));
    this.memory.write(this.variable('ExpNumberOfPagedPools', 4), 1, 4);
    this.pointer(this.variable('PoolVector', 16), this.nonPaged);
  }

  #initialise(at: Va, type: number, index: number): void {
    this.set('_POOL_DESCRIPTOR', at, { PoolType: type, PoolIndex: index });
    const { count } = this.structures.find('_POOL_DESCRIPTOR')!.member('ListHeads')!;
    for (let each = 0; each < count; each++) this.ring(this.head(at, each), []);
  }

  head(descriptor: Va, index: number): Va {
    return this.member('_POOL_DESCRIPTOR', descriptor, 'ListHeads') + BigInt(index * this.unit);
  }

  /** A page of blocks; sizes in units. */
  page(blocks: readonly { readonly units?: number; readonly type: number; readonly tag?: string }[]): Va[] {
    const at = this.allocate(0x1000, 0x1000);
    const planned = blocks.map(({ units, type, tag = 'Test' }) => ({
      tag,
      type,
      ...(units === undefined ? {} : { size: units * this.unit }),
    }));
    const bytes = poolPage(this.pointerSize, at, planned);
    bytes.forEach((byte, index) => this.memory.write(at + BigInt(index), byte, 1));
    let offset = 0;
    return planned.map(({ size }) => {
      const block = at + BigInt(offset);
      offset += size ?? 0;
      return block;
    });
  }

  entry(block: Va): Va {
    return block + BigInt(this.unit);
  }

  list(descriptor: Va, index: number, blocks: readonly Va[]): void {
    this.ring(
      this.head(descriptor, index),
      blocks.map((block) => this.entry(block)),
    );
  }

  /** Links blocks one way from a pointer on. */
  chain(head: Va, blocks: readonly Va[]): void {
    const places = [head, ...blocks.map((block) => this.entry(block))];
    places.forEach((place, index) => {
      const next = blocks[index];
      this.pointer(place, next === undefined ? 0n : this.entry(next));
    });
  }

  /** The same from the head of an interlocked list; in the form of 8 bytes where `short`. */
  slist(head: Va, blocks: readonly Va[], short = false): void {
    const depth = BigInt(blocks.length);
    const first = blocks[0] === undefined ? 0n : this.entry(blocks[0]);
    if (this.pointerSize === 4) {
      this.pointer(head, first);
      this.memory.write(head + 4n, depth | (7n << 16n), 4);
    } else if (short) {
      this.memory.write(head, depth | (5n << 16n) | (((first >> 4n) & ((1n << 39n) - 1n)) << 25n), 8);
      this.memory.write(head + 8n, (first >> 61n) << 61n, 8);
    } else {
      this.memory.write(head, depth | (0x1234_5678_9abcn << 16n), 8);
      this.memory.write(head + 8n, first | (this.#marksForm ? 1n : 0n), 8);
    }
    if (blocks.length > 0) this.chain(this.entry(blocks[0]!), blocks.slice(1));
  }

  descriptors(): readonly DescriptorPlace[] {
    return runToEnd(findPoolDescriptors(this.kernel)).places;
  }

  read(address: Va): PoolDescriptor {
    return runToEnd(
      readPoolDescriptor(this.kernel, this.descriptors().find((place) => place.address === address)!),
    );
  }

  about(block: Va) {
    const page = readPoolPage(this.kernel, block);
    return runToEnd(pageKnowledge(this.kernel, page));
  }
}

describe.each(builds)('the lists of the pool: %s %d', (machine, build) => {
  const pool = new PlantedPool(machine, build);
  const { unit } = pool;
  const blocks = pool.page([
    { units: 4, type: 2 },
    { units: 6, type: 0 },
    { units: 1, type: 0 },
    { units: 6, type: 0 },
    { units: 8, type: 0 },
    { type: 2 },
  ]);
  const [, first, , second, third] = blocks as [Va, Va, Va, Va, Va];
  pool.list(pool.nonPaged, 6, [second, first]);
  pool.list(pool.nonPaged, 8, [third]);

  it('PF-1: descriptors are those that the variables name, the nonexecutable one behind the first', () => {
    const expected = [
      [pool.nonPaged, 'nonpaged', 0],
      ...(pool.nx === undefined ? [] : [[pool.nx, 'nonpaged-nx', 0]]),
      [pool.paged[0], 'paged', 0],
      [pool.paged[1], 'paged', 1],
    ];
    expect(pool.descriptors().map(({ address, use, index }) => [address, use, index])).toEqual(expected);
    const { missing } = runToEnd(findPoolDescriptors(pool.kernel));
    expect(missing).toEqual([]);
  });

  it('PF-1: are found by the variables of nt that point to them, where nothing names them', () => {
    const bare = new PlantedPool(machine, build, {});
    const found = runToEnd(findPoolDescriptors(bare.kernel));
    expect(found.missing).toEqual([]);
    const addresses = [bare.nonPaged, ...(bare.nx === undefined ? [] : [bare.nx]), ...bare.paged];
    expect(new Set(found.places.map(({ address }) => address))).toEqual(new Set(addresses));
    expect(found.places[0]?.from).toContain('lists of free blocks');
  });

  it('PF-2: free blocks are on the list of their size, in the order of the links', () => {
    const { lists } = pool.read(pool.nonPaged);
    expect(lists.map(({ index, blocks: on }) => [index, on.map(({ address }) => address)])).toEqual([
      [6, [second, first]],
      [8, [third]],
    ]);
    expect(lists.every(({ damage, cut }) => damage.length === 0 && cut === undefined)).toBe(true);
    expect(lists[0]?.blocks[0]?.header?.size).toBe(6 * unit);
    expect(pool.read(pool.paged[1]!).lists).toEqual([]);
  });

  it('counters are those of the build', () => {
    const values = {
      RunningAllocs: 100,
      RunningDeAllocs: 40,
      RunningDeallocs: 40,
      PagesAllocated: 9,
      PagesDeallocated: 4,
    };
    pool.set('_POOL_DESCRIPTOR', pool.paged[0]!, { ...values, TotalPages: 5 });
    expect(pool.read(pool.paged[0]!)).toMatchObject({
      poolType: 1,
      poolIndex: 0,
      allocations: 100,
      frees: 40,
      pages: 5n,
    });
  });
});

describe.each([
  ['x86', 2600],
  ['x64', 7601],
  ['x64', 17763],
] as const)('broken lists: %s %d', (machine, build) => {
  const prepare = () => {
    const pool = new PlantedPool(machine, build);
    const [first, second, third, used] = pool.page([
      { units: 6, type: 0 },
      { units: 6, type: 0 },
      { units: 6, type: 0 },
      { type: 2 },
    ]) as [Va, Va, Va, Va];
    pool.list(pool.nonPaged, 6, [first, second, third]);
    const list = () => pool.read(pool.nonPaged).lists[0]!;
    return { pool, first, second, third, used, list, size: BigInt(pool.pointerSize) };
  };

  it('PF-3: a neighbour that leads elsewhere is named, with what was expected', () => {
    const { pool, first, second, third, list, size } = prepare();
    const at = pool.entry(second) + size;
    pool.pointer(at, pool.entry(third));
    expect(list().damage).toEqual([
      { rule: 'back-link', at, found: pool.entry(third), expected: pool.entry(first) },
    ]);
    expect(list().blocks).toHaveLength(3);
    expect(list().cut).toBeUndefined();
  });

  it('PF-3: so is the head that does not lead back to the last entry', () => {
    const { pool, first, third, list, size } = prepare();
    const at = pool.head(pool.nonPaged, 6) + size;
    pool.pointer(at, pool.entry(first));
    expect(list().damage).toEqual([
      { rule: 'back-link', at, found: pool.entry(first), expected: pool.entry(third) },
    ]);
  });

  it('PF-4: an overwritten link ends the walk, and the rest is found from the other end', () => {
    const { pool, first, second, third, list } = prepare();
    pool.pointer(pool.entry(first), 0x4f4f_4f4fn);
    const { damage, blocks, cut } = list();
    expect(damage).toContainEqual({ rule: 'link', at: pool.entry(first), found: 0x4f4f_4f4fn });
    expect(cut).toBeDefined();
    expect(blocks.map(({ address }) => address)).toEqual([first, third, second]);
  });

  it('PF-5: a circle ends, and is damage', () => {
    const { pool, first, second, third, list } = prepare();
    pool.pointer(pool.entry(third), pool.entry(second));
    const { damage, blocks, cut } = list();
    expect(damage).toContainEqual({ rule: 'circle', at: pool.entry(third) });
    expect(cut).toBeDefined();
    expect(blocks.map(({ address }) => address)).toEqual([first, second, third]);
  });

  it('PF-6: a block in use on a list of free ones is damage, and so is one of another size', () => {
    const { pool, first, second, third, used, list } = prepare();
    pool.list(pool.nonPaged, 6, [first, used, second, third]);
    const { unit } = poolFormat(pool.kernel);
    expect(list().damage).toEqual([
      { rule: 'in-use', at: used, found: 2n, expected: 0n },
      { rule: 'size', at: used, found: BigInt(0x1000 - 18 * unit) },
    ]);
  });

  it('what is not in the dump is no damage', () => {
    const { pool, first, second, third, list } = prepare();
    const [other] = pool.page([{ units: 6, type: 0 }, { type: 2 }]) as [Va];
    pool.list(pool.nonPaged, 6, [first, other, second, third]);
    pool.memory.unmap(other);
    const { damage, blocks, cut } = list();
    expect(damage).toEqual([]);
    expect(cut).toContain('cannot be read');
    expect(blocks.map(({ address }) => address)).toEqual([first, other, third, second]);
    expect(blocks[1]?.header).toBeUndefined();
  });
});

describe('what is not known of descriptors', () => {
  it('is said', () => {
    const kernel = new PlantedKernel('x64', 7601);
    const { places, missing } = runToEnd(findPoolDescriptors(kernel.kernel));
    expect(places).toEqual([]);
    expect(missing).toHaveLength(2);
    expect(missing[0]).toContain('no variable of nt looks like one');
    const none = runToEnd(findPoolDescriptors(new PlantedKernel('x64', 19041).kernel));
    expect(none).toEqual({ places: [], missing: ['the layout of POOL_DESCRIPTOR is not known'] });
  });

  it('a variable that holds something else is no descriptor', () => {
    const pool = new PlantedPool('x64', 7601);
    pool.memory.write(pool.nonPaged, 0x1234_5678, 4);
    const { places, missing } = runToEnd(findPoolDescriptors(pool.kernel));
    expect(places.map(({ use }) => use)).toEqual(['paged', 'paged']);
    expect(missing[0]).toContain('or is none');
  });
});

describe.each(builds)('blocks that are put aside: %s %d', (machine, build) => {
  const pool = new PlantedPool(machine, build);
  const isPair =
    pool.structures.find('_KPRCB')!.member('PPNPagedLookasideList')!.structure === '_PP_LOOKASIDE_LIST';
  const aside = pool.structures.find('_GENERAL_LOOKASIDE_POOL') === undefined ? 2 : 4;
  const [busy, first, second, waiting, hidden] = pool.page([
    { units: 3, type: 2 },
    { units: 3, type: aside },
    { units: 3, type: aside },
    { units: 40, type: aside },
    { units: 3, type: aside },
    { type: 2 },
  ]) as [Va, Va, Va, Va, Va];
  const { prcb } = pool.kernel.processors[0]!;
  const member = pool.structures.find('_KPRCB')!.member('PPNPagedLookasideList[2]')!;
  const slot = prcb + BigInt(member.offset);
  const structure = isPair ? '_GENERAL_LOOKASIDE' : '_GENERAL_LOOKASIDE_POOL';
  const own = isPair ? pool.allocate(0x80) : slot;
  if (isPair) {
    pool.pointer(slot, own);
    pool.pointer(slot + BigInt(pool.pointerSize), pool.allocate(0x80));
  }
  pool.set(structure, own, {
    Depth: 8,
    MaximumDepth: 256,
    TotalAllocates: 50,
    AllocateHits: 40,
    Tag: 0x6c6f_6f50,
  });
  pool.set(structure, own, { TotalFrees: 45, FreeHits: 45, Size: 3 * pool.unit, Type: 0 });
  pool.slist(pool.member(structure, own, 'ListHead'), [second, first]);
  pool.chain(pool.member('_POOL_DESCRIPTOR', pool.nonPaged, 'PendingFrees'), [waiting]);
  pool.set('_POOL_DESCRIPTOR', pool.nonPaged, { PendingFreeDepth: 1 });

  it('PF-7: a lookaside list of a processor has its size class, counters and blocks', () => {
    const place = findLookasides(pool.kernel).places.find(({ address }) => address === own)!;
    expect(place).toMatchObject({ kind: 'pool', use: 'nonpaged', units: 3, processor: 0, structure });
    expect(readLookaside(pool.kernel, place)).toMatchObject({
      depth: 2,
      maximum: 8,
      size: 3 * pool.unit,
      allocations: { total: 50, misses: 10 },
      frees: { total: 45, misses: 0 },
      missing: [],
    });
    const { blocks, damage, cut } = lookasideEntries(pool.kernel, place);
    expect({ blocks: blocks.map(({ address }) => address), damage, cut }).toEqual({
      blocks: [second, first],
      damage: [],
      cut: undefined,
    });
  });

  it('PF-8: pending frees are followed from the descriptor', () => {
    const { pendingFrees } = pool.read(pool.nonPaged);
    expect(pendingFrees).toMatchObject({ depth: 1, damage: [], cut: undefined });
    expect(pendingFrees?.blocks.map(({ address }) => address)).toEqual([waiting]);
  });

  it('PF-9: the blocks of a page are told which list they are on', () => {
    const { findings } = pool.about(busy);
    const kinds = new Map(
      findings.map(({ address, kind, on }) => [address, [kind, ...on.map((place) => place.kind)]]),
    );
    expect(kinds.get(first)).toEqual(['listed', 'lookaside']);
    expect(kinds.get(second)).toEqual(['listed', 'lookaside']);
    expect(kinds.get(waiting)).toEqual(['listed', 'pending']);
    expect(kinds.get(hidden)).toEqual(aside === 4 ? ['unlisted'] : undefined);
    expect(kinds.get(busy)).toBeUndefined();
  });
});

describe('heads of interlocked lists', () => {
  it.each([
    ['x64', 3790, true],
    ['x64', 6002, true],
    ['x64', 6002, false],
    ['x64', 7601, true],
    ['x64', 7601, false],
  ] as const)('PF-10: %s %d, the form of 8 bytes: %s', (machine, build, short) => {
    const pool = new PlantedPool(machine, build);
    const [block, other] = pool.page([{ units: 2, type: 4 }, { units: 2, type: 4 }, { type: 2 }]) as [Va, Va];
    const type = pool.structures.find('_GENERAL_LOOKASIDE')!;
    const list = pool.allocate(type.size);
    pool.slist(list, [block, other], short);
    const place = { address: list, kind: 'driver', structure: '_GENERAL_LOOKASIDE' } as const;
    const whole = { ...place, processor: undefined, use: undefined, units: undefined, from: 'test' };
    expect(readLookaside(pool.kernel, whole).depth).toBe(2);
    expect(lookasideEntries(pool.kernel, whole).blocks.map(({ address }) => address)).toEqual([block, other]);
  });

  it('an overwritten one leads nowhere, and an unreadable one is said to be', () => {
    const pool = new PlantedPool('x64', 9600);
    const list = pool.allocate(0x80);
    pool.memory.write(list, 0x4f4f_4f4f_4f4f_4f4fn, 8);
    pool.memory.write(list + 8n, 0x4f4f_4f4f_4f4f_4f4en, 8);
    const place = { address: list, kind: 'driver', structure: '_GENERAL_LOOKASIDE' } as const;
    const whole = { ...place, processor: undefined, use: undefined, units: undefined, from: 'test' };
    expect(lookasideEntries(pool.kernel, whole)).toMatchObject({ blocks: [], damage: [{ rule: 'link' }] });
    const absent = { ...whole, address: 0xffff_f123_0000_0000n };
    expect(lookasideEntries(pool.kernel, absent)).toMatchObject({
      blocks: [],
      cut: 'its head cannot be read',
    });
    expect(readLookaside(pool.kernel, absent)).toMatchObject({ depth: undefined, allocations: undefined });
  });
});

describe('lookaside lists of drivers and of the system', () => {
  it('PF-11: are what their heads link, by symbols; without these only those of processors', () => {
    const plant = (names: readonly string[]) => {
      const pool = new PlantedPool('x64', 7601, { names, told: ['NonPagedPoolDescriptor'] });
      const lists = [0, 1].map(() => pool.allocate(0x80));
      const links = lists.map((list) => pool.member('_GENERAL_LOOKASIDE', list, 'ListEntry'));
      pool.ring(pool.variable('ExNPagedLookasideListHead', 16), links);
      for (const name of ['ExPagedLookasideListHead', 'ExSystemLookasideListHead', 'ExPoolLookasideListHead'])
        pool.ring(pool.variable(name, 16), []);
      return { pool, lists };
    };
    const { pool, lists } = plant(['*']);
    const { places, missing } = findLookasides(pool.kernel);
    expect(places.filter(({ kind }) => kind === 'driver').map(({ address }) => address)).toEqual(lists);
    expect(missing).toEqual([]);
    const bare = findLookasides(plant([]).pool.kernel);
    expect(bare.places.every(({ kind }) => kind === 'pool')).toBe(true);
    expect(bare.missing).toEqual([expect.stringContaining('ExPagedLookasideListHead')]);
  });
});

describe('what the lists say of a page', () => {
  it('PF-9: free blocks on no list, on the wrong one, in use on one, and links to no block', () => {
    const pool = new PlantedPool('x64', 7601);
    const [listed, lost, busy, wrong, tail] = pool.page([
      { units: 5, type: 0 },
      { units: 5, type: 0 },
      { units: 5, type: 2 },
      { units: 5, type: 4 },
      { units: 9, type: 2 },
      { units: 1, type: 0 },
      { type: 2 },
    ]) as [Va, Va, Va, Va, Va];
    pool.list(pool.nonPaged, 5, [listed, busy, wrong, tail + 0x20n]);
    const { findings, gaps } = pool.about(listed);
    expect(findings.map(({ kind, address }) => [kind, address])).toEqual([
      ['listed', listed],
      ['unlisted', lost],
      ['in-use', busy],
      ['wrong-list', wrong],
      ['no-header', tail + 0x20n],
    ]);
    expect(findings[0]?.on).toEqual([
      { kind: 'free-list', name: 'ListHeads[5] of nt!NonPagedPoolDescriptor', address: pool.nonPaged },
    ]);
    expect(gaps).toEqual([]);
  });

  it('PF-12: nothing is said to be on no list where the pool of the page has no descriptor that is known', () => {
    const pool = new PlantedPool('x64', 7601, { told: ['NonPagedPoolDescriptor'] });
    pool.paged.forEach((at) => pool.memory.write(at, 0x77, 4));
    const blocks = pool.page([{ units: 5, type: 3 }, { units: 5, type: 0 }, { type: 3 }]);
    const { findings, gaps } = pool.about(blocks[0]!);
    expect(findings).toEqual([]);
    expect(gaps.join()).toContain('no descriptor of paged pool');
  });
});

describe('lists that all lead into one chain', () => {
  const plant = () => {
    const pool = new PlantedPool('x64', 7601);
    const blocks = Array.from({ length: 3 }, () => {
      const units = Array.from({ length: 42 }, () => ({ units: 6, type: 0 }));
      return pool.page([...units, { type: 2 }]).slice(0, 42);
    }).flat();
    pool.list(pool.nonPaged, 5, blocks);
    const first = pool.entry(blocks[0]!);
    for (let index = 6; index < 40; index++) pool.pointer(pool.head(pool.nonPaged, index), first);
    return pool;
  };

  it('are followed as far as one budget for all of them goes, and those that are cut say so', () => {
    const pool = plant();
    const [place] = pool.descriptors();
    const { lists } = runToEnd(readPoolDescriptor(pool.kernel, place!, new ListBudget(300)));
    expect(lists.reduce((sum, { blocks }) => sum + blocks.length, 0)).toBe(300);
    expect(lists[0]).toMatchObject({ index: 5, cut: undefined });
    expect(lists[0]!.blocks).toHaveLength(126);
    expect(lists.at(-1)).toMatchObject({ blocks: [], cut: 'it is longer than is followed' });
  });

  it('are a gap in what is known of a page', () => {
    const pool = plant();
    const [place] = pool.descriptors();
    const budget = new ListBudget(0);
    const { lists } = runToEnd(readPoolDescriptor(pool.kernel, place!, budget));
    expect(lists.map(({ index }) => index)).toEqual(Array.from({ length: 35 }, (_, index) => index + 5));
    expect(lists.every(({ cut, damage }) => cut !== undefined && damage.length === 0)).toBe(true);
  });
});

describe('readers of lists on any bytes', () => {
  it('end, and throw nothing', () => {
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.integer({ min: 0, max: 0x2000 }).map((offset) => 0xffff_fa80_0100_0000n + BigInt(offset & ~7)),
      fc.constant(0n),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0x2ff), word), { maxLength: 60 }), (changes) => {
        const pool = new PlantedPool('x64', 7601);
        const [first, second] = pool.page([{ units: 6, type: 0 }, { units: 6, type: 0 }, { type: 2 }]) as [
          Va,
          Va,
        ];
        pool.list(pool.nonPaged, 6, [first, second]);
        const { prcb } = pool.kernel.processors[0]!;
        for (const [index, value] of changes) {
          const places = [pool.nonPaged, prcb + 0x880n, first, pool.paged[0]!];
          pool.memory.write(places[index % 4]! + BigInt((index >> 2) * 8), value, 8);
        }
        const descriptors = pool
          .descriptors()
          .map((place) => runToEnd(readPoolDescriptor(pool.kernel, place)));
        expect(descriptors.length).toBeLessThanOrEqual(4);
        for (const place of findLookasides(pool.kernel).places) {
          expect(lookasideEntries(pool.kernel, place).blocks.length).toBeLessThanOrEqual(0x1_0000);
          readLookaside(pool.kernel, place);
        }
        pool.about(first);
      }),
      { numRuns: 60 },
    );
  });
});
