import { describe, expect, it } from 'vitest';
import { type PoolBuild, type PoolMachine, poolMachine } from '../../test/pool-machine.ts';
import { PoolBugCheck, PoolFault } from './pool-fault.ts';
import { PoolType } from './pool-type.ts';

const win7: PoolBuild = ['x64', 7601];
const win8: PoolBuild = ['x64', 9200];
const win10: PoolBuild = ['x64', 17763];
const win7x86: PoolBuild = ['x86', 7601];

const test = 0x7473_6554n;

/** What an operation throws. */
function thrown(action: () => unknown): PoolBugCheck | PoolFault {
  try {
    action();
  } catch (error) {
    if (error instanceof PoolBugCheck || error instanceof PoolFault) return error;
    throw error;
  }
  throw new Error('nothing was noticed');
}

function bugCheck(action: () => unknown): (number | bigint)[] {
  const error = thrown(action);
  if (!(error instanceof PoolBugCheck)) throw error;
  return [error.code, ...error.parameters];
}

function fault(action: () => unknown): PoolFault {
  const error = thrown(action);
  if (!(error instanceof PoolFault)) throw error;
  return error;
}

const u32 = (machine: PoolMachine, va: bigint): bigint =>
  BigInt(new DataView(machine.space.read(va, 4).buffer).getUint32(0, true));

function write64(machine: PoolMachine, va: bigint, value: bigint): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  machine.space.write(va, bytes);
}

const text = (letter: string, count: number): Uint8Array => new Uint8Array(count).fill(letter.charCodeAt(0));

describe('a block that is freed twice', () => {
  it.each([
    [win7, 0x109bn],
    [win8, 0x11c1n],
    [win7x86, 0x109bn],
  ])('of %s stops the machine while it waits for its free', (build, id) => {
    const machine = poolMachine(build);
    const block = machine.pool.allocate(0, 0x800, 'Test');
    machine.pool.free(block);
    const word = u32(machine, block - BigInt(machine.pool.generation.unit));
    expect(bugCheck(() => machine.pool.free(block))).toEqual([0xc2, 7n, id, word, block]);
    expect(machine.pool.truth().blocks.find(({ address }) => address === block)?.state).toBe('deferred');
  });

  it('is noticed on a lookaside, on a list and inside a larger free block', () => {
    const machine = poolMachine(win8, { delaysFrees: false });
    const [, second, third, small] = [0x280, 0x280, 0x280, 0x40].map((bytes) =>
      machine.pool.allocate(0, bytes, 'Test'),
    );
    for (const block of [third!, second!, small!]) machine.pool.free(block);
    for (const block of [third!, second!, small!])
      expect(bugCheck(() => machine.pool.free(block)).slice(0, 3)).toEqual([0xc2, 7n, 0x11c1n]);
  });

  it('has type 4 and its own sizes in the word that is shown', () => {
    const machine = poolMachine(win8);
    const block = machine.pool.allocate(0, 0x800, 'Test');
    machine.pool.free(block);
    expect(bugCheck(() => machine.pool.free(block))[3]).toBe(0x0481_0000n);
  });

  it('of a whole page has nobody in the table of large pages', () => {
    const { pool } = poolMachine(win8);
    const block = pool.allocate(0, 0x3000, 'Test');
    pool.free(block);
    expect(bugCheck(() => pool.free(block))).toEqual([0x19, 0x22n, block, 0n, 0n]);
  });
});

describe('a tag', () => {
  it('has to be the one of the allocation', () => {
    const { pool } = poolMachine(win7);
    const block = pool.allocate(0, 0x100, 'Test');
    expect(bugCheck(() => pool.free(block, 'Tesu'))).toEqual([0xc2, 0xan, block, test, 0x7573_6554n]);
    const big = pool.allocate(0, 0x3000, 'Test');
    expect(bugCheck(() => pool.free(big, 'Tesu'))).toEqual([0xc2, 0xan, big, test, 0x7573_6554n]);
    pool.free(big, 'Test');
    pool.free(block);
  });

  it('that is protected is needed for the free', () => {
    const { pool } = poolMachine(win7);
    const block = pool.allocate(0, 0x100, 0xf473_6554);
    expect(bugCheck(() => pool.free(block))).toEqual([0xc2, 0xan, block, test, 0n]);
    pool.free(block, 'Test');
  });

  it('is not 0 and not BIG', () => {
    const { pool } = poolMachine(win7);
    expect(bugCheck(() => pool.allocate(0, 0x20, 0))).toEqual([0xc2, 0x9bn, 0n, 0x20n, 0n]);
    expect(bugCheck(() => pool.allocate(1, 0x20, 'BIG '))).toEqual([0xc2, 0x9cn, 1n, 0x20n, 0n]);
    expect(bugCheck(() => pool.allocate(2, 0x20, 'Test'))).toEqual([0xc2, 0x9an, 2n, 0x20n, test]);
  });
});

describe('IRQL', () => {
  it('is DISPATCH_LEVEL for nonpaged pool and APC_LEVEL for paged at most', () => {
    const { pool } = poolMachine(win8);
    const at = (irql: number) => ({ processor: 0, irql });
    const nonPaged = pool.allocate(PoolType.NonPagedPoolNx, 0x40, 'Test', at(2));
    const paged = pool.allocate(1, 0x40, 'Test', at(1));
    expect(bugCheck(() => pool.allocate(1, 0x40, 'Test', at(2)))).toEqual([0xc2, 8n, 2n, 1n, 0x40n]);
    expect(bugCheck(() => pool.allocate(0, 0x40, 'Test', at(3)))).toEqual([0xc2, 8n, 3n, 0n, 0x40n]);
    expect(bugCheck(() => pool.free(paged, 0, at(2)))).toEqual([0xc2, 9n, 2n, 1n, paged]);
    expect(bugCheck(() => pool.free(nonPaged, 0, at(3)))).toEqual([0xc2, 9n, 3n, 0n, nonPaged]);
  });
});

describe('an address that is no block', () => {
  it('is told apart', () => {
    const { pool, process } = poolMachine(win8);
    const block = pool.allocate(0, 0x80, 'Test');
    expect(bugCheck(() => pool.free(0x1_2340n))).toEqual([
      0xc2,
      0x40n,
      0x1_2340n,
      0xffff_0800_0000_0000n,
      0n,
    ]);
    expect(bugCheck(() => pool.free(process))).toEqual([0xc2, 0x42n, process, 0n, 0n]);
    expect(bugCheck(() => pool.free(block + 4n))).toEqual([0xc2, 0x46n, block + 4n, 0n, 0n]);
    const page = block & ~0xfffn;
    expect(bugCheck(() => pool.free(page))).toEqual([0x19, 0x22n, page, 0n, 0n]);
  });

  it('of a page that was given back is a page fault, one that is none a protection fault', () => {
    const { pool, space } = poolMachine(win8, { delaysFrees: false });
    const block = pool.allocate(0, 0x800, 'Test');
    pool.free(block);
    expect(space.pfnOf(block)).toBeUndefined();
    expect(fault(() => pool.free(block))).toMatchObject({
      kind: 'page',
      step: 'read-header',
      address: block - 0x10n,
      write: false,
    });
    expect(fault(() => pool.free(0x4f4f_4f4f_4f4f_4f50n))).toMatchObject({
      kind: 'general-protection',
      address: 0x4f4f_4f4f_4f4f_4f40n,
    });
  });
});

describe('links of a free block', () => {
  /** A page whose front is used and whose end is free, with the address of the links. */
  function halfPage(build: PoolBuild): { machine: PoolMachine; links: bigint; head: bigint } {
    const machine = poolMachine(build);
    const block = machine.pool.allocate(0, 0x800, 'None');
    const links = block + 0x810n;
    const descriptor = machine.symbols.get('nt!NonPagedPoolDescriptor')!;
    return { machine, links, head: descriptor + 0x140n + 0x7en * 0x10n };
  }

  it('that are text fault where the entry behind is asked', () => {
    const { machine, links, head } = halfPage(win8);
    machine.space.write(links - 0x20n, text('O', 0x30));
    const error = fault(() => machine.pool.allocate(0, 0x110, 'MmSt'));
    expect(error).toMatchObject({
      kind: 'general-protection',
      step: 'unlink-blink',
      address: 0x4f4f_4f4f_4f4f_4f57n,
      write: false,
      irql: 2,
    });
    expect(error.values).toMatchObject({ head, entry: links, flink: 0x4f4f_4f4f_4f4f_4f4fn });
    expect(error.bugCheck(0n)).toBeUndefined();
  });

  it('to memory that is not there are a page fault, which is bug check 0xC5', () => {
    const { machine, links } = halfPage(win8);
    write64(machine, links, 0xffff_fa80_7777_0000n);
    const error = fault(() => machine.pool.allocate(0, 0x110, 'MmSt'));
    expect(error).toMatchObject({ kind: 'page', step: 'unlink-blink', address: 0xffff_fa80_7777_0008n });
    expect(
      bugCheck(() => {
        throw error.bugCheck(0x1234n)!;
      }),
    ).toEqual([0xc5, 0xffff_fa80_7777_0008n, 2n, 0n, 0x1234n]);
  });

  it('that lead elsewhere are bug check 0x19/3 on Windows 7 and the fast fail later', () => {
    const seven = halfPage(win7);
    write64(seven.machine, seven.links, seven.machine.process);
    expect(bugCheck(() => seven.machine.pool.allocate(0, 0x110, 'MmSt'))).toEqual([
      0x19,
      3n,
      seven.links,
      seven.links,
      0n,
    ]);
    const eight = halfPage(win8);
    write64(eight.machine, eight.links + 8n, eight.machine.process);
    expect(bugCheck(() => eight.machine.pool.allocate(0, 0x110, 'MmSt'))).toEqual([0x139, 3n, 0n, 0n, 0n]);
  });

  it('of the head are checked before an entry goes in, from Windows 8 on', () => {
    const { machine, head } = halfPage(win8);
    const block = machine.pool.allocate(0, 0x7d0, 'Test');
    machine.pool.free(block);
    write64(machine, head, machine.process);
    expect(bugCheck(() => machine.pool.drainDeferred())).toEqual([0x139, 3n, 0n, 0n, 0n]);
  });
});

describe('headers that disagree', () => {
  /** Three blocks in a row in a page, by address. */
  function row(options = {}): { machine: PoolMachine; blocks: bigint[] } {
    const machine = poolMachine(win7, options);
    const all = Array.from({ length: 5 }, () => machine.pool.allocate(0, 0x2f0, 'Test'));
    return { machine, blocks: all.slice(1).toSorted((a, b) => (a < b ? -1 : 1)) };
  }

  it('are noticed when a block in front of the damage is freed', () => {
    const {
      machine,
      blocks: [first, second],
    } = row() as { machine: PoolMachine; blocks: [bigint, bigint] };
    machine.space.write(second - 0x10n, text('O', 0x10));
    const word = u32(machine, first - 0x10n);
    expect(bugCheck(() => machine.pool.free(first))).toEqual([
      0x19,
      0x20n,
      first - 0x10n,
      second - 0x10n,
      word,
    ]);
  });

  it('are noticed when the damaged block is freed', () => {
    const {
      machine,
      blocks: [, second],
    } = row() as { machine: PoolMachine; blocks: [bigint, bigint] };
    machine.space.write(second - 0x10n, text('O', 0x10));
    expect(bugCheck(() => machine.pool.free(second))).toEqual([
      0x19,
      0x20n,
      second - 0x10n,
      second - 0x10n + 0x4f0n,
      0x4f4f_4f4fn,
    ]);
  });

  it.each([
    ['PreviousSize too large', 0, 0xff, 6],
    ['PreviousSize 0 inside the page', 0, 0, 7],
    ['BlockSize 0', 2, 0, 8],
    ['BlockSize beyond the page', 2, 0xfe, 9],
    ['PreviousSize that the block in front does not have', 0, 0x10, 5],
    ['BlockSize that the block behind does not know', 2, 0x10, 5],
  ])('while a block waits: %s', (_what, offset, value, kind) => {
    const {
      machine,
      blocks: [, second],
    } = row() as { machine: PoolMachine; blocks: [bigint, bigint] };
    machine.pool.free(second);
    machine.space.write(second - 0x10n + BigInt(offset), Uint8Array.of(value));
    expect(bugCheck(() => machine.pool.drainDeferred()).slice(0, 2)).toEqual([0x19, BigInt(kind)]);
  });

  it('of a free neighbour are noticed before the two are joined', () => {
    const {
      machine,
      blocks: [first, second],
    } = row() as { machine: PoolMachine; blocks: [bigint, bigint] };
    machine.pool.free(second);
    machine.pool.drainDeferred();
    machine.pool.free(first);
    machine.space.write(second - 0x10n + 2n, Uint8Array.of(0x11));
    expect(bugCheck(() => machine.pool.drainDeferred())).toEqual([
      0x19,
      5n,
      second - 0x10n,
      0n,
      second - 0x10n + 0x110n,
    ]);
  });

  it('further in front are found by a walk of the page, when that is on', () => {
    const {
      machine,
      blocks: [first, , third],
    } = row({ walksPages: true }) as {
      machine: PoolMachine;
      blocks: [bigint, bigint, bigint];
    };
    machine.space.write(first - 0x10n + 2n, Uint8Array.of(0x12));
    const page = third & ~0xfffn;
    expect(bugCheck(() => machine.pool.free(third))).toEqual([0x19, 0xan, third - 0x10n, 0n, page]);
  });

  it('about the pool lead to memory that is not there, or are noticed from Windows 8 on', () => {
    const seven = poolMachine(win7);
    const block = seven.pool.allocate(1, 0x300, 'Test');
    seven.space.write(block - 0xfn, Uint8Array.of(9));
    const error = fault(() => seven.pool.free(block));
    expect(error).toMatchObject({ kind: 'page', step: 'read-descriptor', address: 0x108n });
    const eight = poolMachine(win8);
    const other = eight.pool.allocate(1, 0x300, 'Test');
    eight.space.write(other - 0xfn, Uint8Array.of(9));
    expect(bugCheck(() => eight.pool.free(other)).slice(0, 3)).toEqual([0xc2, 2n, other - 0x10n]);
  });
});

describe('what is behind a large allocation', () => {
  it('is a block that keeps the place of the data, up to Windows 8.1', () => {
    const machine = poolMachine(win7);
    const block = machine.pool.allocate(0, 0x1fb0, 'Test');
    machine.space.write(block + 0x1fb0n, text('A', 1));
    const found = new DataView(machine.space.read(block + 0x1fb0n, 8).buffer).getBigUint64(0, true);
    expect(bugCheck(() => machine.pool.free(block))).toEqual([0x19, 0x21n, block, 0x1fb0n, found]);
  });

  it('is filled with a pattern on Windows 10', () => {
    const machine = poolMachine(win10);
    const block = machine.pool.allocate(0, 0x1234, 'Test');
    machine.space.write(block + 0x1234n, text('A', 1));
    expect(bugCheck(() => machine.pool.free(block))).toEqual([0x19, 0x21n, block, 0x1234n, 0x41n]);
  });

  it('is used by others, and outlives the allocation then', () => {
    const machine = poolMachine(win7);
    const block = machine.pool.allocate(0, 0x1400, 'Test');
    const other = machine.pool.allocate(0, 0x300, 'Othr');
    expect(other & ~0xfffn).toBe((block & ~0xfffn) + 0x1000n);
    machine.pool.free(block);
    expect(machine.space.pfnOf(block)).toBeUndefined();
    const { blocks } = machine.pool.truth();
    expect(blocks.map(({ size, state }) => `${size.toString(16)} ${state}`)).toEqual([
      'cf0 free',
      '310 allocated',
    ]);
  });
});

describe('a process that pays', () => {
  it.each([{ build: win7 }, { build: win8 }, { build: win7x86 }])(
    'of $build is in the block',
    ({ build }) => {
      const { pool, process } = poolMachine(build);
      const block = pool.allocateWithQuota(0, 0x40, 'Test', process);
      expect(pool.truth().blocks.find(({ address }) => address === block)?.process).toBe(process);
      pool.free(block);
    },
  );

  it('and is none stops Windows 8', () => {
    const machine = poolMachine(win8);
    const block = machine.pool.allocateWithQuota(0, 0x40, 'Test', machine.process + 0x10n);
    expect(bugCheck(() => machine.pool.free(block))).toEqual([
      0xc2,
      0xdn,
      block,
      test,
      machine.process + 0x10n,
    ]);
  });

  it('is followed by Windows 7 wherever it leads', () => {
    const machine = poolMachine(win7);
    const block = machine.pool.allocateWithQuota(0, 0x40, 'Test', machine.process);
    machine.space.write(block - 8n, text('O', 8));
    const error = fault(() => machine.pool.free(block));
    expect(error).toMatchObject({ kind: 'general-protection', step: 'read-process' });
    expect(error.values.process).toBe(0x4f4f_4f4f_4f4f_4f4fn);
  });
});

describe('parked blocks', () => {
  it('whose link was written hand out what stands there, and fault with it', () => {
    const machine = poolMachine(win8);
    const blocks = [0, 1].map(() => machine.pool.allocate(0, 0x40, 'Test'));
    for (const block of blocks) machine.pool.free(block);
    write64(machine, blocks[1]!, 0x4141_4141_4141_4140n);
    expect(machine.pool.allocate(0, 0x40, 'Test')).toBe(blocks[1]);
    const error = fault(() => machine.pool.allocate(0, 0x40, 'Test'));
    expect(error).toMatchObject({ kind: 'general-protection', step: 'pop-lookaside' });
    expect(error.values.entry).toBe(0x4141_4141_4141_4140n);
  });

  it('that wait lead on to what their link says', () => {
    const machine = poolMachine(win7);
    const block = machine.pool.allocate(0, 0x600, 'Test');
    machine.pool.free(block);
    write64(machine, block, 0xffff_fa80_7000_0010n);
    expect(fault(() => machine.pool.drainDeferred())).toMatchObject({
      kind: 'page',
      step: 'read-deferred',
      address: 0xffff_fa80_7000_0010n,
    });
  });
});

describe('memory that is used up', () => {
  it('is told by 0, and comes back with a free', () => {
    const { pool } = poolMachine(win7, { pages: 0x180, lookasideDepth: 0, delaysFrees: false });
    const blocks: bigint[] = [];
    for (let last = pool.allocate(0, 0xf00, 'Test'); last !== 0n; last = pool.allocate(0, 0xf00, 'Test'))
      blocks.push(last);
    expect(blocks.length).toBeGreaterThan(100);
    expect(pool.allocate(0, 0x3000, 'Test')).toBe(0n);
    for (const block of blocks.slice(0, 8)) pool.free(block);
    expect(pool.allocate(0, 0x3000, 'Test')).not.toBe(0n);
  });

  it('in the table of large pages makes it grow', () => {
    const { pool, symbols, space } = poolMachine(win7, { bigPageSlots: 0x10 });
    const blocks = Array.from({ length: 60 }, () => pool.allocate(0, 0x1000, 'Test'));
    const size = new DataView(space.read(symbols.get('nt!PoolBigPageTableSize')!, 8).buffer).getUint32(
      0,
      true,
    );
    expect(size).toBe(0x80);
    const found = pool.truth().bigAllocations.map(({ address }) => address);
    for (const block of blocks) expect(found).toContain(block);
    for (const block of blocks) pool.free(block, 'Test');
  });
});
