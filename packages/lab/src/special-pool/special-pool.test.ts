import { pageOf, type Va } from '@poolscope/engine/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../../test/memory-view.ts';
import { bootKernel } from '../machine/kernel-boot.ts';
import { platformFor } from '../machine/platforms.ts';
import { StructureTable } from '../machine/structure-table.ts';
import { PoolBugCheck } from '../pool/index.ts';
import { bootSpecialPool, poolTagValue, type SpecialPoolValues } from './index.ts';

const page = 0x1000n;
const slice = 0x20_0000n;
const caller = { irql: 0, thread: 0xffff_fa80_0123_4560n, stackPointer: 0n };

function boot(build = 9200, values: SpecialPoolValues = {}, more: { maxNonPagedPages?: number } = {}) {
  const options = { build };
  const { platform, paging } = platformFor(options);
  const kernel = bootKernel(platform, paging, options);
  const tables = new StructureTable('x64', build);
  let ticks = 0x1_2340;
  const pool = bootSpecialPool(kernel, tables, {
    values,
    ticks: () => (ticks += 7),
    firstSlice: 0x59,
    ...more,
  });
  return { pool, space: kernel.system, kernel, tables, memory: new MemoryView(kernel.system) };
}

function codeOf(action: () => unknown): { code: number; parameters: readonly bigint[] } | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof PoolBugCheck) return { code: error.code, parameters: error.parameters };
    throw error;
  }
}

const request = (bytes: number, tag = 'Wrap') => ({ type: 0, bytes, tag });

describe('a block of special pool', () => {
  const { pool, space, memory } = boot();
  const address = pool.allocate(request(0x7d3))!;
  const at = pageOf(address);
  const { pattern } = pool.blockAt(address)!;

  it('ends where its page ends, the last one of its page table', () => {
    expect(address % page).toBe(0x820n);
    expect(at % slice).toBe(slice - 2n * page);
    expect(space.pfnOf(at)).toBeDefined();
    expect([space.pfnOf(at + page), space.tables.entry(at + page)]).toEqual([undefined, 0n]);
  });

  it('has a header, and the pattern in all bytes around and in it', () => {
    expect(memory.u32(at)).toBe(0x7d3 | (pattern << 16));
    expect(memory.bytes(at + 4n, 4)).toEqual(new TextEncoder().encode('Wrap'));
    expect(pattern % 2).toBe(1);
    expect(new Set(memory.bytes(at + 0x10n, 0xff0))).toEqual(new Set([pattern]));
  });

  it('leaves a record on its page, and its page table when nothing else is there', () => {
    const pfn = space.pfnOf(at)!;
    expect(pool.kindOf(at + page)).toBe('guard');
    pool.free(address, caller);
    expect(space.pfnOf(at)).toBeUndefined();
    expect(space.tables.entry(at, 'PDE')).toBe(0n);
    const old = new DataView(space.memory.page(pfn)!.buffer);
    expect(old.getUint32(0x18, true)).toBe(0x9876_4321);
    expect(old.getBigUint64(0x28, true)).toBe(address);
    expect(pool.kindOf(at)).toBeUndefined();
  });
});

describe('special pool', () => {
  it('uses an address again as late as it can', () => {
    const { pool } = boot();
    const kept = pool.allocate(request(0x100))!;
    const freed = pool.allocate(request(0x100))!;
    pool.free(freed, caller);
    expect(pool.kindOf(freed)).toBe('freed');
    const later = Array.from({ length: 254 }, () => pool.allocate(request(0x100))!);
    expect(later).not.toContain(freed);
    expect(new Set([kept, ...later]).size).toBe(255);
    expect(pool.allocate(request(0x100))).toBe(freed);
  });

  it('watches the start of a block when that is asked for', () => {
    const { pool, space } = boot(9200, { poolTagOverruns: false });
    const address = pool.allocate(request(0x7d3))!;
    expect(address % page).toBe(0n);
    expect(pool.kindOf(address - 1n)).toBe('guard');
    space.write(address + 0x7d3n, Uint8Array.of(0));
    expect(codeOf(() => pool.free(address, caller))?.parameters.slice(0, 2)).toEqual([
      address,
      address + 0x7d3n,
    ]);
  });

  it.each([
    [0xff0, true],
    [0xff1, false],
    [0x1000, false],
  ])('takes %i bytes: %s', (bytes, taken) => {
    const { pool } = boot();
    expect(pool.allocate(request(bytes)) !== undefined).toBe(taken);
  });

  it('takes a unit less from the verifier, and no more pages than it may', () => {
    const { pool } = boot(9200, {}, { maxNonPagedPages: 1 });
    expect(pool.allocate({ ...request(0xff0), byVerifier: true })).toBeUndefined();
    expect(pool.allocate({ ...request(0xfe0), byVerifier: true })).toBeDefined();
    expect(pool.allocate(request(8))).toBeUndefined();
    expect(pool.allocate({ ...request(8), type: 1 })).toBeDefined();
  });

  it('leaves the machine some of its memory', () => {
    const { pool, space } = boot();
    let count = 0;
    while (pool.allocate(request(8)) !== undefined) count++;
    expect(count).toBeGreaterThan(1000);
    expect(space.memory.available).toBeGreaterThanOrEqual(0xf0);
    expect(space.memory.available).toBeLessThan(0x100);
  });

  it.each([
    ['Wrap', 8, 'Wrap', true],
    ['Wrap', 8, 'Wrop', false],
    ['Wr*', 8, 'Wrop', true],
    ['?rap', 8, 'Trap', true],
    ['*', 8, 'Trap', true],
    ['0x30', 17, 'Trap', true],
    ['0x30', 32, 'Trap', true],
    ['0x30', 33, 'Trap', false],
    ['0x30', 16, 'Trap', false],
    ['0x20', 1, 'Trap', true],
    ['0x0', 1, 'Trap', false],
    ['0xffffffff', 1, 'Trap', false],
  ])('with PoolTag %s is for %i bytes of %s: %s', (text, size, tag, chosen) => {
    const { pool, memory, kernel } = boot(9200, { poolTag: poolTagValue(text) });
    expect(pool.chooses(size, poolTagValue(tag))).toBe(chosen);
    expect(memory.u32(kernel.loaded.address('nt!MmSpecialPoolTag'))).toBe(poolTagValue(text));
  });
});

describe('a free in special pool', () => {
  const play = (spoil: (address: Va, machine: ReturnType<typeof boot>) => Va | void, irql = 0) => {
    const machine = boot();
    const address = machine.pool.allocate(request(0x7d3))!;
    const freed = spoil(address, machine) || address;
    const stop = codeOf(() => machine.pool.free(freed, { ...caller, irql }));
    return { address, stop, pattern: BigInt(machine.pool.blockAt(address)?.pattern ?? 0), ...machine };
  };

  it('finds what was written behind the block, and in front of it', () => {
    const behind = play((address, { space }) => space.write(address + 0x7d5n, Uint8Array.of(0)));
    expect(behind.stop).toEqual({
      code: 0xc1,
      parameters: [behind.address, behind.address + 0x7d5n, behind.pattern, 0x24n],
    });
    const before = play((address, { space }) => space.write(address - 4n, Uint8Array.of(0, 0)));
    expect(before.stop?.parameters).toEqual([before.address, before.address - 4n, before.pattern, 0x23n]);
  });

  it('reports any change around a block, at its first byte', () => {
    const anyBlock = fc.tuple(
      fc.integer({ min: 1, max: 0xff0 }),
      fc.boolean(),
      fc.nat(0xfff),
      fc.integer({ min: 1, max: 0xff }),
    );
    fc.assert(
      fc.property(anyBlock, ([bytes, overruns, where, change]) => {
        const { pool, space } = shared[overruns ? 'end' : 'start'];
        const address = pool.allocate(request(bytes))!;
        const { page: at, pattern } = pool.blockAt(address)!;
        const offset = Number(address - at);
        const watched = (each: number) =>
          (each < offset || each >= offset + bytes) && (overruns ? each >= 0x10 : each < 0xff0);
        const places = Array.from({ length: 0x1000 }, (_, each) => each).filter(watched);
        if (places.length === 0) return pool.free(address, caller);
        const spoiled = at + BigInt(places[where % places.length]!);
        space.write(spoiled, Uint8Array.of(pattern ^ change));
        const isBit = (change & (change - 1)) === 0;
        const kind = isBit ? 0x32n : spoiled < address ? 0x23n : 0x24n;
        expect(codeOf(() => pool.free(address, caller))).toEqual({
          code: 0xc1,
          parameters: [address, spoiled, BigInt(pattern), kind],
        });
        space.write(spoiled, Uint8Array.of(pattern));
        return pool.free(address, caller);
      }),
      { numRuns: 300 },
    );
  });

  it('tells a single bit apart', () => {
    const { stop, address } = play((va, { space, pool }) => {
      space.write(va - 9n, Uint8Array.of(pool.blockAt(va)!.pattern ^ 0x10));
      return undefined;
    });
    expect([stop?.parameters[1], stop?.parameters[3]]).toEqual([address - 9n, 0x32n]);
  });

  it('knows an address that was not given out', () => {
    const { stop, space, address } = play((va) => va + 2n * page);
    const entry = space.tables.pteAddress(address + 2n * page);
    expect(stop?.parameters).toEqual([address + 2n * page, entry, 0n, 0x20n]);
    const later = play((va) => va + 0x20n);
    expect(later.stop?.parameters).toEqual([later.address + 0x20n, 0x7d3n, 0x7c0n, 0x21n]);
    const sooner = play((va) => va - 0x20n);
    expect(sooner.stop?.parameters).toEqual([sooner.address - 0x20n, 0x7d3n, 0x800n, 0x22n]);
  });

  it('looks at the IRQL', () => {
    expect(play(() => undefined, 3).stop?.parameters.slice(0, 2)).toEqual([3n, 0n]);
    const { pool } = boot();
    expect(codeOf(() => pool.allocate({ type: 1, bytes: 8, tag: 'Wrap', irql: 2 }))?.parameters).toEqual([
      2n,
      1n,
      8n,
      0x30n,
    ]);
  });
});

const shared = { end: boot(), start: boot(9200, { poolTagOverruns: false }) };

const builds = [7601, 9200, 9600, 14_393, 17_763];

describe.each(builds)('special pool of build %i', (build) => {
  it('keeps its lists, counts and pages true whatever is done', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 0xff0 }), fc.boolean()), { maxLength: 60 }),
        (steps) => {
          const { pool, space, kernel, tables, memory } = boot(build);
          const live: Va[] = [];
          const before = space.memory.available;
          for (const [choice, bytes, paged] of steps) {
            if (choice % 3 === 0 && live.length > 0)
              pool.free(live.splice(choice % live.length, 1)[0]!, caller);
            else live.push(pool.allocate({ type: paged ? 1 : 0, bytes, tag: 'Prop' })!);
          }
          expect(pool.truth().map(({ address }) => address)).toEqual(
            [...live].sort((a, b) => (a < b ? -1 : 1)),
          );
          const state = kernel.loaded.address('nt!MiSpecialPool');
          const offset = tables.offset('_MI_SPECIAL_POOL', 'PagesInUse')!;
          expect(Number(memory.u64(state + BigInt(offset)))).toBe(live.length);
          for (const each of ['Paged', 'NonPaged'] as const) {
            const kind = each === 'Paged' ? 'paged' : 'nonpaged';
            const used = pool.truth().filter((block) => block.kind === kind);
            const slices = new Set(used.map((block) => block.page / slice));
            const free = walkFreePairs(each, { state, tables, memory, space });
            expect(free.length).toBe(slices.size * 256 - used.length);
            expect(new Set(free).size).toBe(free.length);
            for (const va of free) expect(space.pfnOf(va)).toBeUndefined();
          }
          for (const va of live) pool.free(va, caller);
          expect(pool.pagesInUse).toBe(0);
          // Tables above those of pages stay.
          expect(before - space.memory.available).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 15 },
    );
  });
});

interface WalkSite {
  readonly state: Va;
  readonly tables: StructureTable;
  readonly memory: MemoryView;
  readonly space: ReturnType<typeof boot>['space'];
}

/** The list as a reader would walk it: through the entries in memory. */
function walkFreePairs(name: 'Paged' | 'NonPaged', { state, tables, memory, space }: WalkSite): Va[] {
  const offset = (member: string) => tables.offset('_MI_SPECIAL_POOL', member);
  const head = offset(`${name}.FreePteHead`) ?? offset(`${name}.Flink`)!;
  const baseAt = offset(`${name}.PteBase`) ?? offset('PteBase')!;
  const shift = BigInt(tables.place('_MMPTE_LIST', 'NextEntry')!.bits!.position);
  const end = (1n << (64n - shift)) - 1n;
  const base = memory.u64(state + BigInt(baseAt));
  const found: Va[] = [];
  for (let index = memory.u64(state + BigInt(head)) >> shift; index !== end && found.length < 5000; ) {
    const pte = base + index * 8n;
    const va = BigInt.asUintN(64, BigInt.asIntN(48, (pte - space.tables.pteAddress(0n)) << 9n));
    found.push(va);
    index = space.tables.entry(va) >> shift;
  }
  return found;
}
