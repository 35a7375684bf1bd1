import type { ProfileMember } from '../layouts/index.ts';
import { MemberTable } from './member-table.ts';
import type { BitField, MemberKind, MemberType } from './member-type.ts';

/**
 * How a structure's layout is known, best first.
 * - `image`: from the type information of this very image
 * - `build`: from a profile of this build
 * - `around`: it is the same in the profiles before and after this build
 * - `update`: from a profile of this build, of which updates differ here or may do so
 * - `nearest`: from the profile of the nearest build
 * - `guess`: the same, and this build is newer or older than every profile
 * - `contradicted`: the dump itself says that the layout is another
 */
export type LayoutTrust = 'image' | 'build' | 'around' | 'update' | 'nearest' | 'guess' | 'contradicted';

/** A structure as a source of types gives it. */
export interface FoundStructure {
  readonly name: string;
  readonly size: number;
  readonly members: readonly ProfileMember[];
  readonly trust: LayoutTrust;
  /** Where the layout comes from, as half a sentence. */
  readonly source: string;
}

/** A member, or an element of one. */
export interface Member {
  readonly path: string;
  /** Bytes from the beginning of the structure that was asked. */
  readonly offset: number;
  readonly kind: MemberKind;
  /** Bytes of the whole member; undefined for a structure whose size is not known. */
  readonly size: number | undefined;
  /** Elements of an array, 1 for a single value. */
  readonly count: number;
  readonly isArray: boolean;
  readonly structure: string | undefined;
  readonly target: string | undefined;
  /** Of a pointer to a function, what it returns in the words of C; empty where that is not known. */
  readonly returns: string | undefined;
  /** Name of the enumeration that an integer is of, where the source of the layout tells. */
  readonly enumeration: string | undefined;
  readonly bits: BitField | undefined;
}

/** A part of a path: a name and the indexes behind it. */
interface Step {
  readonly name: string;
  readonly indexes: readonly number[];
}

/** A kernel structure: its size and members. */
export class StructureType {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly trust: LayoutTrust;
  readonly source: string;
  readonly pointerSize: 4 | 8;
  readonly #entries: MemberTable;
  readonly #find: (name: string) => StructureType | undefined;
  readonly #enumeration: (name: string) => ReadonlyMap<string, number> | undefined;

  constructor(
    found: FoundStructure,
    pointerSize: 4 | 8,
    find: (name: string) => StructureType | undefined,
    enumeration: (name: string) => ReadonlyMap<string, number> | undefined = () => undefined,
  ) {
    this.name = found.name;
    this.size = found.size;
    this.trust = found.trust;
    this.source = found.source;
    this.pointerSize = pointerSize;
    this.#find = find;
    this.#enumeration = enumeration;
    this.#entries = new MemberTable(found.members, pointerSize);
  }

  /** Does the layout hold for this build, as far as can be known? */
  get exact(): boolean {
    return this.trust === 'image' || this.trust === 'build' || this.trust === 'around';
  }

  /** Its own members, by their offsets; those of structures without a name have a dot in their path. */
  get members(): readonly Member[] {
    return [...this.#entries]
      .map(([path, entry]) => this.#member(path, entry.offset, entry.type, 0))
      .sort((a, b) => a.offset - b.offset || (a.bits?.position ?? 0) - (b.bits?.position ?? 0));
  }

  /** The same in the order of their declaration, as far as the source keeps it. */
  get declared(): readonly Member[] {
    return [...this.#entries].map(([path, entry]) => this.#member(path, entry.offset, entry.type, 0));
  }

  /** The structure of a member's name; undefined when the profile does not have it. */
  structureOf(member: Member): StructureType | undefined {
    return member.structure === undefined ? undefined : this.#find(member.structure);
  }

  /**
   * Name of an enumeration's value; null where it has none, undefined for a member that is of no enumeration or of one
   * whose values are not known.
   */
  valueName({ enumeration, size, count }: Member, value: bigint): string | null | undefined {
    const values = enumeration === undefined ? undefined : this.#enumeration(enumeration);
    if (values === undefined || size === undefined) return undefined;
    const width = (size / count) * 8;
    const wanted = BigInt.asUintN(width, value);
    for (const [name, each] of values)
      if (Number.isSafeInteger(each) && BigInt.asUintN(width, BigInt(each)) === wanted) return name;
    return null;
  }

  /** A member by its path, which may lead into structures and arrays: `Tcb.ApcState.Process`, `MajorFunction[3]`. */
  member(path: string): Member | undefined {
    const steps = parsePath(path);
    return steps === undefined ? undefined : this.#walk(path, steps, 0);
  }

  /** The offset of a member in bytes. */
  offset(path: string): number | undefined {
    return this.member(path)?.offset;
  }

  #walk(path: string, steps: readonly Step[], base: number): Member | undefined {
    // A path without a name in it is in the table as a whole: the longest beginning that is there.
    for (let taken = steps.length; taken > 0; taken--) {
      const key = keyOf(steps, taken);
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      const shift = this.#shift(steps, taken);
      if (shift === undefined) return undefined;
      const at = base + entry.offset + shift;
      const { indexes } = steps[taken - 1]!;
      if (taken === steps.length) return this.#member(path, at, entry.type, indexes.length);
      if (entry.type.structure === undefined || indexes.length < entry.type.dimensions.length)
        return undefined;
      const inner = this.#find(entry.type.structure);
      return inner === undefined ? undefined : inner.#walk(path, steps.slice(taken), at);
    }
    return undefined;
  }

  /** Bytes that the indexes of the first `taken` steps skip; undefined when one is out of bounds. */
  #shift(steps: readonly Step[], taken: number): number | undefined {
    let shift = 0;
    for (let at = 0; at < taken; at++) {
      const { indexes } = steps[at]!;
      if (indexes.length === 0) continue;
      const type = this.#entries.get(keyOf(steps, at + 1))?.type;
      const elementSize = type === undefined ? undefined : this.#elementSize(type);
      const element = type === undefined ? undefined : elementNumber(type.dimensions, indexes);
      if (element === undefined || elementSize === undefined) return undefined;
      shift += element * elementSize;
    }
    return shift;
  }

  #elementSize(type: MemberType): number | undefined {
    return type.elementSize ?? (type.structure === undefined ? undefined : this.#find(type.structure)?.size);
  }

  #member(path: string, offset: number, type: MemberType, indexed: number): Member {
    const rest = type.dimensions.slice(indexed);
    const count = rest.reduce((product, dimension) => product * dimension, 1);
    const elementSize = this.#elementSize(type);
    return {
      path,
      offset,
      kind: type.kind,
      size: elementSize === undefined ? undefined : elementSize * count,
      count,
      isArray: rest.length > 0,
      structure: type.structure,
      target: type.target,
      returns: type.returns,
      enumeration: type.enumeration,
      bits: type.bits,
    };
  }
}

const keyOf = (steps: readonly Step[], taken: number): string =>
  steps
    .slice(0, taken)
    .map(({ name }) => name)
    .join('.');

/** `a.b[1][2]` in parts; undefined when it is no path. */
function parsePath(path: string): Step[] | undefined {
  if (!/^\w+(\[\d{1,9}\])*(\.\w+(\[\d{1,9}\])*)*$/.test(path)) return undefined;
  return path.split('.').map((part) => ({
    name: /^\w+/.exec(part)![0],
    indexes: [...part.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index)),
  }));
}

/** Number of the first element that the indexes choose; undefined when they do not fit the dimensions. */
function elementNumber(dimensions: readonly number[], indexes: readonly number[]): number | undefined {
  if (indexes.length > dimensions.length) return undefined;
  let element = 0;
  for (const [at, dimension] of dimensions.entries()) {
    const index = indexes[at] ?? 0;
    if (index >= dimension) return undefined;
    element = element * dimension + index;
  }
  return element;
}
