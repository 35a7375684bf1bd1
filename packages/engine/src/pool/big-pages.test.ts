import { describe, expect, it } from 'vitest';
import { Fault, type Va } from '../base/index.ts';
import { runToEnd } from '../index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { profileTypes } from '../types/index.ts';
import { findBigAllocation } from './big-pages.ts';
import { plainFormat } from './format.ts';
import { checkFreeLinks } from './free-links.ts';
import type { SearchedKernel } from './kernel-data.ts';
import { poolKind } from './kind.ts';
import type { PoolBlock } from './page.ts';

/** Memory out of a few stretches; the rest is missing. */
function memoryOf(stretches: ReadonlyMap<Va, Uint8Array>): VirtualMemory {
  const tryRead = (va: Va, length: number): Uint8Array | Fault => {
    for (const [start, bytes] of stretches) {
      if (va < start || va >= start + BigInt(bytes.length)) continue;
      const got = bytes.subarray(Number(va - start), Number(va - start) + length);
      return got.length === length ? got : new Fault('not-in-dump', va + BigInt(got.length), { got });
    }
    return new Fault('not-in-dump', va);
  };
  const missing = (va: Va) => new Fault('not-in-dump', va);
  return { kind: 'paged', tryRead, tryReadU32: missing, tryReadU64: missing, nextCandidate: () => undefined };
}

const table = 0xffff_fa80_0100_0000n;
const [tableVariable, sizeVariable] = [0xfffff800_0000_1000n, 0xfffff800_0000_1008n];

interface KernelParts {
  readonly machine?: 'x64' | 'x86';
  readonly build?: number;
  readonly bytes?: Uint8Array;
  readonly entries?: bigint;
  readonly hasSymbols?: boolean;
}

/** As much of a kernel as these readers ask for. */
function kernelWith({
  machine = 'x64',
  build = 9200,
  bytes,
  entries = 4n,
  hasSymbols = true,
}: KernelParts): SearchedKernel {
  const names = new Map([
    ['nt!PoolBigPageTable', tableVariable],
    ['nt!PoolBigPageTableSize', sizeVariable],
  ]);
  const types = profileTypes(machine, build);
  return {
    modules: [],
    data: undefined,
    symbols: { findAddress: (name: string) => (hasSymbols ? names.get(name) : undefined) },
    structures: { find: (name: string) => types?.find(name) },
    target: {
      memory: memoryOf(new Map([[table, bytes ?? new Uint8Array()]])),
      dump: { header: { build } },
      readPointer: (va: Va) => (va === tableVariable ? table : entries),
      readU32: (va: Va) => (va === sizeVariable ? Number(entries) : undefined),
    },
  } as unknown as SearchedKernel;
}

function wideEntries(...rows: readonly (readonly [va: bigint, size: bigint])[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * 0x18);
  const view = new DataView(bytes.buffer);
  rows.forEach(([va, size], index) => {
    view.setBigUint64(index * 0x18, va, true);
    view.setUint32(index * 0x18 + 8, 0x6769_4254, true);
    view.setBigUint64(index * 0x18 + 0x10, size, true);
  });
  return bytes;
}

const allocation = 0xffff_fa80_0200_0000n;
const search = (parts: KernelParts, va: Va) => runToEnd(findBigAllocation(kernelWith(parts), va));

describe('large allocations', () => {
  const bytes = wideEntries([0n, 0n], [allocation + 0x10000n + 1n, 0x5000n], [allocation, 0x3000n], [0n, 0n]);

  it('are found by any of their addresses; freed entries are not', () => {
    const found = { address: allocation, size: 0x3000n, tag: 'TBig', entry: table + 0x30n };
    expect(search({ bytes }, allocation)).toMatchObject({ found });
    expect(search({ bytes }, allocation + 0x2fffn)).toMatchObject({ found });
    expect(search({ bytes }, allocation + 0x3000n)).toEqual({ found: undefined, unknown: undefined });
    expect(search({ bytes }, allocation + 0x10000n)).toEqual({ found: undefined, unknown: undefined });
  });

  it('one over the border of 4 GB is found by its last address', () => {
    const start = 0xffff_fa80_ffff_f000n;
    expect(search({ bytes: wideEntries([start, 0x2000n]), entries: 1n }, start + 0x1800n)).toMatchObject({
      found: { address: start },
    });
  });

  it('entries of Windows XP count pages', () => {
    const narrow = new Uint8Array(new Uint32Array([0x8a00_0000, 0x6769_4254, 3]).buffer);
    const parts = { machine: 'x86', build: 2600, bytes: narrow, entries: 1n } as const;
    expect(search(parts, 0xffff_ffff_8a00_2fffn)).toMatchObject({ found: { size: 0x3000n, tag: 'TBig' } });
    expect(search(parts, 0xffff_ffff_8a00_3000n)).toMatchObject({ found: undefined });
  });

  it('what cannot be asked is not denied', () => {
    expect(search({ hasSymbols: false }, allocation)).toMatchObject({
      found: undefined,
      unknown: expect.any(String),
    });
    expect(search({ bytes, entries: 1n << 31n }, allocation)).toMatchObject({
      unknown: expect.stringContaining('too many'),
    });
    expect(search({ bytes, entries: 0x3000n }, allocation - 1n)).toMatchObject({
      unknown: '12284 of its 12288 entries are not in this dump',
    });
  });
});

describe('links of free blocks', () => {
  const entry = 0xffff_fa80_0300_0010n;
  const other = 0xffff_fa80_0400_0010n;
  const links = (...values: bigint[]): Uint8Array => new Uint8Array(new BigUint64Array(values).buffer);
  const block = { address: entry - 0x10n, size: 0x80, state: 'free' } as PoolBlock;
  const check = (own: Uint8Array, neighbour?: Uint8Array, of: PoolBlock = block) => {
    const stretches = new Map([
      [entry, own],
      ...(neighbour === undefined ? [] : [[other, neighbour] as const]),
    ]);
    return checkFreeLinks(memoryOf(stretches), plainFormat(8), of);
  };

  it('lead back, or to what is not in the dump', () => {
    expect(check(links(other, other), links(entry, entry))).toEqual([]);
    expect(check(links(other, other))).toEqual([]);
    expect(check(new Uint8Array())).toEqual([]);
  });

  it('are wrong where they lead nowhere or a neighbour leads elsewhere', () => {
    expect(check(links(0x4f4fn, other), links(entry, entry))).toEqual([
      { rule: 'free-link', at: entry, found: 0x4f4fn },
    ]);
    expect(check(links(other, other), links(entry, other))).toEqual([
      { rule: 'free-link', at: other + 8n, found: other, expected: entry },
    ]);
  });

  it('are not looked for where there are none', () => {
    expect(check(links(1n, 1n), undefined, { ...block, state: 'cached' })).toEqual([]);
    expect(check(links(1n, 1n), undefined, { ...block, size: 0x10 })).toEqual([]);
  });
});

describe('the kind of pool', () => {
  it.each([
    ['x64', 7601, 'classic', 'POOL_DESCRIPTOR has lists of free blocks'],
    ['x64', 9600, 'classic', 'POOL_DESCRIPTOR has lists of free blocks'],
    ['x64', 10586, 'classic', expect.any(String)],
    ['x64', 18362, 'segment-heap', 'POOL_DESCRIPTOR has no lists of free blocks'],
    ['x64', 19041, 'segment-heap', 'build 19041'],
    ['x64', 26100, 'segment-heap', 'build 26100'],
    ['x86', 2600, 'classic', expect.any(String)],
    ['x86', 19041, 'segment-heap', expect.any(String)],
  ] as const)('PL-13: %s %d', (machine, build, kind, from) => {
    expect(poolKind(kernelWith({ machine, build }))).toEqual({ kind, from });
  });

  it('is in doubt for the build that has both', () => {
    expect(poolKind(kernelWith({ build: 17763 }))).toMatchObject({
      kind: 'classic',
      doubt: expect.stringContaining('either way'),
    });
  });
});
