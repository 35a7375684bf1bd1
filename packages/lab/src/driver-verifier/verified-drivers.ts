import { assert, type Va } from '@poolscope/engine/base';
import type { KernelWorld } from '../machine/kernel-world.ts';
import type { LoadedImage, LoadedImages } from '../machine/loaded-images.ts';
import { linksSize, plantSuspect, plantTree } from '../machine/planted-drivers.ts';
import { PlantedStructure, type StructureTable } from '../machine/structure-table.ts';
import { PoolCounters } from './counters.ts';
import { PoolEntries, type TrackedBlock } from './pool-entries.ts';
import { isVerified, type VerifierSettings } from './settings.ts';

export interface VerifierSite {
  readonly world: KernelWorld;
  readonly loaded: LoadedImages;
  readonly tables: StructureTable;
}

/** Functions of nt that stand in for those that a verified driver imports. */
const redirected: Readonly<Record<string, string>> = {
  'nt!ExAllocatePoolWithTag': 'nt!VerifierExAllocatePoolWithTag',
  'nt!ExAllocatePool': 'nt!VerifierExAllocatePool',
  'nt!ExAllocatePoolWithQuotaTag': 'nt!VerifierExAllocatePoolWithQuotaTag',
  'nt!ExAllocatePool2': 'nt!VerifierExAllocatePool2',
  'nt!ExFreePoolWithTag': 'nt!VerifierExFreePoolWithTag',
  'nt!ExFreePool': 'nt!VerifierExFreePool',
  'nt!KfRaiseIrql': 'nt!VerifierKfRaiseIrql',
  'nt!KeLowerIrql': 'nt!VerifierKeLowerIrql',
};

/** A driver in memory that is verified: its record, what is counted of it, and its allocations. */
export class VerifiedDriver {
  readonly image: LoadedImage;
  /** VF_TARGET_DRIVER. */
  readonly target: Va;
  readonly #data: PlantedStructure;
  readonly #counters = new PoolCounters();
  readonly #entries: PoolEntries;

  constructor({ world, tables }: VerifierSite, image: LoadedImage, target: Va, suspect: Va) {
    this.image = image;
    this.target = target;
    const size = tables.size('_VF_TARGET_VERIFIED_DRIVER_DATA')!;
    const va = world.nonPagedPool.allocate(size, 0x10);
    this.#data = new PlantedStructure(world.space, tables, '_VF_TARGET_VERIFIED_DRIVER_DATA', va);
    this.#data.set({ SuspectDriverEntry: suspect });
    this.#entries = new PoolEntries(world, tables, this.#data);
    new PlantedStructure(world.space, tables, '_VF_TARGET_DRIVER', target).set({ VerifiedData: va });
    // The node of the tree stands first in the record: the image's address, and its size.
    world.writePointer(target, image.image.spec.base);
    world.writePointer(target + 8n, BigInt(image.image.size));
  }

  get outstanding(): number {
    return this.#counters.allocations;
  }

  holds(va: Va): boolean {
    const { base } = this.image.image.spec;
    return va >= base && va < base + BigInt(this.image.image.size);
  }

  /** The address of the record. */
  track(block: TrackedBlock): Va {
    this.#counters.add(block.type, block.bytes, 1);
    this.#data.set(this.#counters.values);
    return this.#entries.add(block);
  }

  forget(entry: Va, { type, bytes }: TrackedBlock): void {
    this.#counters.add(type, bytes, -1);
    this.#data.set(this.#counters.values);
    this.#entries.remove(entry);
  }
}

/** The drivers that were chosen, and those of them that are in memory. */
export class VerifiedDrivers {
  readonly #site: VerifierSite;
  readonly #settings: VerifierSettings;
  readonly #suspects = new Map<string, PlantedStructure>();
  readonly #loads = new Map<string, { loads: number; unloads: number }>();
  readonly #nodes: Va[] = [];
  readonly list: VerifiedDriver[] = [];
  #table: Va | undefined;

  constructor(site: VerifierSite, settings: VerifierSettings) {
    this.#site = site;
    this.#settings = settings;
    if (settings.drivers !== 'all') for (const name of settings.drivers) this.#suspect(name);
    this.#link();
  }

  /** A driver comes into memory: where it is verified, its imports lead to the verifier. */
  load(image: LoadedImage): VerifiedDriver | undefined {
    const { name } = image.image.spec;
    if (!isVerified(this.#settings, name)) return undefined;
    const { world, tables } = this.#site;
    const suspect = this.#suspect(name);
    this.#count(name, 'loads');
    const room = linksSize(world) + tables.size('_VF_TARGET_DRIVER')!;
    const node = world.nonPagedPool.allocate(room, 0x10);
    const driver = new VerifiedDriver(this.#site, image, node + BigInt(linksSize(world)), suspect.va);
    this.list.push(driver);
    this.#nodes.push(node);
    this.#redirect(image);
    this.#link();
    return driver;
  }

  /** Counts an unload, and takes the driver out of the tree. */
  unload(driver: VerifiedDriver): void {
    const index = this.list.indexOf(driver);
    assert(index >= 0, 'the driver is verified');
    this.list.splice(index, 1);
    this.#nodes.splice(index, 1);
    this.#count(driver.image.image.spec.name, 'unloads');
    this.#link();
  }

  /** Address of the characters of a chosen driver's name. */
  nameOf({ image }: VerifiedDriver): Va {
    const name = this.#suspect(image.image.spec.name).at('BaseName')!;
    return new DataView(this.#site.world.space.read(name + 8n, 8).buffer).getBigUint64(0, true);
  }

  #suspect(name: string): PlantedStructure {
    const { world, tables } = this.#site;
    const key = name.toLowerCase();
    const known = this.#suspects.get(key);
    if (known !== undefined) return known;
    const va = plantSuspect({ world, tables }, { name, loads: 0, unloads: 0 });
    const entry = new PlantedStructure(world.space, tables, '_VF_SUSPECT_DRIVER_ENTRY', va);
    this.#suspects.set(key, entry);
    return entry;
  }

  #count(name: string, what: 'loads' | 'unloads'): void {
    const key = name.toLowerCase();
    const counts = this.#loads.get(key) ?? { loads: 0, unloads: 0 };
    counts[what]++;
    this.#loads.set(key, counts);
    this.#suspect(name).set({ Loads: counts.loads, Unloads: counts.unloads });
  }

  #redirect({ image }: LoadedImage): void {
    const { world, loaded } = this.#site;
    for (const [symbol, rva] of image.imports) {
      const instead = redirected[symbol];
      if (instead !== undefined) world.writePointer(image.spec.base + BigInt(rva), loaded.address(instead));
    }
  }

  #link(): void {
    const { world, loaded } = this.#site;
    const suspects = [...this.#suspects.values()].map(({ va }) => va);
    world.linkList(loaded.address('nt!VfSuspectDriversList'), suspects);
    this.#table = plantTree(this.#site, this.#nodes, this.#table);
  }
}
