import { StructureTable } from '../src/machine/structure-table.ts';
import { AddressSpace } from '../src/memory/address-space.ts';
import { PageTables } from '../src/memory/page-tables.ts';
import { paePaging, x64Paging } from '../src/memory/paging-format.ts';
import { PhysicalMemory } from '../src/memory/physical-memory.ts';
import { KernelPool, type KernelPoolOptions, poolGeneration } from '../src/pool/index.ts';

export interface PoolMachine {
  readonly pool: KernelPool;
  readonly space: AddressSpace;
  readonly symbols: ReadonlyMap<string, bigint>;
  /** An EPROCESS as far as the pool looks at it. */
  readonly process: bigint;
  readonly prcbs: readonly bigint[];
  readonly tables: StructureTable;
}

const places = {
  x64: {
    image: 0xffff_f800_0280_0000n,
    processors: 0xffff_f880_009e_0000n,
    nonPaged: 0xffff_fa80_0180_0000n,
    nonPagedNx: 0xffff_fa80_2180_0000n,
    paged: 0xffff_f8a0_0000_0000n,
    session: 0xffff_f900_c000_0000n,
  },
  x86: {
    image: 0xffff_ffff_8280_0000n,
    processors: 0xffff_ffff_8072_0000n,
    nonPaged: 0xffff_ffff_8500_0000n,
    nonPagedNx: 0xffff_ffff_8a00_0000n,
    paged: 0xffff_ffff_9a00_0000n,
    session: 0xffff_ffff_fea0_0000n,
  },
} as const;

export type PoolBuild = readonly [architecture: 'x64' | 'x86', build: number];

/** Builds with classic pool that the structure tables know. */
export const poolBuilds: readonly PoolBuild[] = [
  ['x64', 7601],
  ['x64', 9200],
  ['x64', 9600],
  ['x64', 14393],
  ['x64', 17763],
  ['x86', 7601],
  ['x86', 9200],
  ['x86', 17763],
];

const writable = { writable: true };

/** Variables of nt that the pool fills: count of pointers. */
const pointerCounts = {
  PoolVector: 2,
  ExpPagedPoolDescriptor: 17,
  ExpNonPagedPoolDescriptor: 1,
  ExpNumberOfPagedPools: 1,
  ExpPoolFlags: 1,
  PoolBigPageTable: 1,
  PoolBigPageTableSize: 1,
  ExpPoolBigEntriesInUse: 1,
  PoolTrackTable: 1,
  PoolTrackTableSize: 1,
  ExPoolTagTables: 64,
  ExPoolLookasideListHead: 2,
  ExpPoolQuotaCookie: 1,
} as const;

interface Variable {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
}

function variables(tables: StructureTable, pointerSize: number): Variable[] {
  const size = 2 * tables.size('_POOL_DESCRIPTOR')!;
  const pointers = Object.entries(pointerCounts).map(([name, count]) => ({
    name,
    size: count * pointerSize,
    alignment: 8,
  }));
  return [{ name: 'NonPagedPoolDescriptor', size, alignment: 0x40 }, ...pointers];
}

/** A pool and nothing else: variables and processors lie in pages of their own. */
export function poolMachine(
  [architecture, build]: PoolBuild,
  options: Partial<KernelPoolOptions> & { readonly pages?: number; readonly processorCount?: number } = {},
): PoolMachine {
  const { pages = 0x1000, processorCount = 2 } = options;
  const memory = new PhysicalMemory([{ basePage: 1, pageCount: pages }]);
  const space = new AddressSpace(
    memory,
    new PageTables(memory, architecture === 'x64' ? x64Paging : paePaging),
  );
  const tables = new StructureTable(architecture, build);
  const generation = poolGeneration(architecture, build);
  const at = places[architecture];
  const symbols = new Map<string, bigint>();
  let next: bigint = at.image;
  for (const { name, size, alignment } of variables(tables, generation.pointerSize)) {
    next = (next + BigInt(alignment) - 1n) & -BigInt(alignment);
    symbols.set(`nt!${name}`, next);
    next += BigInt(size);
  }
  const process = (next + 0x40n) & -0x40n;
  const sessionDescriptor = process + 0x1000n;
  space.allocate(at.image, Number(sessionDescriptor - at.image) + 0x2000, writable);
  space.write(process, Uint8Array.of(3));
  const prcbs = Array.from(
    { length: processorCount },
    (_, index) => at.processors + BigInt(index) * 0x1_0000n,
  );
  for (const prcb of prcbs) space.allocate(prcb, tables.size('_KPRCB')!, writable);
  const pool = new KernelPool({
    generation,
    space,
    tables,
    variables: { symbols },
    regions: {
      nonPaged: { start: at.nonPaged, pages: 0x800 },
      nonPagedNx: { start: at.nonPagedNx, pages: 0x800 },
      paged: { start: at.paged, pages: 0x800 },
      session: { start: at.session, pages: 0x100, descriptor: sessionDescriptor },
    },
    processors: prcbs,
    bigPageSlots: 0x40,
    trackerEntries: 0x40,
    ...options,
  });
  return { pool, space, symbols, process, prcbs, tables };
}
