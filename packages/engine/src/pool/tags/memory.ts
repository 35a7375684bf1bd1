import type { TagCode } from './code.ts';
import { behind, type FlowMemory, type MemoryPlace } from './effects.ts';
import type { FlowValue } from './value.ts';

/** How code comes by a tag that is no number in it. */
export type KeptTag =
  /** A place of the image that nobody can write to. */
  | 'constant'
  /** A place of the image that has the tag now. */
  | 'variable'
  /** One of several in a table of the image. */
  | 'table'
  /** A member of a structure; the same code puts the tag into one at the same offset. */
  | 'member'
  /** What a function gives back. */
  | 'result'
  /** The list of contexts that a minifilter registers: the filter manager allocates for it. */
  | 'contexts';

/** What is looked for. */
export interface WantedTag {
  readonly values: ReadonlySet<number>;
  /** Instructions that bring the tag in, by the RVA behind them; and what they are told as. */
  readonly seeds: ReadonlyMap<
    number,
    { readonly id: number; readonly isSwapped: boolean; readonly shift: number }
  >;
  /** Calls that give the tag back. */
  readonly returning: ReadonlySet<number>;
  /** Variables that get the tag while the code runs. */
  readonly variables: ReadonlySet<number>;
  /** Offsets of members that get it. */
  readonly members: ReadonlySet<number>;
  /** Words of data with the tag, and where the things begin that code names, by RVA. */
  readonly places: readonly number[];
  readonly objects: readonly number[];
}

/** Bytes behind the start of a table that one access may mean; a table ends where another thing begins. */
const tableReach = 0x400;
/** Bytes of a structure that a function gets the address of. */
const structureReach = 0x100;
/** Bytes of a tag, and of the widest load. */
export const tagSize = 4;
const widestSize = 16;

/** Where the tag stands in an image, and where code puts it. */
export class TagMemory implements FlowMemory {
  readonly pointerSize: 4 | 8;
  /** Places that the tag was put to: variables of the image, and offsets of members. */
  readonly storedVariables = new Set<number>();
  readonly storedMembers = new Set<number>();
  /** Loads that gave the tag, by RVA. */
  readonly loads = new Map<number, KeptTag>();
  readonly #code: TagCode;
  readonly #wanted: WantedTag;

  constructor(code: TagCode, wanted: WantedTag) {
    this.#code = code;
    this.#wanted = wanted;
    this.pointerSize = code.pointerSize;
  }

  rvaOf(va: bigint): number {
    return this.#code.rvaOf(va);
  }

  isInside(rva: number): boolean {
    return this.#code.sectionAt(rva) !== undefined;
  }

  load(at: number, place: MemoryPlace, size: number): FlowValue | undefined {
    for (let shift = 0; shift + tagSize <= Math.min(size, widestSize); shift += tagSize) {
      const kept = this.#keptAt(behind(place, shift));
      if (kept === undefined) continue;
      this.loads.set(at, kept);
      return { kind: 'tag', seeds: [at], swapped: false, shift };
    }
    return undefined;
  }

  #keptAt(place: MemoryPlace): KeptTag | undefined {
    if (place.kind === 'member') return this.#wanted.members.has(place.offset) ? 'member' : undefined;
    if (place.kind !== 'image') return undefined;
    if (!place.isExact) return this.#isInTable(place.rva) ? 'table' : undefined;
    if (this.#wanted.variables.has(place.rva)) return 'variable';
    if (!this.#hasTag(place.rva)) return undefined;
    return this.#code.sectionAt(place.rva)?.writable === false ? 'constant' : 'variable';
  }

  /** Does the tag stand there or soon behind, as in a structure that begins there? */
  isNear(rva: number): boolean {
    return this.#wanted.places.some((place) => place >= rva && place < rva + structureReach);
  }

  #isInTable(rva: number): boolean {
    const { places, objects } = this.#wanted;
    return places.some(
      (place) =>
        place >= rva &&
        place < rva + tableReach &&
        !objects.some((object) => object > rva && object <= place),
    );
  }

  #hasTag(rva: number): boolean {
    const value = this.#code.isCode(rva) && this.pointerSize === 4 ? undefined : this.#code.u32(rva);
    return value !== undefined && this.#wanted.values.has(value);
  }

  stored(place: MemoryPlace): void {
    if (place.kind === 'image' && place.isExact) this.storedVariables.add(place.rva);
    else if (place.kind === 'member' && place.offset !== 0) this.storedMembers.add(place.offset);
  }
}
