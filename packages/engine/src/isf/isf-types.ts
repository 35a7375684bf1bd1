import type { ProfileMember, ProfileStructure } from '../layouts/index.ts';

/** Types of an ISF file in the form of the structure profiles. What does not fit the schema is left out. */

/** A part of the JSON, whose shape is not known. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unnamed = /^_{1,2}(anonymous|unnamed)_|^<(unnamed|anonymous)|^__unnamed$/;
/** Deepest structure without a name in another, and deepest type of a type. */
const maxDepth = 16;
const maxMembers = 20_000;
const maxSize = 0x1000_0000;

export class IsfTypes {
  readonly #user: Json;
  readonly #base: Json;
  readonly #enums: Json;

  constructor(file: Json) {
    this.#user = objectOf(file.user_types);
    this.#base = objectOf(file.base_types);
    this.#enums = objectOf(file.enums);
  }

  /** Names of structures and unions; those without a name are left out. */
  names(): string[] {
    return Object.keys(this.#user).filter((name) => !unnamed.test(name));
  }

  find(name: string): ProfileStructure | undefined {
    const type = own(this.#user, name);
    const size = sizeOf(type);
    if (type === undefined || size === undefined || unnamed.test(name)) return undefined;
    const members: ProfileMember[] = [];
    this.#addMembers(members, type, '', 0, 0);
    return { name, size, members: members.sort((a, b) => a.offset - b.offset || bitOf(a) - bitOf(b)) };
  }

  /** Names of the values of an enumeration. */
  enumeration(name: string): ReadonlyMap<string, number> | undefined {
    const constants = own(this.#enums, name)?.constants;
    if (!isObject(constants)) return undefined;
    return new Map(
      Object.entries(constants).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  }

  #addMembers(to: ProfileMember[], type: Json, prefix: string, base: number, depth: number): void {
    for (const [name, field] of Object.entries(objectOf(type.fields))) {
      if (!isObject(field) || !isCount(field.offset) || to.length >= maxMembers || !/^[\w$]+$/.test(name))
        continue;
      const path = prefix + name;
      const offset = base + field.offset;
      const text = this.#typeText(field.type, 0);
      if (text !== undefined) to.push({ path, type: text, offset });
      const inner = this.#unnamedOf(field.type);
      if (inner !== undefined && depth < maxDepth) this.#addMembers(to, inner, `${path}.`, offset, depth + 1);
    }
  }

  /** The structure without a name that a member is, or is an array of. */
  #unnamedOf(type: unknown): Json | undefined {
    let element = type;
    for (let depth = 0; isObject(element) && element.kind === 'array' && depth < maxDepth; depth++)
      element = element.subtype;
    if (!isObject(element) || typeof element.name !== 'string' || !unnamed.test(element.name))
      return undefined;
    return own(this.#user, element.name);
  }

  #typeText(type: unknown, depth: number): string | undefined {
    if (!isObject(type) || depth > maxDepth) return undefined;
    switch (type.kind) {
      case 'base':
        return this.#baseText(type.name);
      case 'enum':
        return this.#enumText(type.name);
      case 'bitfield':
        return this.#bitText(type, depth);
      case 'pointer':
        return `*${this.#targetText(type.subtype, depth + 1)}`;
      case 'function':
        return 'void';
      case 'array':
        return this.#arrayText(type, depth);
      default:
        return this.#structureText(type.name);
    }
  }

  #baseText(name: unknown): string | undefined {
    if (name === 'void') return 'void';
    const type = own(this.#base, name);
    const size = sizeOf(type);
    if (type === undefined || size === undefined || ![1, 2, 4, 8].includes(size)) return undefined;
    if (type.kind === 'float') return size < 4 ? undefined : `f${size * 8}`;
    return `${type.signed === true ? 'i' : 'u'}${size * 8}`;
  }

  #enumText(name: unknown): string | undefined {
    const size = sizeOf(own(this.#enums, name));
    if (size === undefined || ![1, 2, 4, 8].includes(size)) return undefined;
    const isNamed = typeof name === 'string' && /^\w+$/.test(name) && !unnamed.test(name);
    return `i${size * 8}${isNamed ? `=${name}` : ''}`;
  }

  #bitText(type: Json, depth: number): string | undefined {
    const of = this.#typeText(type.type, depth + 1);
    const { bit_position: position, bit_length: width } = type;
    return of === undefined || !isCount(position) || !isCount(width)
      ? undefined
      : `${of}:${position}:${width}`;
  }

  #arrayText(type: Json, depth: number): string | undefined {
    const element = this.#typeText(type.subtype, depth + 1);
    // The outer dimension stands first.
    return element === undefined || !isCount(type.count)
      ? undefined
      : element.replace(/^([^[]*)/, `$1[${type.count}]`);
  }

  #structureText(name: unknown): string | undefined {
    const size = sizeOf(own(this.#user, name));
    if (typeof name !== 'string') return undefined;
    if (unnamed.test(name)) return size === undefined ? undefined : `{${size.toString(16)}}`;
    return name.replace(/[^\w]/g, '_');
  }

  /** What a pointer points to; `void` where it has no name. */
  #targetText(type: unknown, depth: number): string {
    // What a function returns is not in the file.
    if (isObject(type) && type.kind === 'function') return '()';
    const text = this.#typeText(type, depth)?.replace(/=\w+$/, '').replace(/\(\)$/, 'void');
    return text !== undefined && /^[\w*]+$/.test(text) ? text : 'void';
  }
}

/** The file has no order of declaration: of members at one offset bit fields come first, by their places. */
const bitOf = ({ type }: ProfileMember): number => Number(/:(\d+):/.exec(type)?.[1] ?? 0x100);

const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

/** A property of its own: the file may name things like those that every object has. */
const own = (of: Json, name: unknown): Json | undefined => {
  const value = typeof name === 'string' && Object.hasOwn(of, name) ? of[name] : undefined;
  return isObject(value) ? value : undefined;
};

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < maxSize;

const sizeOf = (type: Json | undefined): number | undefined => (isCount(type?.size) ? type.size : undefined);
