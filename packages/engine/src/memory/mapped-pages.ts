import { type Pa, type Pfn, pageOf, pageSize, type Va } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { addressMappedBy, type PagedMemory, pteBaseOf, selfMapSlot } from '../mmu/index.ts';
import type { CrashedSystem } from '../system/index.ts';

/** A page of an address space. */
export interface MappedPage {
  readonly va: Va;
  readonly pa: Pa;
}

/** Pages without a result between two signs of life. */
const pagesPerSign = 0x400;

/**
 * The valid pages of an address space in rising order, 4 KB each, as far as their tables are in the dump; pages that are
 * not in the dump themselves are left out. Yields undefined now and then where there is nothing to tell.
 */
export function* walkMappedPages(memory: PagedMemory): Generator<MappedPage | undefined, void> {
  let quiet = 0;
  for (let va: Va | undefined = 0n; va !== undefined; ) {
    const { state, pa } = memory.translate(va);
    if (state === 'valid' && pa !== undefined) yield { va, pa };
    if (++quiet % pagesPerSign === 0) yield undefined;
    const next = memory.nextCandidate(va);
    va = next === undefined || next <= va ? undefined : pageOf(next);
  }
}

/** Address of the PTE of address 0 in the map that Windows keeps of its tables; undefined where there is none. */
export function pteBase(
  { data, machine }: CrashedSystem,
  memory: PagedMemory,
  physical: PhysicalMemory,
): Va | undefined {
  const slot = machine === 'arm64' ? undefined : selfMapSlot(physical, memory.setup);
  const known = machine === 'arm64' ? undefined : data?.value.address('PteBase');
  return known ?? (slot === undefined ? undefined : pteBaseOf(memory.setup, slot));
}

/**
 * Finds the virtual address of a page through the kernel's page frame database, and asks the page tables whether it is
 * true: shared pages name their prototype PTE there, which leads nowhere. Undefined where the layout of _MMPFN or the
 * place of the database is not known.
 */
export function pageNamer(
  system: CrashedSystem,
  memory: PagedMemory,
  physical: PhysicalMemory,
): ((pfn: Pfn) => { readonly va: Va; readonly pte: Va } | undefined) | undefined {
  const type = system.types?.find('_MMPFN');
  const member = type?.offset('PteAddress');
  const variable = system.data?.value.address('MmPfnDatabase');
  const database = variable === undefined ? undefined : system.target.readPointer(variable);
  const base = pteBase(system, memory, physical);
  if (type === undefined || member === undefined || database === undefined || base === undefined)
    return undefined;
  return (pfn) => {
    const stored = system.target.readPointer(database + BigInt(pfn * type.size + member));
    // The lowest bit of the pointer is a lock.
    const pte = stored === undefined ? undefined : stored & ~1n;
    const va = pte === undefined ? undefined : addressMappedBy(memory.setup, base, pte);
    if (pte === undefined || va === undefined) return undefined;
    const { pa } = memory.translate(va);
    return pa !== undefined && Math.floor(pa / pageSize) === pfn ? { va, pte } : undefined;
  };
}
