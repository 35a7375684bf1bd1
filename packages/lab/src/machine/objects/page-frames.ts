import { type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import type { AddressSpace } from '../../memory/address-space.ts';
import type { KernelWorld } from '../kernel-world.ts';
import type { SpecialPages } from '../machine.ts';
import type { StructureTable } from '../structure-table.ts';
import type { TruePage } from './system-truth.ts';

/** Can the machine have a page frame database? Only x64's tables say what an entry looks like. */
const canPlant = (tables: StructureTable): boolean => tables.offset('_MMPFN', 'u4.PteFrame') !== undefined;

/** Backs the entries of the pages that are in use by now with memory; where no entry lies, nothing is mapped. */
export function mapPageFrames(world: KernelWorld, tables: StructureTable): void {
  if (!canPlant(tables)) return;
  const { space, pfnDatabase } = world;
  const size = tables.size('_MMPFN')!;
  const used = usedPages(space);
  for (const pfn of used) space.allocate(pfnDatabase + BigInt(pfn * size), size, { writable: true });
}

function usedPages({ memory }: AddressSpace): Pfn[] {
  const used: Pfn[] = [];
  for (const { basePage, pageCount } of memory.runs)
    for (let pfn = basePage; pfn < basePage + pageCount; pfn++)
      if (memory.owner(pfn) !== undefined) used.push(pfn);
  return used;
}

/** MMLISTS. */
const locations = { Free: 1, Modified: 3, Active: 6 } as const;
/** Demand zero, readable and writable. */
const originalPte = 0x80n;

/**
 * Writes the entries, when all page tables exist: pages of the kernel and of the crashed process with their page tables, one
 * page that left its working set, pages of other processes, and a few free ones.
 */
export function writePageFrames(
  { pfnDatabase }: KernelWorld,
  tables: StructureTable,
  space: AddressSpace,
  special: SpecialPages,
): TruePage[] {
  if (!canPlant(tables)) return [];
  const size = tables.size('_MMPFN')!;
  const planted = new Map<Pfn, TruePage>();
  const candidates = [
    ...mappedPages(space),
    ...transitionPages(space, special),
    ...usedPages(space).map((pfn): TruePage => ({ pfn, location: 'Active' })),
    ...freePages(space),
  ];
  for (const page of candidates) {
    const va = pfnDatabase + BigInt(page.pfn * size);
    if (planted.has(page.pfn) || !isVacant(space, va, size)) continue;
    space.write(va, entryBytes(tables, page));
    planted.set(page.pfn, page);
  }
  return [...planted.values()];
}

/** Entries that a test has prepared stay as they are. */
function isVacant(space: AddressSpace, va: Va, size: number): boolean {
  const isThere = space.pfnOf(va) !== undefined && space.pfnOf(va + BigInt(size - 1)) !== undefined;
  return isThere && space.read(va, size).every((byte) => byte === 0);
}

/** The entry's bytes: it is written as a whole, for there are many. */
function entryBytes(tables: StructureTable, { location, pte = 0n, table = 0 }: TruePage): Uint8Array {
  const bytes = new Uint8Array(tables.size('_MMPFN')!);
  const isActive = location === 'Active' ? 1 : 0;
  put(tables, bytes, 'u3.e1.PageLocation', locations[location]);
  put(tables, bytes, 'u3.e1.CacheAttribute', 1);
  if (location === 'Free') return bytes;
  put(tables, bytes, 'PteAddress', pte);
  put(tables, bytes, 'OriginalPte.u.Long', originalPte);
  put(tables, bytes, 'u2.ShareCount', isActive);
  put(tables, bytes, 'u3.ReferenceCount', isActive);
  put(tables, bytes, 'u3.e1.Modified', 1);
  // It moved with Windows 10 1607.
  const priority = ['u3.e3.Priority', 'u3.e1.Priority'];
  put(tables, bytes, priority.find((path) => tables.place('_MMPFN', path) !== undefined)!, 5);
  put(tables, bytes, 'u4.PteFrame', table);
  return bytes;
}

function put(tables: StructureTable, bytes: Uint8Array, path: string, value: bigint | number): void {
  const { offset, size, bits } = tables.place('_MMPFN', path)!;
  let rest = BigInt(value) << BigInt(bits?.position ?? 0);
  for (let at = offset; at < offset + size; at++, rest >>= 8n) bytes[at]! |= Number(rest & 0xffn);
}

/** Pages that are mapped once, and the tables on the way to them; shared pages are left out. */
function mappedPages(space: AddressSpace): TruePage[] {
  const found = new Map<Pfn, TruePage>();
  const several = new Set<Pfn>();
  for (const [va, pfn] of space.pages()) {
    const page = mappedPage(space, va, pfn, 'Active');
    if (found.has(pfn)) several.add(pfn);
    found.set(pfn, page);
    addTables(space, va, found);
  }
  return [...found.values()].filter(({ pfn }) => !several.has(pfn));
}

/** The self-map shows the tables as pages of their own. */
function addTables(space: AddressSpace, va: Va, found: Map<Pfn, TruePage>): void {
  for (const entry of space.tables.entryAddresses(va)) {
    const at = (entry / BigInt(pageSize)) * BigInt(pageSize);
    const pfn = space.pfnOf(at);
    // Tables of one branch were met with its first page; a large page has no table of PTEs.
    if (pfn !== undefined && !found.has(pfn)) found.set(pfn, mappedPage(space, at, pfn, 'Active'));
  }
}

/** A large page is mapped by the entry above the PTE. */
function mappedPage(space: AddressSpace, va: Va, pfn: Pfn, location: TruePage['location']): TruePage {
  const { tables } = space;
  const isLarge = (tables.entry(va, 'PDE') & largeBit) !== 0n && tables.selfMapPage(va) === undefined;
  const at = tables.entryAddress(va, isLarge ? 'PDE' : 'PTE');
  const [pte, pde] = tables.entryAddresses(va);
  const table = at === undefined ? {} : { table: Math.floor(at / pageSize) };
  return { pfn, location, va, pte: isLarge ? pde! : pte!, ...table };
}

/** Bit 7 of a PDE. */
const largeBit = 0x80n;

function transitionPages(space: AddressSpace, { transition }: SpecialPages): TruePage[] {
  return transition === undefined ? [] : [mappedPage(space, transition.va, transition.pfn, 'Modified')];
}

const mostFree = 4;

/** The first pages of RAM that nobody has. */
function freePages({ memory }: AddressSpace): TruePage[] {
  const free: TruePage[] = [];
  for (const { basePage, pageCount } of memory.runs)
    for (let pfn = basePage; pfn < basePage + pageCount && free.length < mostFree; pfn++)
      if (memory.owner(pfn) === undefined) free.push({ pfn, location: 'Free' });
  return free;
}
