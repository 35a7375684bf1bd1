import type { Va } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { PagedMemory } from './paged-memory.ts';
import type { PagingSetup } from './paging-setup.ts';
import { selfMapSlot } from './self-map.ts';

/**
 * The setup under which the probes (PsLoadedModuleList, KdDebuggerDataBlock, ...) can be read. What `base` states is
 * kept; where it is silent, LA57 is tried against four levels and PAE against two. Probes decide, then a self-map
 * entry; without evidence the usual setup stands: four levels, or PAE when the base register demands it.
 */
export function detectPaging(
  physical: PhysicalMemory,
  base: PagingSetup,
  probes: readonly Va[],
): PagingSetup {
  const [usual, other] = candidates(base);
  if (other === undefined) return usual;
  return evidence(physical, other, probes) > evidence(physical, usual, probes) ? other : usual;
}

function candidates(base: PagingSetup): readonly [PagingSetup, PagingSetup?] {
  if (base.machine === 'x64' && base.levels === undefined) {
    return [
      { ...base, levels: 4 },
      { ...base, levels: 5 },
    ];
  }
  if (base.machine !== 'x86' || base.pae !== undefined) return [base];
  // A page directory fills a page; a PAE root is 32 bytes that start anywhere in one.
  if (base.directoryTableBase % 0x1000 >= 0x20) return [{ ...base, pae: true }];
  return [
    { ...base, pae: false },
    { ...base, pae: true },
  ];
}

/** Each readable probe counts two, a self-map one. */
function evidence(physical: PhysicalMemory, setup: PagingSetup, probes: readonly Va[]): number {
  const memory = new PagedMemory(physical, setup);
  const readable = probes.filter((probe) => typeof memory.tryReadU32(probe) === 'number').length;
  return readable * 2 + (selfMapSlot(physical, setup) === undefined ? 0 : 1);
}
