import { describe, expect, it } from 'vitest';
import { buildMachine } from './build-machine.ts';
import { classicBuilds } from './profiles/classic.ts';

const builds = (['x64', 'x86'] as const).flatMap((architecture) =>
  classicBuilds(architecture).map((build) => [architecture, build] as const),
);

/** KDDEBUGGER_DATA64: places of some members. */
const blockAt = { size: 0x14, pagedPools: 0x68, nonPagedPoolStart: 0x110, nonPagedPool: 0x1c0 };
const blockSizes: Readonly<Record<number, number>> = {
  7601: 0x340,
  9200: 0x360,
  9600: 0x360,
  14393: 0x368,
  17763: 0x380,
};

describe.each(builds)('a machine of %s, build %d', (architecture, build) => {
  const machine = buildMachine({ architecture, build });
  const { space, truth, debuggerData, profile } = machine;
  const pointer = (va: bigint): bigint => {
    const bytes = space.read(va, profile.pointerSize);
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return BigInt.asUintN(64, BigInt.asIntN(profile.pointerSize * 8, value));
  };
  const variable = (name: string): bigint => truth.symbols.get(`nt!${name}`)!;
  const block = new DataView(debuggerData.bytes.buffer, debuggerData.bytes.byteOffset);

  it('has a debugger block of its build, which names the pool up to Windows 8.1', () => {
    expect(debuggerData.bytes.length).toBe(blockSizes[build]);
    expect(block.getUint32(blockAt.size, true)).toBe(blockSizes[build]);
    const named = build < 14_393;
    const names = { pagedPools: 'ExpPagedPoolDescriptor', nonPagedPool: 'NonPagedPoolDescriptor' } as const;
    for (const [place, name] of Object.entries(names))
      expect(block.getBigUint64(blockAt[place as keyof typeof names], true)).toBe(
        named ? variable(name) : 0n,
      );
  });

  it('leads from its variables to the descriptors of the pools', () => {
    const { descriptors } = truth.pool!;
    const paged = descriptors.filter(({ kind }) => kind === 'paged');
    expect(paged.length).toBe(5);
    expect(pointer(variable('ExpNumberOfPagedPools')) & 0xffn).toBe(4n);
    for (const { address, index } of paged)
      expect(pointer(variable('ExpPagedPoolDescriptor') + BigInt(index * profile.pointerSize))).toBe(address);
    expect(pointer(variable('PoolVector'))).toBe(variable('NonPagedPoolDescriptor'));
    expect(descriptors[0]!.address).toBe(variable('NonPagedPoolDescriptor'));
  });

  it('has pools in the regions that its variables tell', () => {
    for (const { header, kind } of truth.pool!.blocks) {
      const name = kind === 'paged' ? 'MmPagedPool' : 'MmNonPagedPool';
      expect(header).toBeGreaterThanOrEqual(pointer(variable(`${name}Start`)));
      expect(header).toBeLessThan(pointer(variable(`${name}End`)));
    }
  });

  it('keeps its processes and threads in pool', () => {
    const inUse = truth.pool!.blocks.filter(({ state }) => state === 'allocated');
    const holder = (va: bigint) =>
      inUse.find(({ address, requested }) => va >= address && va < address + BigInt(requested));
    const tagOf = (va: bigint) => (holder(va)?.tag ?? 0) & 0x7fff_ffff;
    const tags = truth.processes.map(({ address }) => tagOf(address));
    expect(new Set(tags)).toEqual(new Set([0x636f_7250]));
    const threads = truth.processes.flatMap((process) =>
      process.threads.map(({ address }) => tagOf(address)),
    );
    expect(new Set(threads)).toEqual(new Set([0x6572_6854]));
  });

  it('is the same every time', () => {
    const again = buildMachine({ architecture, build });
    expect(again.truth.pool).toEqual(truth.pool);
  });
});

it('a build that the lab does not know is refused', () => {
  expect(() => buildMachine({ build: 10_586 })).toThrow('x64 has builds 7601, 9200');
  expect(() => buildMachine({ build: 9200, paging: 'la57' })).toThrow('no la57 page tables');
  expect(() => buildMachine({ architecture: 'arm64', build: 9200 })).toThrow('arm64 has builds 22000');
});

it('a pool can be used otherwise than usual', () => {
  let kept = 0n;
  const { truth } = buildMachine({
    build: 7601,
    usePool: (pool) => {
      kept = pool.allocate(0, 0x123, 'Mine');
    },
  });
  expect(truth.pool!.blocks.find(({ address }) => address === kept)?.requested).toBe(0x123);
});
