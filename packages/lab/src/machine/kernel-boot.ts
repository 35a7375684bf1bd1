import type { Va } from '@poolscope/engine/base';
import { AddressSpace } from '../memory/address-space.ts';
import type { PageRun } from '../memory/page-source.ts';
import { PageTables } from '../memory/page-tables.ts';
import type { PagingFormat } from '../memory/paging-format.ts';
import { PhysicalMemory } from '../memory/physical-memory.ts';
import { KernelWorld } from './kernel-world.ts';
import { type LoadedImages, loadImages } from './loaded-images.ts';
import type { MachineOptions, SpecialPages } from './machine.ts';
import type { Platform } from './platform.ts';
import { writeSharedUserData } from './shared-user-data.ts';
import { largePageCount, plantSpecialPages } from './special-pages.ts';
import { crashTimes, unloadedDriverFacts } from './story.ts';
import { type UnloadedDriverFacts, writeUnloadedDrivers } from './unloaded-drivers.ts';

/** A kernel in memory, before any thread runs. */
export interface BootedKernel {
  readonly platform: Platform;
  /** Address space of the System process. */
  readonly system: AddressSpace;
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly pteBase: Va;
  readonly specialPages: SpecialPages;
  /** Oldest first. */
  readonly unloadedDrivers: UnloadedDriverFacts[];
}

const defaultMemoryPages = 0x1000;

/** RAM as firmware leaves it: page 0 unused, and a hole below 1 MB. */
const ramRuns = (pages: number, high: PageRun | undefined): PageRun[] => [
  { basePage: 1, pageCount: 0x9d },
  { basePage: 0x100, pageCount: pages - 0x9d },
  ...(high === undefined ? [] : [high]),
];

export function bootKernel(platform: Platform, paging: PagingFormat, options: MachineOptions): BootedKernel {
  const { memoryPages = defaultMemoryPages, highMemory, keptPages = [], largePage = true } = options;
  const memory = new PhysicalMemory(ramRuns(memoryPages, highMemory));
  for (const pfn of keptPages) memory.claim(pfn);
  // Before everything else, while pages in a row are still free.
  const largePfn = largePage ? memory.allocateLarge(largePageCount(paging)) : undefined;
  const tables = new PageTables(memory, paging);
  const pteBase = tables.mapSelf(paging.selfMapSlot ?? platform.profile.addresses.selfMapSlot);
  const system = new AddressSpace(memory, tables);
  const world = new KernelWorld(platform.profile, system);
  const loaded = loadImages(world, platform.buildImages());
  writeSharedUserData(world, crashTimes);
  const unloadedDrivers = unloadedDriverFacts(platform.profile);
  writeUnloadedDrivers(world, loaded, unloadedDrivers);
  const specialPages = plantSpecialPages(world, largePfn);
  return { platform, system, world, loaded, pteBase, specialPages, unloadedDrivers };
}
