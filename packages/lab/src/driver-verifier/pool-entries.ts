import { pageSize, type Va } from '@poolscope/engine/base';
import type { KernelWorld } from '../machine/kernel-world.ts';
import { writeEntryPages } from '../machine/planted-drivers.ts';
import { PlantedStructure, type StructureTable } from '../machine/structure-table.ts';

/** What a record says of an allocation. */
export interface TrackedBlock {
  readonly address: Va;
  readonly bytes: number;
  readonly type: number;
  readonly tag: number;
  /** Where the driver asked for it. */
  readonly caller: Va;
}

/** The verifier's records of a driver's allocations: pages of VI_POOL_ENTRY, the first of which is the page's header. */
export class PoolEntries {
  readonly #world: KernelWorld;
  readonly #tables: StructureTable;
  readonly #data: PlantedStructure;
  readonly #size: number;
  #newestPage: Va = 0n;
  #pages = 0;
  #free: Va = 0n;

  constructor(world: KernelWorld, tables: StructureTable, data: PlantedStructure) {
    this.#world = world;
    this.#tables = tables;
    this.#data = data;
    this.#size = tables.size('_VI_POOL_ENTRY')!;
  }

  add({ address, bytes, tag, caller }: TrackedBlock): Va {
    if (this.#free === 0n) this.#grow();
    const entry = this.#free;
    this.#free = this.#word(entry);
    new PlantedStructure(this.#world.space, this.#tables, '_VI_POOL_ENTRY_INUSE', entry).set({
      VirtualAddress: address,
      CallingAddress: caller,
      NumberOfBytes: bytes,
      Tag: tag,
    });
    return entry;
  }

  /** The rest of what it said stays until it is used again. */
  remove(entry: Va): void {
    this.#world.writePointer(entry, this.#free);
    this.#free = entry;
  }

  #grow(): void {
    const { space } = this.#world;
    const page = this.#world.nonPagedPool.allocate(pageSize, pageSize);
    const header = new PlantedStructure(space, this.#tables, '_VI_POOL_PAGE_HEADER', page);
    header.set({ NextPage: this.#newestPage, VerifierEntry: this.#data.va, Signature: pageSignature });
    this.#newestPage = page;
    this.#pages++;
    writeEntryPages(this.#world, this.#data, page, this.#pages);
    for (let at = pageSize - this.#size; at >= this.#size; at -= this.#size) this.remove(page + BigInt(at));
  }

  #word(va: Va): Va {
    return new DataView(this.#world.space.read(va, 8).buffer).getBigUint64(0, true);
  }
}

/** Any value: what Windows writes there is not known. */
const pageSignature = 0x4948_5056n;
