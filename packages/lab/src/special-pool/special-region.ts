import type { Va } from '@poolscope/engine/base';
import { u32Bytes, u64Bytes } from '../bytes/integers.ts';
import { PlantedStructure, type StructureTable } from '../machine/structure-table.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { nxBit } from '../pool/pool-type.ts';
import { type ChainEnds, PteChain } from './pte-pairs.ts';
import type { SpecialKind, SpecialPages, SpecialPair } from './special-pages.ts';

/** Addresses that special pool may use, and where nt keeps what it knows of them. */
export interface SpecialRegionOptions {
  readonly space: AddressSpace;
  readonly tables: StructureTable;
  readonly start: Va;
  readonly end: Va;
  /** Which page of entries is used first, counted from the start of the region. */
  readonly firstSlice?: number;
  /** nt!MiSpecialPool. */
  readonly state: Va;
  /** Room for a bit for each page of entries; undefined: this build keeps none. */
  readonly bitMap: Va | undefined;
}

const sliceSpan = 0x20_0000n;
const bitMapBits = 0x1_0000;
/** Bytes of the bit map of a region of 128 GB. */
export const bitMapBytes = bitMapBits / 8;

/** Special pool leaves the machine so many pages. Source: ReactOS' special.c. */
const spareRam = 0x100;

/** The addresses of special pool: a chain of free pairs for each kind, and MI_SPECIAL_POOL, which tells of both. */
export class SpecialRegion implements SpecialPages {
  readonly isHeap = false;
  readonly #options: SpecialRegionOptions;
  readonly #structure: PlantedStructure;
  readonly #chains: Readonly<Record<SpecialKind, PteChain>>;
  readonly #listShift: 28n | 32n;
  #nextSlice: bigint;
  #pagesInUse = 0;

  constructor(options: SpecialRegionOptions) {
    const { space, tables, state, bitMap } = options;
    this.#options = options;
    this.#structure = new PlantedStructure(space, tables, '_MI_SPECIAL_POOL', state);
    this.#listShift = tables.place('_MMPTE_LIST', 'NextEntry')?.bits?.position === 28 ? 28n : 32n;
    this.#nextSlice = BigInt(options.firstSlice ?? 0);
    this.#chains = { paged: this.#chain(), nonpaged: this.#chain() };
    const base = space.tables.pteAddress(this.#alignedStart);
    this.#structure.set({ PteBase: base, 'Paged.PteBase': base, 'NonPaged.PteBase': base });
    if (bitMap !== undefined)
      this.#structure.set({ 'SpecialPoolPdes.SizeOfBitMap': bitMapBits, 'SpecialPoolPdes.Buffer': bitMap });
    this.#noteChains();
  }

  get pagesInUse(): number {
    return this.#pagesInUse;
  }

  find(va: Va): SpecialPair | undefined {
    const { paged, nonpaged } = this.#chains;
    return paged.pairAt(va) ?? nonpaged.pairAt(va);
  }

  take(kind: SpecialKind, type: number): Va | undefined {
    const { memory } = this.#options.space;
    if (memory.available < spareRam) return undefined;
    const pfn = memory.allocate();
    const executable = kind === 'nonpaged' && (type & nxBit) === 0;
    const pair = this.#chains[kind].take(pfn, { writable: true, executable });
    if (pair === undefined) memory.release(pfn);
    else this.#note(1);
    return pair?.va;
  }

  giveBack(kind: SpecialKind, page: Va): void {
    const { space } = this.#options;
    const pfn = space.pfnOf(page)!;
    this.#chains[kind].giveBack(this.#chains[kind].pairAt(page)!);
    space.memory.release(pfn);
    this.#note(-1);
  }

  holds(va: Va): boolean {
    return va >= this.#alignedStart && va < this.#options.end;
  }

  /** The chains and the number of pages have changed. */
  #note(pages: number): void {
    this.#pagesInUse += pages;
    this.#noteChains();
  }

  get #alignedStart(): Va {
    return ((this.#options.start + sliceSpan - 1n) / sliceSpan) * sliceSpan;
  }

  #chain(): PteChain {
    const { space } = this.#options;
    return new PteChain({
      space,
      base: this.#alignedStart,
      listShift: this.#listShift,
      nextSlice: () => this.#takeSlice(),
      noteSlice: (start, inUse) => this.#noteSlice(start, inUse),
    });
  }

  #takeSlice(): Va | undefined {
    const start = this.#alignedStart + this.#nextSlice * sliceSpan;
    if (start + sliceSpan > this.#options.end) return undefined;
    this.#nextSlice++;
    return start;
  }

  #noteSlice(start: Va, inUse: boolean): void {
    const { bitMap, space } = this.#options;
    const bit = Number((start - this.#alignedStart) / sliceSpan);
    if (bitMap === undefined || bit >= bitMapBits) return;
    const at = bitMap + BigInt(Math.floor(bit / 32) * 4);
    const word = new DataView(space.read(at, 4).buffer).getUint32(0, true);
    const mask = 1 << (bit % 32);
    space.write(at, u32Bytes((inUse ? word | mask : word & ~mask) >>> 0));
  }

  #noteChains(): void {
    const { paged, nonpaged } = this.#chains;
    this.#noteEnds('Paged', paged.ends);
    this.#noteEnds('NonPaged', nonpaged.ends);
    this.#structure.set({ PagesInUse: this.#pagesInUse });
  }

  /** Windows 7 calls the two ends FreePteHead and FreePteTail, later kernels Flink and Blink. */
  #noteEnds(name: 'Paged' | 'NonPaged', { head, tail }: ChainEnds): void {
    for (const [members, index] of [
      [['FreePteHead', 'Flink'], head],
      [['FreePteTail', 'Blink'], tail],
    ] as const)
      for (const member of members) {
        const at = this.#structure.at(`${name}.${member}`);
        if (at !== undefined) this.#options.space.write(at, u64Bytes(this.#link(index)));
      }
  }

  #link(index: number | undefined): bigint {
    const none = this.#listShift === 28n ? 0xf_ffff_ffffn : 0xffff_ffffn;
    return (index === undefined ? none : BigInt(index)) << this.#listShift;
  }
}
