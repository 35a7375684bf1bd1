import { readU16, readU32 } from '../base/index.ts';
import type { ProfileMember } from '../layouts/index.ts';
import { basicSize, basicType } from './basic-type.ts';
import { type MemberField, walkFields } from './field-list.ts';
import { resultOf } from './function-result.ts';
import { readNumericLeaf } from './numeric-leaf.ts';
import { nameAt } from './symbol-record.ts';
import { forwardReference, leaf } from './type-leaf.ts';
import type { TypeStream } from './type-stream.ts';

/** A structure, class or union as its record tells. */
export interface StructureRecord {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly isForward: boolean;
  /** Index of its list of fields. */
  readonly fields: number;
}

/** A structure with its members in the form of the profiles: those of unnamed structures have dotted paths. */
export interface StructureLayout {
  readonly name: string;
  readonly size: number;
  readonly members: readonly ProfileMember[];
}

const maxMembers = 20_000;
const maxDepth = 16;
/** Fields that are looked at for one structure, those of its parents and unnamed parts included. */
const maxFields = 100_000;
/** Bytes; nothing in a program is larger. */
const maxSize = 0xffff_ffff;

/** Structures by name, out of a stream of types. Names are collected at the first question. */
export class StructureTypes {
  readonly #types: TypeStream;
  #byName: ReadonlyMap<string, number> | undefined;
  #fieldsLeft = 0;

  constructor(types: TypeStream) {
    this.#types = types;
  }

  /** Names of all structures and unions that are defined, not only declared; those without a name are left out. */
  names(): Iterable<string> {
    return this.#index().keys();
  }

  find(name: string): StructureLayout | undefined {
    const index = this.#index().get(name);
    const record = index === undefined ? undefined : this.structureAt(index);
    if (record === undefined) return undefined;
    const members: ProfileMember[] = [];
    this.#fieldsLeft = maxFields;
    this.#addMembers(members, record, '', 0, 0);
    return { name: record.name, size: record.size, members };
  }

  /** The structure at an index; undefined for any other type. */
  structureAt(index: number): StructureRecord | undefined {
    const record = this.#types.record(index);
    if (record === undefined || !isStructure(record.leaf)) return undefined;
    const { bytes } = record;
    const sizeAt = record.leaf === leaf.LF_UNION ? 8 : 16;
    const size = readNumericLeaf(bytes, sizeAt);
    if (size === undefined || size.value < 0n || size.value > maxSize) return undefined;
    return {
      name: nameAt(bytes, size.end, bytes.length),
      size: Number(size.value),
      isForward: (readU16(bytes, 2) & forwardReference) !== 0,
      fields: readU32(bytes, 4),
    };
  }

  #index(): ReadonlyMap<string, number> {
    if (this.#byName !== undefined) return this.#byName;
    const names = new Map<string, number>();
    for (let index = this.#types.first; index < this.#types.end; index++) {
      if (!isStructure(this.#types.leafOf(index))) continue;
      const structure = this.structureAt(index);
      if (structure === undefined || structure.isForward || isUnnamed(structure.name)) continue;
      if (!names.has(structure.name)) names.set(structure.name, index);
    }
    this.#byName = names;
    return names;
  }

  #addMembers(
    to: ProfileMember[],
    record: StructureRecord,
    prefix: string,
    base: number,
    depth: number,
  ): void {
    for (const field of walkFields(this.#types, record.fields)) {
      if (to.length >= maxMembers || this.#fieldsLeft-- <= 0) return;
      if (field.kind === 'base') this.#addBase(to, field, prefix, base, depth);
      else if (field.kind === 'member') this.#addMember(to, field, prefix, base, depth);
    }
  }

  /** Members of a base class stand among its heirs' own. */
  #addBase(to: ProfileMember[], field: MemberField, prefix: string, base: number, depth: number): void {
    const parent = this.#definition(field.type);
    if (parent !== undefined && depth < maxDepth)
      this.#addMembers(to, parent, prefix, base + field.offset, depth + 1);
  }

  #addMember(to: ProfileMember[], field: MemberField, prefix: string, base: number, depth: number): void {
    const path = prefix + field.name;
    const offset = base + field.offset;
    const type = this.#typeText(field.type, 0);
    if (type !== undefined) to.push({ path, offset, type });
    const inner = this.structureAt(field.type);
    if (inner !== undefined && isUnnamed(inner.name) && depth < maxDepth)
      this.#addMembers(to, inner, `${path}.`, offset, depth + 1);
  }

  /** A declared structure's definition, by its name. */
  #definition(index: number): StructureRecord | undefined {
    const record = this.structureAt(index);
    if (record === undefined || !record.isForward) return record;
    const defined = this.#index().get(record.name);
    return defined === undefined ? undefined : this.structureAt(defined);
  }

  /** A type in the form of the profiles; undefined when it has none there. */
  #typeText(index: number, depth: number): string | undefined {
    if (index < 0x1000) return basicType(index);
    const record = this.#types.record(index);
    if (record === undefined || depth > maxDepth) return undefined;
    const { bytes } = record;
    switch (record.leaf) {
      case leaf.LF_MODIFIER:
        return this.#typeText(readU32(bytes, 0), depth + 1);
      case leaf.LF_POINTER:
        return `*${this.#targetText(readU32(bytes, 0), depth + 1)}`;
      case leaf.LF_BITFIELD:
        return `${this.#typeText(readU32(bytes, 0), depth + 1)}:${bytes[5]}:${bytes[4]}`;
      case leaf.LF_ENUM:
        return this.#enumText(bytes, depth);
      case leaf.LF_ARRAY:
        return this.#arrayText(index, depth);
      default:
        return this.#structureText(index);
    }
  }

  #structureText(index: number): string | undefined {
    const structure = this.structureAt(index);
    if (structure === undefined) return undefined;
    return isUnnamed(structure.name) ? `{${structure.size.toString(16)}}` : plainName(structure.name);
  }

  /** The integer, and the enumeration's name where it has one. */
  #enumText(bytes: Uint8Array, depth: number): string | undefined {
    const integer = this.#typeText(readU32(bytes, 4), depth + 1);
    const name = bytes.length < 12 ? '' : nameAt(bytes, 12, bytes.length);
    return integer === undefined || !/^\w+$/.test(name) || isUnnamed(name) ? integer : `${integer}=${name}`;
  }

  #targetText(index: number, depth: number): string {
    const result = resultOf(this.#types, index);
    if (result !== undefined) return `(${result.replaceAll(' ', '.')})`;
    const text = this.#typeText(index, depth)
      ?.replace(/=\w+$/, '')
      .replace(/\([^)]*\)$/, 'void');
    return text === undefined || /[{[:]/.test(text) ? 'void' : text;
  }

  /** Dimensions are written with the outer first, the element's type before them. */
  #arrayText(index: number, depth: number): string | undefined {
    const record = this.#types.record(index)!;
    const element = readU32(record.bytes, 0);
    const total = readNumericLeaf(record.bytes, 8);
    const size = this.#sizeOf(element, depth + 1);
    const text = this.#typeText(element, depth + 1);
    if (total === undefined || size === undefined || size === 0 || text === undefined) return undefined;
    const count = Math.floor(Number(total.value) / size);
    const at = text.indexOf('[');
    return at < 0 ? `${text}[${count}]` : `${text.slice(0, at)}[${count}]${text.slice(at)}`;
  }

  #sizeOf(index: number, depth: number): number | undefined {
    if (index < 0x1000) return basicSize(index);
    const record = this.#types.record(index);
    if (record === undefined || depth > maxDepth) return undefined;
    const { bytes } = record;
    switch (record.leaf) {
      case leaf.LF_MODIFIER:
        return this.#sizeOf(readU32(bytes, 0), depth + 1);
      case leaf.LF_POINTER:
        return (readU32(bytes, 4) >>> 13) & 0x3f;
      case leaf.LF_ENUM:
        return this.#sizeOf(readU32(bytes, 4), depth + 1);
      case leaf.LF_ARRAY: {
        const total = readNumericLeaf(bytes, 8);
        return total === undefined ? undefined : Number(total.value);
      }
      default:
        return this.#definition(index)?.size;
    }
  }
}

const isStructure = (kind: number): boolean =>
  kind === leaf.LF_STRUCTURE ||
  kind === leaf.LF_CLASS ||
  kind === leaf.LF_UNION ||
  kind === leaf.LF_INTERFACE;

/** Compilers write such names for structures that have none. */
const isUnnamed = (name: string): boolean => name === '' || /<(unnamed|anonymous)|^__unnamed$/.test(name);

/** Names of templates and scopes in the letters that the profiles' form allows. */
const plainName = (name: string): string => name.replace(/[^\w]/g, '_');
