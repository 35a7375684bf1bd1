import {
  BufferSource,
  CensusFlag,
  CensusPage,
  CensusPart,
  type CensusTaker,
  openSession,
  runToEnd,
  takeCensus,
} from '@poolscope/engine';
import {
  buildMachine,
  dumpBytes,
  heapScenarios,
  type Machine,
  playScenario,
  RunningMachine,
  scenarios,
} from '@poolscope/lab';
import { beforeAll, describe, expect, it } from 'vitest';
import { machineWithPool } from './planted-pool.ts';

interface Told {
  readonly address: bigint;
  readonly size: number;
  readonly tag: number;
  readonly what: CensusPart;
  readonly flags: number;
}

/** Keeps all that a census tells. */
class Everything implements CensusTaker {
  readonly pages = new Map<bigint, { readonly pool: string; readonly what: CensusPage }>();
  readonly parts: Told[] = [];
  readonly most: number;
  #page = 0n;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  get isFull(): boolean {
    return this.pages.size >= this.most;
  }

  page(page: number, pool: string, what: CensusPage): void {
    this.#page = BigInt(page) << 12n;
    if (this.pages.has(this.#page)) throw new Error(`page ${this.#page.toString(16)} is told twice`);
    this.pages.set(this.#page, { pool, what });
  }

  part(offset: number, size: number, tag: number, what: CensusPart, flags: number): void {
    this.parts.push({ address: this.#page + BigInt(offset), size, tag, what, flags });
  }

  /** Parts that begin where they are told. */
  get begun(): Told[] {
    return this.parts.filter(({ flags }) => (flags & CensusFlag.continued) === 0);
  }

  pagesOf(what: CensusPage): bigint[] {
    return [...this.pages].filter(([, page]) => page.what === what).map(([address]) => address);
  }
}

async function census(machine: Machine, most?: number) {
  const { system } = await openSession(new BufferSource(dumpBytes(machine, { type: 'full' })));
  const taker = new Everything(most);
  return { taker, end: runToEnd(takeCensus(system, taker)) };
}

const stateOf = {
  allocated: CensusPart.allocated,
  free: CensusPart.free,
  lookaside: CensusPart.lookaside,
  deferred: CensusPart.deferred,
} as const;

const line = (...parts: readonly (string | number)[]): string => parts.join(' ');

describe.each([
  ['x64', 7601],
  ['x64', 9200],
  ['x86', 7601],
] as const)('classic pool of %s %d', (architecture, build) => {
  const { machine, truth } = machineWithPool({ architecture, build }, 600);
  let told: Awaited<ReturnType<typeof census>>;
  beforeAll(async () => {
    told = await census(machine);
  });

  it('every block is told with its size and state, and nothing else', () => {
    const pages = new Set(truth.blocks.map(({ header }) => header >> 12n));
    const found = told.taker.begun.filter(
      ({ address, what }) => pages.has(address >> 12n) && what <= CensusPart.aside,
    );
    expect(truth.blocks.length).toBeGreaterThan(300);
    expect(found.map(({ address, size, what }) => line(address.toString(16), size, what)).sort()).toEqual(
      truth.blocks.map(({ header, size, state }) => line(header.toString(16), size, stateOf[state])).sort(),
    );
  });

  it('blocks in use have their tags', () => {
    const tags = new Map(told.taker.begun.map(({ address, tag }) => [address, tag]));
    const used = truth.blocks.filter(({ state }) => state === 'allocated');
    expect(used.map(({ header }) => tags.get(header))).toEqual(used.map(({ tag }) => tag! & 0x7fff_ffff));
  });

  it('pages of large allocations are told each, with the tag of the whole', () => {
    for (const { address, bytes, tag } of truth.bigAllocations) {
      const parts = told.taker.parts.filter(
        (part) => part.address >= address && part.address < address + BigInt(bytes),
      );
      const own = parts.filter((part) => part.address % 0x1000n === 0n);
      expect(own).toHaveLength(Math.ceil(bytes / 0x1000));
      expect(new Set(own.map((part) => part.tag))).toEqual(new Set([tag & 0x7fff_ffff]));
      expect(own.find(({ flags }) => (flags & CensusFlag.continued) === 0)!.size).toBe(bytes);
    }
    expect(truth.bigAllocations.length).toBeGreaterThan(3);
  });

  it('ends where the taker has enough', async () => {
    const { taker } = await census(machine, 5);
    expect(taker.pages.size).toBe(5);
  });
});

it('the damaged page of a machine has its damage as a part of its own', async () => {
  const { pool, ...machine } = buildMachine({ build: 9200 });
  const { taker } = await census(machine);
  expect(taker.pagesOf(CensusPage.damaged)).toContain(pool.block & ~0xfffn);
  const damage = taker.parts.filter(({ what }) => what === CensusPart.damage);
  expect(damage.map(({ address }) => address)).toContain(pool.victim);
});

describe.each([19_041, 22_000])('heaps of build %d', (build) => {
  it('every block is told with its size and state, and every allocation of whole pages', async () => {
    const running = new RunningMachine({ build, memoryPages: 0x4000 });
    running.populate(build);
    expect(() => running.systemThread('nt!KeBugCheckEx', 0xe2n)).toThrow('stopped with a bug check');
    const truth = running.pool.truth();
    const { taker, end } = await census(running.finish());
    expect(end).toMatchObject({ notes: [], cut: undefined });
    const small = taker.begun.filter(({ address }) => {
      const page = taker.pages.get(address & ~0xfffn)!;
      return page.what === CensusPage.whole;
    });
    const headers = new Set(truth.blocks.map(({ header }) => header));
    const told = small.map(({ address, size, what }) =>
      line(address.toString(16), headers.has(address) ? size : 0, what),
    );
    // Allocations of whole pages without a header, in chunks of their own.
    const bare = truth.bigAllocations.filter(({ allocator }) => allocator === 'vs');
    expect(bare.length).toBeGreaterThan(0);
    expect(told.sort()).toEqual(
      [
        ...truth.blocks.map(({ header, size, state }) => line(header.toString(16), size, stateOf[state])),
        ...bare.map(({ address }) => line(address.toString(16), 0, CensusPart.allocated)),
      ].sort(),
    );
    const begun = new Map(taker.begun.map((part) => [part.address, part]));
    for (const { address, tag, bytes } of truth.bigAllocations) {
      expect(begun.get(address)).toMatchObject({ tag: tag & 0x7fff_ffff, what: CensusPart.allocated });
      const isBare = bare.some((each) => each.address === address);
      const last = taker.pages.get((address + BigInt(bytes - 1)) & ~0xfffn)!;
      expect(last.what).toBe(isBare ? CensusPage.whole : CensusPage.large);
    }
  });
});

it('a slot whose header was written over is one part with damage, and hides none of its neighbours', async () => {
  const machine = playScenario(heapScenarios.find(({ name }) => name === 'slot-overrun')!);
  const { taker } = await census(machine);
  const [page] = taker.pagesOf(CensusPage.damaged);
  const parts = taker.parts.filter(({ address }) => address >> 12n === page! >> 12n);
  const victim = machine.truth.scenario!.victims![0]!.address;
  expect(
    parts.filter(({ flags }) => (flags & CensusFlag.damaged) !== 0).map(({ address }) => address),
  ).toEqual([victim]);
  for (const [index, { address, size }] of parts.entries())
    expect(parts[index + 1] === undefined || address + BigInt(size) <= parts[index + 1]!.address).toBe(true);
});

describe('special pool', () => {
  const play = (name: string): Machine => playScenario(scenarios.find((each) => each.name === name)!);

  it('has the block of the article, what is around it, and its guard page', async () => {
    const { taker } = await census(play('article-2'));
    const page = 0xfffff9800b5fe000n;
    expect(taker.pages.get(page)).toEqual({ pool: 'special', what: CensusPage.special });
    expect(taker.pages.get(page + 0x1000n)?.what).toBe(CensusPage.guard);
    const block = taker.begun.find(({ address }) => address === page + 0x800n);
    expect(block).toMatchObject({ size: 0x800, what: CensusPart.allocated, flags: 0 });
    expect(
      taker.parts.some(({ address, what }) => address >> 12n === page >> 12n && what === CensusPart.slop),
    ).toBe(true);
  });

  it('has the page without memory that was written after its free', async () => {
    const machine = play('special-write-after-free');
    const { taker } = await census(machine);
    const { block } = machine.truth.scenario!;
    expect(taker.pages.get(block!.address & ~0xfffn)).toEqual({
      pool: 'special',
      what: CensusPage.freed,
    });
  });

  it('shows which slop bytes were written', async () => {
    const { taker } = await census(play('special-slop-overrun'));
    const changed = taker.parts.filter(({ what }) => what === CensusPart.changed);
    expect(changed.length).toBeGreaterThan(0);
    const pages = new Set(changed.map(({ address }) => address >> 12n));
    for (const page of pages) expect(taker.pages.get(page << 12n)?.what).toBe(CensusPage.special);
  });
});
