import { assert } from '@poolscope/engine/base';
import type { ProfileMember, ProfileStructure } from '@poolscope/engine/layouts';
import { leaf, numeric, typeRecord } from './code-view.ts';
import { enumerateField, FieldList, type ListedField, memberField } from './field-list.ts';
import { nameHash } from './name-hash.ts';
import { basicIndex, basicPointer, basicSize, parseType, type TypeText } from './type-index.ts';
import type { TypeRecords } from './type-stream.ts';

/** Where structures come from, in the form of the profiles (docs/formats/structure-profiles.md). */
export interface StructureSource {
  names(): Iterable<string>;
  structure(name: string): ProfileStructure | undefined;
  /** Names and values of an enumeration. */
  enumeration?(name: string): readonly (readonly [name: string, value: number])[] | undefined;
}

interface FoundType {
  readonly index: number;
  /** Bytes. */
  readonly size: number;
}

/** A type with its bytes known; `bits` of a bit field. */
interface PlacedMember extends FoundType {
  readonly name: string;
  readonly offset: number;
  readonly bits: TypeText['bits'];
}

const unnamed = '<unnamed-tag>';
const forwardReference = 0x80;
const anyArguments = 0;

/** Structures as types: members of structures without a name are put together again by their dotted paths. */
export class StructureTypes {
  readonly #types: TypeRecords;
  readonly #source: StructureSource;
  readonly #pointerSize: 4 | 8;
  readonly #defined = new Map<string, FoundType | undefined>();

  constructor(types: TypeRecords, source: StructureSource, pointerSize: 4 | 8) {
    this.#types = types;
    this.#source = source;
    this.#pointerSize = pointerSize;
  }

  /** Writes all structures; names and indexes of those that were. */
  writeAll(): { readonly name: string; readonly index: number }[] {
    return [...this.#source.names()].flatMap((name) => {
      const found = this.#define(name);
      return found === undefined ? [] : [{ name, index: found.index }];
    });
  }

  /** The definition of a structure; undefined when the source has none. */
  #define(name: string): FoundType | undefined {
    if (this.#defined.has(name)) return this.#defined.get(name);
    // One that holds itself, which no compiler makes, finds that it is not there yet.
    this.#defined.set(name, undefined);
    const structure = this.#source.structure(name);
    if (structure === undefined) return undefined;
    const found = this.#record(name, structure.size, structure.members, '');
    this.#defined.set(name, found);
    return found;
  }

  /** `members` of a structure and of its unnamed parts; its own are those right behind `prefix`. */
  #record(name: string, size: number, members: readonly ProfileMember[], prefix: string): FoundType {
    const own = members
      .filter(({ path }) => path.startsWith(prefix) && !path.includes('.', prefix.length))
      .flatMap((member) => this.#member(member, members, prefix));
    own.sort((a, b) => a.offset - b.offset || bitOrder(a) - bitOrder(b));
    const fields = this.#fieldList(
      own.map((member) => memberField(member.name, member.index, member.offset)),
    );
    const record = typeRecord(isUnion(own) ? leaf.LF_UNION : leaf.LF_STRUCTURE, (to) => {
      to.u16(own.length, 0).u32(fields);
      if (!isUnion(own)) to.u32(0, 0);
      numeric(to, BigInt(size));
      to.text(name);
    });
    const index = name === unnamed ? this.#types.add(record) : this.#types.add(record, nameHash(name));
    return { index, size };
  }

  /** None where the tables do not tell what an array holds. */
  #member(member: ProfileMember, members: readonly ProfileMember[], prefix: string): PlacedMember[] {
    const type = parseType(member.type);
    assert(type !== undefined, `${member.path} has a type that is none: ${member.type}`);
    const start = members.find(({ path }) => path === prefix.slice(0, -1))?.offset ?? 0;
    const element = this.#element(type, () => {
      const bytes = Number.parseInt(type.name.slice(1), 16);
      return this.#record(unnamed, bytes, members, `${member.path}.`);
    });
    if (element === undefined && type.dimensions.length > 0) return [];
    const whole = this.#array(element ?? { index: this.#declare(type.name), size: 0 }, type.dimensions);
    return [
      {
        name: member.path.slice(prefix.length),
        offset: member.offset - start,
        bits: type.bits,
        ...(type.bits === undefined ? whole : { ...whole, index: this.#bitField(whole.index, type.bits) }),
      },
    ];
  }

  /** Undefined for a structure that the source does not have. */
  #element({ stars, name, enumeration }: TypeText, makeUnnamed: () => FoundType): FoundType | undefined {
    if (stars > 0) return { index: this.#pointer(stars, name), size: this.#pointerSize };
    const basic = basicIndex(name);
    if (basic !== undefined) {
      const index = enumeration === undefined ? basic : this.#enumeration(enumeration, basic);
      return { index, size: basicSize(name) };
    }
    return name.startsWith('{') ? makeUnnamed() : this.#define(name);
  }

  #pointer(stars: number, name: string): number {
    const basic = name.startsWith('(') ? undefined : basicIndex(name);
    let index =
      basic === undefined ? this.#pointerTo(this.#target(name)) : basicPointer(basic, this.#pointerSize);
    for (let left = stars - 1; left > 0; left--) index = this.#pointerTo(index);
    return index;
  }

  /** Arguments and results of functions are not told: they are written as unknown. */
  #target(name: string): number {
    if (!name.startsWith('(')) return this.#declare(name);
    const none = this.#types.add(typeRecord(leaf.LF_ARGLIST, (to) => to.u32(0)));
    return this.#types.add(
      typeRecord(leaf.LF_PROCEDURE, (to) => to.u32(0).u8(0, 0).u16(anyArguments).u32(none)),
    );
  }

  /** Near pointers of 32 or 64 bits. */
  #pointerTo(target: number): number {
    const attributes = this.#pointerSize === 8 ? 0x1000c : 0x800a;
    return this.#types.add(typeRecord(leaf.LF_POINTER, (to) => to.u32(target, attributes)));
  }

  /** A structure that is only named. */
  #declare(name: string): number {
    const record = typeRecord(leaf.LF_STRUCTURE, (to) =>
      to.u16(0, forwardReference).u32(0, 0, 0).u16(0).text(name),
    );
    return this.#types.add(record);
  }

  #array(element: FoundType, dimensions: readonly number[]): FoundType {
    let { index, size } = element;
    const counter = basicIndex(this.#pointerSize === 8 ? 'u64' : 'u32')!;
    for (const count of dimensions.toReversed()) {
      size *= count;
      const [inner, bytes] = [index, size];
      index = this.#types.add(
        typeRecord(leaf.LF_ARRAY, (to) => {
          to.u32(inner, counter);
          numeric(to, BigInt(bytes));
          to.text('');
        }),
      );
    }
    return { index, size };
  }

  #bitField(type: number, { position, width }: { position: number; width: number }): number {
    return this.#types.add(typeRecord(leaf.LF_BITFIELD, (to) => to.u32(type).u8(width, position)));
  }

  /** An enumeration whose values are not known is only named. */
  #enumeration(name: string, integer: number): number {
    const values = this.#source.enumeration?.(name);
    const fields =
      values === undefined ? 0 : this.#fieldList(values.map(([own, value]) => enumerateField(own, value)));
    const property = values === undefined ? forwardReference : 0;
    const record = typeRecord(leaf.LF_ENUM, (to) =>
      to
        .u16(values?.length ?? 0, property)
        .u32(integer, fields)
        .text(name),
    );
    return values === undefined ? this.#types.add(record) : this.#types.add(record, nameHash(name));
  }

  #fieldList(fields: readonly ListedField[]): number {
    return new FieldList(fields).addTo(this.#types);
  }
}

/** Bits come before the whole that they are in, as the kernel's headers have them; the tables do not keep that order. */
const bitOrder = ({ bits }: PlacedMember): number => bits?.position ?? 64;

/** All members begin together, and they are not bits side by side. */
function isUnion(members: readonly PlacedMember[]): boolean {
  if (members.length < 2 || members.some(({ offset }) => offset !== 0)) return false;
  let end = 0;
  return members.some(({ size, bits }) => {
    const [from, width] = bits === undefined ? [0, size * 8] : [bits.position, bits.width];
    const overlaps = from < end;
    end = Math.max(end, from + width);
    return overlaps;
  });
}
