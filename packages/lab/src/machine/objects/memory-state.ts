import type { Va } from '@poolscope/engine/base';
import type { KernelWorld } from '../kernel-world.ts';
import type { LoadedImages } from '../loaded-images.ts';
import { keepsClassicPool } from '../pool-variables.ts';
import type { StructureTable } from '../structure-table.ts';
import type { ObjectSpace } from './object-space.ts';
import type { TrueRegion } from './system-truth.ts';

/** The memory manager's state, as far as it is planted. */
export interface PlantedState {
  /** What MmPagedPoolCommit of the debugger data block points to. */
  readonly anchor: Va | undefined;
  readonly regions: readonly TrueRegion[];
  readonly counters: Readonly<Record<string, number>>;
}

/** One entry of the root table maps so much on four levels. */
const rootSpan = 1n << 39n;
const kernelHalf = 0xffff_8000_0000_0000n;

/** Pages, but for the count of paged pool that the debugger data block names too. */
const counters = {
  MaximumNonPagedPoolInPages: 0x10_0000,
  SizeOfPagedPoolInPages: 0x1_0000,
  'PagedPoolInfo.AllocatedPagedPool': 0x123,
  NonPagedPoolCommit: 0x2ab,
  MdlPagesAllocated: 2,
  BootCommit: 0x77,
  DriverCommit: 0x15,
  SystemPageTableCommit: 0x3c,
  ProcessCommit: 0x1d5,
  PfnDatabaseCommit: 0x33,
};

/** MI_SYSTEM_VA_TYPE and the index in SystemVaRegions of build 19041. Source: PDB types. */
const uses: Readonly<Record<string, readonly [type: number, region: number | undefined]>> = {
  NonPagedPool: [5, 0],
  PagedPool: [6, 1],
  SystemPtes: [9, 3],
  PfnDatabase: [4, 5],
  KernelStacks: [14, 8],
  PageTables: [0, 9],
  SystemImages: [12, 12],
};

const describedBuild = 19_041;

/** Where the block's MmPagedPoolCommit leads in real dumps of this build: so many bytes into Vs.SystemPteInfo. */
const anchorOffset = 0x28;

/** Windows 10 on x64: MI_SYSTEM_INFORMATION.Vs with the layout of kernel addresses and some counters. */
export function plantMemoryState(
  { world, tables, region }: ObjectSpace,
  loaded: LoadedImages,
  pteBase: Va,
): PlantedState {
  const size = tables.size('_MI_SYSTEM_INFORMATION');
  const visible = tables.offset('_MI_SYSTEM_INFORMATION', 'Vs');
  const info = tables.offset('_MI_VISIBLE_STATE', 'SystemPteInfo');
  const isDescribed = world.profile.build >= describedBuild;
  const hasRegions = isDescribed && tables.offset('_MI_VISIBLE_STATE', 'SystemVaRegions') !== undefined;
  if (size === undefined || visible === undefined || info === undefined || !hasRegions) {
    if (keepsClassicPool(world.profile)) plantMemoryBlock(world, tables, region.allocate(0x40), loaded);
    return { anchor: undefined, regions: [], counters: {} };
  }
  const state = region.allocate(size, 0x40) + BigInt(visible);
  const regions = regionsOf(world, pteBase);
  const view = new PlantedState64(world, tables, state);
  view.writeCounters();
  for (const each of regions) view.writeRegion(each);
  plantMemoryBlock(world, tables, region.allocate(0x40), loaded);
  return { anchor: state + BigInt(info + anchorOffset), regions, counters };
}

function regionsOf({ profile, pfnDatabase }: KernelWorld, pteBase: Va): TrueRegion[] {
  const { nonPagedPool, pagedPool, processors, stacks, kernelImage } = profile.addresses;
  const whole = (usage: string, va: Va): TrueRegion => ({
    usage,
    start: (va / rootSpan) * rootSpan,
    size: rootSpan,
  });
  return [
    whole('NonPagedPool', nonPagedPool),
    whole('PagedPool', pagedPool),
    whole('SystemPtes', processors),
    whole('KernelStacks', stacks),
    whole('SystemImages', kernelImage),
    { usage: 'PfnDatabase', start: pfnDatabase, size: 0x100_0000n },
    { usage: 'PageTables', start: pteBase, size: rootSpan },
  ];
}

class PlantedState64 {
  readonly #world: KernelWorld;
  readonly #tables: StructureTable;
  readonly #va: Va;

  constructor(world: KernelWorld, tables: StructureTable, va: Va) {
    this.#world = world;
    this.#tables = tables;
    this.#va = va;
  }

  #at(path: string): Va {
    return this.#va + BigInt(this.#tables.offset('_MI_VISIBLE_STATE', path)!);
  }

  writeCounters(): void {
    for (const [path, value] of Object.entries(counters)) {
      const place = this.#tables.place('_MI_VISIBLE_STATE', path)!;
      const bytes = new Uint8Array(place.size);
      new DataView(bytes.buffer).setUint32(0, value, true);
      this.#world.space.write(this.#at(path), bytes);
    }
  }

  /** As an assigned region, and by the entry of the root table that it begins in. */
  writeRegion({ usage, start, size }: TrueRegion): void {
    const [type, index] = uses[usage]!;
    const slot = (start - kernelHalf) / rootSpan;
    this.#world.space.write(this.#at('SystemVaType') + slot, Uint8Array.of(type));
    if (index === undefined) return;
    const entry =
      this.#at('SystemVaRegions') + BigInt(index * this.#tables.size('_MI_SYSTEM_VA_ASSIGNMENT')!);
    this.#world.writePointer(entry, start);
    this.#world.writePointer(entry + 8n, size);
  }
}

/** nt!MmPhysicalMemoryBlock: how many pages of RAM there are, as one run. */
function plantMemoryBlock(world: KernelWorld, tables: StructureTable, at: Va, loaded: LoadedImages): void {
  const pages = tables.offset('_PHYSICAL_MEMORY_DESCRIPTOR', 'NumberOfPages');
  if (pages === undefined) return;
  const { runs } = world.space.memory;
  const count = runs.reduce((sum, { pageCount }) => sum + pageCount, 0);
  world.space.write(at, Uint8Array.of(1));
  world.writePointer(at + BigInt(pages), BigInt(count));
  world.writePointer(loaded.address('nt!MmPhysicalMemoryBlock'), at);
}
