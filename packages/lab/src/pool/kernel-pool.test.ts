import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PoolBuild, type PoolMachine, poolBuilds, poolMachine } from '../../test/pool-machine.ts';
import { poolComplaints } from '../../test/pool-walk.ts';
import { PoolType } from './pool-type.ts';

type Step =
  | { readonly kind: 'allocate'; readonly type: number; readonly bytes: number; readonly tag: string }
  | { readonly kind: 'charge'; readonly type: number; readonly bytes: number; readonly tag: string }
  | { readonly kind: 'free'; readonly which: number; readonly named: boolean }
  | { readonly kind: 'drain' };

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 0x200 }),
  fc.integer({ min: 0x200, max: 0xff0 }),
  fc.integer({ min: 0xfe0, max: 0x3400 }),
);
const request = {
  type: fc.constantFrom(0, 1, 4, 5, PoolType.PagedPoolSession, PoolType.NonPagedPoolNx),
  bytes: sizes,
  tag: fc.constantFrom('File', 'Even', 'Irp ', 'MmSt', 'Ntf\u00f8'),
};
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('allocate' as const), ...request }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('charge' as const), ...request }) },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('free' as const),
        which: fc.nat(),
        named: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
  ),
  { maxLength: 150 },
);

interface Live {
  readonly address: bigint;
  readonly bytes: number;
  readonly tag: string;
  readonly fill: number;
}

/** Top bit of the tag: free only with it. */
const isProtected = (tag: string): boolean => tag.charCodeAt(3) >= 0x80;

/** Does what a list of steps says, fills every block and looks after it when it is freed. */
function run({ pool, space, process }: PoolMachine, list: readonly Step[]): Live[] {
  const live: Live[] = [];
  for (const [index, step] of list.entries()) {
    const caller = { processor: index % 2, irql: 0 };
    if (step.kind === 'drain') pool.drainDeferred();
    else if (step.kind === 'free') {
      const [block] = live.splice(step.which % Math.max(1, live.length), 1);
      if (block === undefined) continue;
      const bytes = space.read(block.address, block.bytes);
      expect(bytes.every((byte) => byte === block.fill)).toBe(true);
      pool.free(block.address, step.named || isProtected(block.tag) ? block.tag : 0, caller);
    } else {
      const address =
        step.kind === 'charge'
          ? pool.allocateWithQuota(step.type, step.bytes, step.tag, process, caller)
          : pool.allocate(step.type, step.bytes, step.tag, caller);
      expect(address).not.toBe(0n);
      const block = { address, bytes: step.bytes, tag: step.tag, fill: (index % 255) + 1 };
      space.write(address, new Uint8Array(step.bytes).fill(block.fill));
      live.push(block);
    }
  }
  return live;
}

const byAddress = (a: bigint, b: bigint): number => (a < b ? -1 : 1);

const each = describe.each(poolBuilds.map((build) => ({ build })));

each('KernelPool of $build', ({ build }) => {
  it('keeps every page, list, lookaside and counter true', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (list, delaysFrees) => {
        const machine = poolMachine(build, { delaysFrees });
        run(machine, list);
        expect(poolComplaints(machine)).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('knows exactly what was given out', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const machine = poolMachine(build);
        const live = run(machine, list);
        const { blocks, bigAllocations } = machine.pool.truth();
        const own = new Set(['Frag', 'Pool'].map((tag) => Buffer.from(tag).readUInt32LE(0)));
        const given = [
          ...blocks.filter(({ state, tag }) => state === 'allocated' && !own.has(tag!)),
          ...bigAllocations.filter(({ tag }) => !own.has(tag)),
        ].map(({ address }) => address);
        expect(given.toSorted(byAddress)).toEqual(live.map(({ address }) => address).toSorted(byAddress));
      }),
      { numRuns: 8 },
    );
  });

  it('notices a second free and a header that the block in front wrote over', () => {
    fc.assert(
      fc.property(steps, fc.nat(), fc.integer({ min: 1, max: 0xff }), (list, which, change) => {
        const machine = poolMachine(build);
        const { pool, space } = machine;
        const { unit } = pool.generation;
        const live = run(machine, list).filter(
          ({ bytes, address }) => bytes < 0xe00 && address % 4096n !== 0n,
        );
        const [first, second] = [live[which % live.length], live[(which + 1) % live.length]];
        if (first === undefined || second === undefined || first === second) return;
        pool.free(first.address, first.tag);
        expect(() => pool.free(first.address, first.tag)).toThrow(/^bug check c2 \{7, /);
        const { size } = pool.truth().blocks.find(({ address }) => address === second.address)!;
        const next = second.address - BigInt(unit) + BigInt(size);
        if (next % 4096n === 0n) return;
        space.write(next, Uint8Array.of(space.read(next, 1)[0]! ^ change));
        expect(() => pool.free(second.address, second.tag)).toThrow(/^bug check 19 \{20, /);
      }),
      { numRuns: 20 },
    );
  });

  it('gives all pages back when everything is freed', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const machine = poolMachine(build, { lookasideDepth: 0 });
        const before = machine.pool.truth();
        for (const { address, tag } of run(machine, list)) machine.pool.free(address, tag);
        machine.pool.drainDeferred();
        const after = machine.pool.truth();
        expect(after.blocks).toEqual([]);
        expect(after.bigAllocations).toHaveLength(before.bigAllocations.length);
        for (const { pages } of after.descriptors) expect(pages).toBe(0);
      }),
      { numRuns: 8 },
    );
  });
});

const win7: PoolBuild = ['x64', 7601];

describe('blocks of a page', () => {
  it('gives the front of a new page and then the ends of what is left', () => {
    const { pool } = poolMachine(win7);
    const [first, second, third] = [0x300, 0x400, 0x300].map((bytes) => pool.allocate(0, bytes, 'Test'));
    const page = first! & ~0xfffn;
    expect(first! - page).toBe(0x10n);
    expect(second! - page).toBe(0x1000n - 0x410n + 0x10n);
    expect(third! - page).toBe(0x1000n - 0x410n - 0x310n + 0x10n);
  });

  it('puts a freed block in front, and what a split leaves at the end of its list', () => {
    const { pool } = poolMachine(win7, { delaysFrees: false });
    const blocks = Array.from({ length: 6 }, () => pool.allocate(0, 0x280, 'Test'));
    pool.free(blocks[2]!);
    pool.free(blocks[4]!);
    expect(pool.allocate(0, 0x280, 'Test')).toBe(blocks[4]);
    expect(pool.allocate(0, 0x280, 'Test')).toBe(blocks[2]);
  });

  it('leaves one unit on no list', () => {
    const machine = poolMachine(win7);
    machine.pool.allocate(0, 0xfe0, 'Test');
    expect(poolComplaints(machine)).toEqual([]);
    const free = machine.pool.truth().blocks.filter(({ state }) => state === 'free');
    expect(free.map(({ size }) => size)).toEqual([0x10]);
  });
});

describe('the tracker', () => {
  it('counts tags without a place of their own together', () => {
    const { pool } = poolMachine(win7, { trackerEntries: 16, lookasideDepth: 0 });
    const tagOf = (index: number): string => `T${index.toString().padStart(3, '0')}`;
    const blocks = Array.from({ length: 40 }, (_, index) => pool.allocate(1, 0x30, tagOf(index)));
    const paged = () => pool.truth().tags.filter(({ tag }) => tag !== 0x6c6f_6f50);
    const overflow = () => paged().find(({ tag }) => tag === 0x6c66_764f)?.paged;
    const total = () => paged().reduce((sum, { paged: { bytes } }) => sum + bytes, 0);
    expect(total()).toBe(40 * 0x40);
    expect(overflow()!.allocs).toBeGreaterThanOrEqual(24);
    for (const [index, block] of blocks.entries()) pool.free(block, tagOf(index));
    expect(total()).toBe(0);
    expect(overflow()!.frees).toBe(overflow()!.allocs);
  });
});
