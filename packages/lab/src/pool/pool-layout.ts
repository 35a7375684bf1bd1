import { assert } from '@poolscope/engine/base';
import type { StructureTable } from '../machine/structure-table.ts';
import type { KernelAddress } from './kernel-address.ts';
import type { PoolMemory } from './pool-memory.ts';

/** Where a member is, and how wide. */
export interface MemberPlace {
  readonly offset: number;
  readonly size: number;
}

/** Counters of a descriptor that only grow, or one that goes up and down, as the build has them. */
export interface UpDown {
  readonly up: MemberPlace;
  /** The same place where the build keeps one figure for what is there now. */
  readonly down: MemberPlace;
}

/** Places in the pool's structures of one build. */
export interface PoolLayout {
  readonly descriptor: {
    readonly size: number;
    readonly type: MemberPlace;
    readonly index: MemberPlace;
    readonly allocs: MemberPlace;
    readonly frees: MemberPlace;
    readonly pages: UpDown;
    readonly bigPages: UpDown;
    readonly bytes: UpDown;
    readonly pendingFrees: number;
    readonly pendingDepth: number;
    readonly listHeads: number;
  };
  readonly lookaside: {
    readonly size: number;
    readonly depth: number;
    readonly maximumDepth: number;
    readonly totalAllocates: number;
    readonly allocateHits: number;
    readonly totalFrees: number;
    readonly freeHits: number;
    readonly type: number;
    readonly tag: number;
    readonly blockSize: number;
    readonly listEntry: number;
    /** Low bits beside the address in an SLIST_HEADER of 16 bytes. */
    readonly headerBits: number;
  };
  /** Arrays of lookasides in the KPRCB; without NX pool there is no second one. */
  readonly processorLists: {
    readonly nonPaged: number;
    readonly nonPagedNx: number | undefined;
    readonly paged: number;
  };
  readonly bigPage: {
    readonly size: number;
    readonly va: number;
    readonly key: number;
    readonly poolType: number;
    readonly bytes: MemberPlace;
    /** Windows 10: one word packs a pattern of 8 bits, the type and the size of the tail with 12 each. */
    readonly packsTail: boolean;
  };
  readonly tracker: {
    readonly size: number;
    readonly key: number;
    readonly nonPaged: TrackerPlaces;
    readonly paged: TrackerPlaces;
  };
}

export interface TrackerPlaces {
  readonly allocs: MemberPlace;
  readonly frees: MemberPlace;
  readonly bytes: MemberPlace;
}

/** Members of a structure by name, all of which have to be there unless asked for with `find`. */
export class Places {
  readonly size: number;
  readonly #tables: StructureTable;
  readonly #name: string;

  constructor(tables: StructureTable, name: string) {
    const size = tables.size(name);
    assert(size !== undefined, `the tables have no ${name}`);
    this.size = size;
    this.#tables = tables;
    this.#name = name;
  }

  find(path: string): MemberPlace | undefined {
    return this.#tables.place(this.#name, path);
  }

  get(...paths: string[]): MemberPlace {
    const place = paths.map((path) => this.find(path)).find((each) => each !== undefined);
    assert(place !== undefined, `${this.#name} has no ${paths.join(' nor ')}`);
    return place;
  }

  offset(path: string): number {
    return this.get(path).offset;
  }

  /** A pair of counters, or the one figure of older builds. */
  upDown(total: string, up: string, down: string): UpDown {
    const one = this.find(total);
    return one === undefined ? { up: this.get(up), down: this.get(down) } : { up: one, down: one };
  }
}

/** Takes all places from the structure tables of a build. */
export function poolLayout(tables: StructureTable): PoolLayout {
  const prcb = new Places(tables, '_KPRCB');
  return {
    descriptor: descriptorLayout(new Places(tables, '_POOL_DESCRIPTOR')),
    lookaside: lookasideLayout(new Places(tables, '_GENERAL_LOOKASIDE_POOL'), tables),
    processorLists: {
      nonPaged: prcb.offset('PPNPagedLookasideList'),
      nonPagedNx: prcb.find('PPNxPagedLookasideList')?.offset,
      paged: prcb.offset('PPPagedLookasideList'),
    },
    bigPage: bigPageLayout(new Places(tables, '_POOL_TRACKER_BIG_PAGES')),
    tracker: trackerLayout(new Places(tables, '_POOL_TRACKER_TABLE')),
  };
}

const descriptorLayout = (places: Places): PoolLayout['descriptor'] => ({
  size: places.size,
  type: places.get('PoolType'),
  index: places.get('PoolIndex'),
  allocs: places.get('RunningAllocs'),
  frees: places.get('RunningDeAllocs', 'RunningDeallocs'),
  pages: places.upDown('TotalPages', 'PagesAllocated', 'PagesDeallocated'),
  bigPages: places.upDown('TotalBigPages', 'BigPagesAllocated', 'BigPagesDeallocated'),
  bytes: places.upDown('TotalBytes', 'BytesAllocated', 'BytesDeallocated'),
  pendingFrees: places.offset('PendingFrees'),
  pendingDepth: places.offset('PendingFreeDepth'),
  listHeads: places.offset('ListHeads'),
});

/**
 * Bits beside the address of the first entry of an SLIST_HEADER. Windows 7: HeaderType 1 (16 bytes) and Init 1; Windows 8 has
 * four reserved bits in their place.
 */
export const slistHeaderBits = (tables: StructureTable): number =>
  tables.place('_SLIST_HEADER', 'HeaderX64.HeaderType') === undefined ? 0 : 3;

function lookasideLayout(places: Places, tables: StructureTable): PoolLayout['lookaside'] {
  return {
    size: places.size,
    depth: places.offset('Depth'),
    maximumDepth: places.offset('MaximumDepth'),
    totalAllocates: places.offset('TotalAllocates'),
    allocateHits: places.offset('AllocateHits'),
    totalFrees: places.offset('TotalFrees'),
    freeHits: places.offset('FreeHits'),
    type: places.offset('Type'),
    tag: places.offset('Tag'),
    blockSize: places.offset('Size'),
    listEntry: places.offset('ListEntry'),
    headerBits: slistHeaderBits(tables),
  };
}

export const bigPageLayout = (places: Places): PoolLayout['bigPage'] => ({
  size: places.size,
  va: places.offset('Va'),
  key: places.offset('Key'),
  poolType: places.offset('PoolType'),
  bytes: places.get('NumberOfBytes'),
  packsTail: places.find('SlushSize') !== undefined,
});

export const trackerLayout = (places: Places): PoolLayout['tracker'] => ({
  size: places.size,
  key: places.offset('Key'),
  nonPaged: {
    allocs: places.get('NonPagedAllocs'),
    frees: places.get('NonPagedFrees'),
    bytes: places.get('NonPagedBytes'),
  },
  paged: {
    allocs: places.get('PagedAllocs'),
    frees: places.get('PagedFrees'),
    bytes: places.get('PagedBytes'),
  },
});

/** The value of a counter. */
export const readMember = (memory: PoolMemory, at: KernelAddress, place: MemberPlace): number => {
  const low = memory.readU32(at + place.offset);
  return place.size === 8 ? memory.readU32(at + place.offset + 4) * 0x1_0000_0000 + low : low;
};
