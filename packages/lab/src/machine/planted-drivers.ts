import type { Va } from '@poolscope/engine/base';
import { fourCc } from '../bytes/integers.ts';
import type { KernelWorld } from './kernel-world.ts';
import type { TrueSpecialBlock } from './planted-special-pool.ts';
import type { TraceSite } from './planted-traces.ts';
import { PlantedStructure } from './structure-table.ts';
import { verifierStory } from './verifier-story.ts';

/** A verified driver as it was planted. */
export interface TrueVerifiedDriver {
  readonly name: string;
  readonly base: Va;
  readonly target: Va;
  readonly data: Va;
}

/** Room for the verifier's records of allocations: a page, whose first entry is its header. */
export function plantEntryPage({ world }: TraceSite): Va {
  return world.nonPagedPool.allocate(0x1000, 0x1000);
}

export const entryAddress = ({ tables }: TraceSite, page: Va, index: number): Va =>
  page + BigInt((index + 1) * (tables.size('_VI_POOL_ENTRY') ?? 0));

/** Records of blocks that are not freed yet; the entry of the freed one is a link of the free list. */
export function plantEntries(site: TraceSite, page: Va, blocks: readonly TrueSpecialBlock[]): void {
  const { world, tables, loaded } = site;
  for (const { name, entry, address, size, tag } of blocks) {
    const record = new PlantedStructure(world.space, tables, '_VI_POOL_ENTRY_INUSE', entry);
    const caller = loaded.address('sampledrv!FillRecord') + 0x20n;
    if (name === 'freed')
      record.set({ VirtualAddress: page + 0x800n, CallingAddress: caller, NumberOfBytes: size });
    else
      record.set({ VirtualAddress: address, CallingAddress: caller, NumberOfBytes: size, Tag: fourCc(tag) });
  }
}

/** The drivers of the story: a list of those that were chosen, and a tree of those in memory. */
export function plantDrivers(site: TraceSite, entryPage: Va): TrueVerifiedDriver[] {
  const { world, loaded } = site;
  const suspects = [...verifierStory.drivers, verifierStory.absent].map((plan) => plantSuspect(site, plan));
  world.linkList(loaded.address('nt!VfSuspectDriversList'), suspects);
  const drivers = verifierStory.drivers.map((plan, index) => {
    const image = loaded.list.find((each) => each.image.spec.module === plan.module)!.image;
    const node = world.nonPagedPool.allocate(0x100, 0x10);
    const target = node + BigInt(linksSize(world));
    const data = plantData(site, suspects[index]!, index === 0 ? entryPage : 0n);
    const record = new PlantedStructure(world.space, site.tables, '_VF_TARGET_DRIVER', target);
    record.set({ VerifiedData: data });
    // The node of the tree stands first in the record: the image's address, and its size.
    world.writePointer(target, image.spec.base);
    world.writePointer(target + BigInt(world.pointerSize), BigInt(image.size));
    return { node, name: plan.name, base: image.spec.base, target, data };
  });
  plantTree(
    site,
    drivers.map(({ node }) => node),
  );
  return drivers.map(({ name, base, target, data }) => ({ name, base, target, data }));
}

export function plantSuspect(
  { world, tables }: Pick<TraceSite, 'world' | 'tables'>,
  { name, loads, unloads }: { readonly name: string; readonly loads: number; readonly unloads: number },
): Va {
  const va = world.nonPagedPool.allocate(tables.size('_VF_SUSPECT_DRIVER_ENTRY') ?? 0, 0x10);
  const entry = new PlantedStructure(world.space, tables, '_VF_SUSPECT_DRIVER_ENTRY', va);
  entry.set({ Loads: loads, Unloads: unloads });
  world.writeUnicodeString(entry.at('BaseName')!, name);
  return va;
}

function plantData({ world, tables }: TraceSite, suspect: Va, entryPage: Va): Va {
  const va = world.nonPagedPool.allocate(tables.size('_VF_TARGET_VERIFIED_DRIVER_DATA') ?? 0, 0x10);
  const data = new PlantedStructure(world.space, tables, '_VF_TARGET_VERIFIED_DRIVER_DATA', va);
  const { CurrentPagedPoolAllocations, CurrentNonPagedPoolAllocations, PagedBytes, NonPagedBytes } =
    verifierStory.statistics;
  const counts = { CurrentPagedPoolAllocations, CurrentNonPagedPoolAllocations, PagedBytes, NonPagedBytes };
  data.set({
    SuspectDriverEntry: suspect,
    ...(entryPage === 0n ? {} : counts),
    ContiguousMemoryBytes: 0x2000,
  });
  writeEntryPages(world, data, entryPage);
  return va;
}

/** The list of pages of records. The head of 64 bits counts them, and has the address in its second half. */
export function writeEntryPages(world: KernelWorld, data: PlantedStructure, first: Va, count = 1): void {
  const head = data.at('PoolPageHeaders')!;
  if (world.pointerSize === 4) return world.writePointer(head, first);
  world.writePointer(head, first === 0n ? 0n : BigInt(count));
  world.writePointer(head + 8n, first);
}

/** RTL_BALANCED_LINKS: three pointers, and a byte that takes the room of a fourth. */
export const linksSize = ({ pointerSize }: KernelWorld): number => 4 * pointerSize;

/** One table, which may be there already; each element is the right child of the one before. */
export function plantTree(
  { world, tables, loaded }: Pick<TraceSite, 'world' | 'tables' | 'loaded'>,
  nodes: readonly Va[],
  table = world.nonPagedPool.allocate(tables.size('_VF_AVL_TABLE') ?? 0, 0x10),
): Va {
  const tree = loaded.address('nt!ViTargetDriversAvl');
  for (const [index, node] of [table, ...nodes].entries())
    world.writePointer(node + BigInt(2 * world.pointerSize), nodes[index] ?? 0n);
  const head = new PlantedStructure(world.space, tables, '_VF_AVL_TREE', tree);
  head.set({ Tables: table, TablesNo: 1 });
  return table;
}
