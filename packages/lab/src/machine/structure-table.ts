import type { Va } from '@poolscope/engine/base';
import {
  type Profile,
  type ProfileStructure,
  type SharedStructure,
  WideStructures,
  x64CoreProfiles,
} from '@poolscope/engine/layouts';
import { u64Bytes } from '../bytes/integers.ts';
import type { Architecture } from '../image/image-spec.ts';
import type { AddressSpace } from '../memory/address-space.ts';

/** A member at its place in a structure. */
interface Place {
  readonly offset: number;
  /** Bytes of one element. */
  readonly size: number;
  readonly bits: { readonly position: number; readonly width: number } | undefined;
}

/** Tables of one processor. */
export interface ProcessorTables {
  readonly profiles: readonly Profile[];
  /** Structures that builds without a profile have too. */
  readonly shared: (build: number, name: string) => SharedStructure | undefined;
}

const wide = new WideStructures(x64CoreProfiles);
const sources: Partial<Record<Architecture, ProcessorTables>> = {
  x64: { profiles: x64CoreProfiles, shared: (build, name) => wide.find('x64', build, name) },
  arm64: { profiles: [], shared: (build, name) => wide.find('arm64', build, name) },
};

/** Makes other tables known: who only plays machines of x64 need not carry more than those are made of. */
export function useTables(architecture: Architecture, tables: ProcessorTables): void {
  if (sources[architecture] === tables) return;
  sources[architecture] = tables;
  knownPlaces.clear();
}

/** What was looked up for a build; machines of one build look up the same. */
interface KnownPlaces {
  readonly structures: Map<string, ProfileStructure | undefined>;
  readonly places: Map<string, Place | undefined>;
}

const knownPlaces = new Map<string, KnownPlaces>();

function placesOf(architecture: Architecture, build: number): KnownPlaces {
  const key = `${architecture} ${build}`;
  const known = knownPlaces.get(key) ?? { structures: new Map(), places: new Map() };
  knownPlaces.set(key, known);
  return known;
}

/** Structures of one build by the tables that reader and writer share; of arm64 those of drivers only. */
export class StructureTable {
  readonly #architecture: Architecture;
  readonly #build: number;
  readonly #pointerSize: 4 | 8;
  readonly #known: KnownPlaces;

  constructor(architecture: Architecture, build: number) {
    this.#architecture = architecture;
    this.#build = build;
    this.#pointerSize = architecture === 'x86' ? 4 : 8;
    this.#known = placesOf(architecture, build);
  }

  /** Bytes of a structure; undefined when the tables do not have it. */
  size(name: string): number | undefined {
    return this.structure(name)?.size;
  }

  structure(name: string): ProfileStructure | undefined {
    const { structures } = this.#known;
    if (!structures.has(name)) structures.set(name, this.#lookUp(name));
    return structures.get(name);
  }

  /** Names of all structures that the tables have, in alphabetical order. */
  names(): string[] {
    const known = Object.values(sources).flatMap(({ profiles }) => profiles);
    const names = new Set(known.flatMap((profile) => profile.names()));
    return [...names].filter((name) => this.structure(name) !== undefined).toSorted();
  }

  offset(name: string, path: string): number | undefined {
    return this.place(name, path)?.offset;
  }

  /** Where a member is; its path may lead into structures, of an array into the first element. */
  place(name: string, path: string): Place | undefined {
    const key = `${name}.${path}`;
    const { places } = this.#known;
    const known = places.get(key);
    if (known !== undefined || places.has(key)) return known;
    const place = this.#look(name, path);
    places.set(key, place);
    return place;
  }

  #lookUp(name: string): ProfileStructure | undefined {
    const source = sources[this.#architecture];
    const known = (source?.profiles ?? [])
      .filter((profile) => profile.build === this.#build)
      .sort((a, b) => Number(b.isComplete) - Number(a.isComplete));
    return (
      known.map((profile) => profile.structure(name)).find((each) => each) ??
      source?.shared(this.#build, name)?.structure
    );
  }

  #look(name: string, path: string): Place | undefined {
    const members = this.structure(name)?.members ?? [];
    const whole = members.find((member) => member.path === path);
    if (whole !== undefined) return this.#placeOf(whole.type, whole.offset);
    for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
      const outer = members.find((member) => member.path === path.slice(0, dot));
      if (outer === undefined) continue;
      const inner = this.place(outer.type.replace(/\[.*$/, ''), path.slice(dot + 1));
      return inner && { ...inner, offset: outer.offset + inner.offset };
    }
    return undefined;
  }

  #placeOf(type: string, offset: number): Place | undefined {
    const [, name = '', position, width] = /^([^[:]+)[^:]*(?::(\d+):(\d+))?$/.exec(type) ?? [];
    const scalar = /^[uif](\d+)$/.exec(name)?.[1];
    const size = name.startsWith('*')
      ? this.#pointerSize
      : scalar !== undefined
        ? Number(scalar) / 8
        : name.startsWith('{')
          ? Number.parseInt(name.slice(1), 16)
          : (this.size(name) ?? 0);
    const bits = position === undefined ? undefined : { position: Number(position), width: Number(width) };
    return { offset, size, bits };
  }
}

/** A structure in memory, filled by the names of its members. */
export class PlantedStructure {
  readonly va: Va;
  readonly #space: AddressSpace;
  readonly #table: StructureTable;
  readonly #name: string;

  constructor(space: AddressSpace, table: StructureTable, name: string, va: Va) {
    this.va = va;
    this.#space = space;
    this.#table = table;
    this.#name = name;
  }

  /** Does this build's table have the member? */
  has(path: string): boolean {
    return this.#table.place(this.#name, path) !== undefined;
  }

  at(path: string): Va | undefined {
    const place = this.#table.place(this.#name, path);
    return place && this.va + BigInt(place.offset);
  }

  /** Integers, pointers and bit fields; a member that this build's table does not have is left out. */
  set(values: Readonly<Record<string, bigint | number | undefined>>): this {
    for (const [path, value] of Object.entries(values)) {
      const place = this.#table.place(this.#name, path);
      if (place === undefined || value === undefined) continue;
      this.#write(place, BigInt(value));
    }
    return this;
  }

  /** Element `index` of an array of integers. */
  setElement(path: string, index: number, value: bigint | number): this {
    const place = this.#table.place(this.#name, path);
    if (place !== undefined)
      this.#write({ ...place, offset: place.offset + index * place.size }, BigInt(value));
    return this;
  }

  #write({ offset, size, bits }: Place, value: bigint): void {
    const at = this.va + BigInt(offset);
    if (bits === undefined) {
      this.#space.write(at, u64Bytes(BigInt.asUintN(64, value)).subarray(0, Math.min(size, 8)));
      return;
    }
    const old = this.#space.read(at, size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.position);
    const mixed = (old & ~mask) | ((value << BigInt(bits.position)) & mask);
    this.#space.write(at, u64Bytes(mixed).subarray(0, size));
  }
}
