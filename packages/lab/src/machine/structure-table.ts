import type { Va } from '@poolscope/engine/base';
import { type ProfileStructure, profiles, sharedStructure } from '@poolscope/engine/layouts';
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

/** Structures of one build by the tables that reader and writer share; of arm64 those of drivers only. */
export class StructureTable {
  readonly #pointerSize: 4 | 8;
  readonly #structures: (name: string) => ProfileStructure | undefined;
  readonly #places = new Map<string, Place | undefined>();

  constructor(architecture: Architecture, build: number) {
    this.#pointerSize = architecture === 'x86' ? 4 : 8;
    const known = profiles
      .filter((profile) => profile.machine === architecture && profile.build === build)
      .sort((a, b) => Number(b.isComplete) - Number(a.isComplete));
    this.#structures = (name) =>
      known.map((profile) => profile.structure(name)).find((each) => each) ??
      sharedStructure(architecture, build, name)?.structure;
  }

  /** Bytes of a structure; undefined when the tables do not have it. */
  size(name: string): number | undefined {
    return this.#structures(name)?.size;
  }

  structure(name: string): ProfileStructure | undefined {
    return this.#structures(name);
  }

  /** Names of all structures that the tables have, in alphabetical order. */
  names(): string[] {
    const names = new Set(profiles.flatMap((profile) => profile.names()));
    return [...names].filter((name) => this.#structures(name) !== undefined).toSorted();
  }

  offset(name: string, path: string): number | undefined {
    return this.place(name, path)?.offset;
  }

  /** Where a member is; its path may lead into structures, of an array into the first element. */
  place(name: string, path: string): Place | undefined {
    const key = `${name}.${path}`;
    if (!this.#places.has(key)) this.#places.set(key, this.#look(name, path));
    return this.#places.get(key);
  }

  #look(name: string, path: string): Place | undefined {
    const members = this.#structures(name)?.members ?? [];
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
