import { DebuggerError, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { type KernelTypes, type Member, Structure, type StructureType } from '../types/index.ts';
import type { CrashedSystem } from './crashed-system.ts';

/** A member of a structure, and what memory holds there. */
export interface FieldReport {
  readonly name: string;
  /** Bytes from the beginning of the structure that it stands in. */
  readonly offset: number;
  readonly member: Member;
  /** An integer or pointer, of an array the first; undefined without an address, and where memory is missing. */
  readonly value: bigint | undefined;
  /** Name of an enumeration's value; null where it has none, undefined where its values are not known. */
  readonly valueName: string | null | undefined;
  /** What a counted string or an array of characters holds. */
  readonly text: string | undefined;
  /** Both pointers of a list's links. */
  readonly links: readonly [Va, Va] | undefined;
  /** An address was given, and the bytes are not in the dump. */
  readonly isMissing: boolean;
  /** Members of a structure in it or behind it, where that was asked for. */
  readonly fields: readonly FieldReport[];
  /** Of an array, one by one, where that was asked for; their names are their indexes. */
  readonly elements: readonly FieldReport[];
  /** It only leads to a member inside. */
  readonly isWay: boolean;
}

/** A structure with its fields, as `dt` shows it. Offsets and `size` are bytes. */
export interface StructureReport {
  readonly name: string;
  readonly module: string;
  readonly size: number;
  readonly address: Va | undefined;
  /** Where the layout comes from, as half a sentence, and whether it is that of this build. */
  readonly source: string;
  readonly exact: boolean;
  readonly fields: readonly FieldReport[];
  /** Something was left out, because there was too much. */
  readonly isCut: boolean;
}

/** Which structure is wanted, of which memory, and how deep. */
export interface StructureOptions {
  readonly address?: Va | undefined;
  /** The dump's own when absent. */
  readonly memory?: VirtualMemory;
  /** Levels of structures to open: those inside, and with `pointers` those that are pointed to. */
  readonly depth?: number;
  readonly pointers?: boolean;
  /** Elements of each array in memory that are read one by one, at most; none when absent. */
  readonly elements?: number;
  /** Those of arrays of characters too, which are one text otherwise. */
  readonly splitTexts?: boolean;
  /** Only the members whose names pass. */
  readonly only?: (name: string) => boolean;
  /** Members inside of members, by their dotted paths: each with those that lead to it. One that ends in a dot is opened. */
  readonly paths?: readonly string[];
}

const maxFields = 20_000;
const maxDepth = 16;

/** A structure's type by `module!name` or `name`, in any case where none is written so. Throws TYPES_UNKNOWN or MODULE_UNKNOWN. */
export function findType(
  system: CrashedSystem,
  text: string,
): { readonly module: string; readonly type: StructureType } {
  const bang = text.indexOf('!');
  const name = text.slice(bang + 1);
  for (const { module, types } of typeTables(system, bang < 0 ? undefined : text.slice(0, bang))) {
    const type = types.find(name);
    if (type !== undefined) return { module, type };
  }
  for (const { module, types } of typeTables(system, bang < 0 ? undefined : text.slice(0, bang))) {
    const type = findInAnyCase(types, name.toLowerCase());
    if (type !== undefined) return { module, type };
  }
  const { types } = system;
  const why = types === undefined ? 'no structures of this kernel are known' : `not in the ${types.source}`;
  throw new DebuggerError('TYPES_UNKNOWN', `Symbol ${text} not found: ${why}`);
}

function findInAnyCase(types: KernelTypes, wanted: string): StructureType | undefined {
  for (const name of types.names()) if (name.toLowerCase() === wanted) return types.find(name);
  return undefined;
}

/** An enumeration of a module, or of the first that has one of this name: names with their values. */
export function findEnumeration(
  system: CrashedSystem,
  text: string,
): { readonly module: string; readonly values: ReadonlyMap<string, number> } | undefined {
  const bang = text.indexOf('!');
  for (const { module, types } of typeTables(system, bang < 0 ? undefined : text.slice(0, bang))) {
    const values = types.enumeration(text.slice(bang + 1));
    if (values !== undefined) return { module, values };
  }
  return undefined;
}

/** Names of structures, `module!name`, of one module or of all that have any. */
export function* typeNames(system: CrashedSystem, module?: string): Generator<string> {
  for (const table of typeTables(system, module))
    for (const name of table.types.names()) yield `${table.module}!${name}`;
}

/** Tables of types, the kernel's first; `ntkrnlmp` and its kin are the kernel too. */
function* typeTables(
  system: CrashedSystem,
  wanted: string | undefined,
): Generator<{ module: string; types: KernelTypes }> {
  const isNt = wanted === undefined || /^nt(krnlmp|oskrnl|krnlpa|krpamp|krnl)?$/i.test(wanted);
  if (isNt && system.types !== undefined) yield { module: 'nt', types: system.types };
  const others = system.modules.filter(
    ({ name }) => name !== 'nt' && (wanted === undefined || name.toLowerCase() === wanted.toLowerCase()),
  );
  if (!isNt && others.length === 0) throw new DebuggerError('MODULE_UNKNOWN', `there is no module ${wanted}`);
  for (const module of others) {
    const types = system.typesOf(module);
    if (types !== undefined) yield { module: module.name, types };
  }
}

/** A structure with its members, and their values where an address is given. Throws TYPES_UNKNOWN or MODULE_UNKNOWN. */
export function reportStructure(
  system: CrashedSystem,
  name: string,
  options: StructureOptions = {},
): StructureReport {
  const { module, type } = findType(system, name);
  return reportType(system, module, type, options);
}

export function reportType(
  system: CrashedSystem,
  module: string,
  type: StructureType,
  options: StructureOptions = {},
): StructureReport {
  const { address, memory = system.memory, depth = 0 } = options;
  const reader = new FieldReader(memory, options);
  const fields = reader.fields(type, address, '', 0, Math.min(depth, maxDepth), options.only);
  for (const path of options.paths ?? []) fields.push(...reader.way(type, address, path, depth));
  const { size, source, exact } = type;
  return { name: type.name, module, size, address, source, exact, fields, isCut: reader.left <= 0 };
}

class FieldReader {
  left = maxFields;
  readonly #memory: VirtualMemory;
  readonly #pointers: boolean;
  readonly #elements: number;
  readonly #splitTexts: boolean;

  constructor(memory: VirtualMemory, { pointers, elements, splitTexts }: StructureOptions) {
    this.#memory = memory;
    this.#pointers = pointers === true;
    this.#elements = elements ?? 0;
    this.#splitTexts = splitTexts === true;
  }

  /** Members below `prefix`: of the structure, or of a member without a name of its own type, which begins at `base`. */
  fields(
    type: StructureType,
    address: Va | undefined,
    prefix: string,
    base: number,
    depth: number,
    only?: (name: string) => boolean,
  ): FieldReport[] {
    const at = address === undefined ? undefined : new Structure(type, this.#memory, address);
    const reports: FieldReport[] = [];
    for (const member of type.declared) {
      const name = member.path.slice(prefix.length);
      if (!member.path.startsWith(prefix) || name.includes('.') || only?.(name) === false) continue;
      if (--this.left <= 0) break;
      reports.push(this.#field(type, at, member, name, base, depth));
    }
    return reports;
  }

  #field(
    type: StructureType,
    at: Structure | undefined,
    member: Member,
    name: string,
    base: number,
    depth: number,
  ): FieldReport {
    const value =
      at === undefined || member.kind === 'structure' ? this.#quad(at, member) : at.bigint(member.path);
    const elements = at === undefined ? [] : this.#each(type, at, member, depth);
    return {
      name,
      offset: member.offset - base,
      member,
      value: value ?? this.#floating(at, member),
      valueName: value === undefined ? undefined : type.valueName(member, value),
      text: at === undefined ? undefined : textOf(at, member),
      links: at === undefined || member.isArray ? undefined : linksOf(at, member),
      isMissing: at?.fault(member.path) !== undefined,
      fields: depth <= 0 || elements.length > 0 ? [] : this.#inner(type, at, member, value, depth - 1),
      elements,
      isWay: false,
    };
  }

  /** Elements of an array; of an array of arrays those of each. */
  #each(type: StructureType, at: Structure, member: Member, depth: number): FieldReport[] {
    const reports: FieldReport[] = [];
    if (!member.isArray || (isText(member) && !this.#splitTexts)) return reports;
    for (let index = 0; index < this.#elements; index++) {
      const element = type.member(`${member.path}[${index}]`);
      if (element === undefined || --this.left <= 0) break;
      reports.push(this.#field(type, at, element, `[${String(index).padStart(2, '0')}]`, 0, depth));
    }
    return reports;
  }

  /** The member at a dotted path, inside of the members that lead there; nothing where there is no such path. */
  way(type: StructureType, address: Va | undefined, path: string, depth: number): FieldReport[] {
    if (path.endsWith('.')) return this.way(type, address, path.slice(0, -1), Math.max(depth, 1));
    const dot = path.indexOf('.');
    const first = dot < 0 ? path : path.slice(0, dot);
    const member = type.member(first);
    if (member === undefined || type.member(path) === undefined || --this.left <= 0) return [];
    const at = address === undefined ? undefined : new Structure(type, this.#memory, address);
    const field = this.#field(type, at, member, first, 0, dot < 0 ? depth : 0);
    if (dot < 0) return [field];
    const inside = member.structure === undefined ? undefined : type.structureOf(member);
    const where = address === undefined ? undefined : wrap64(address + BigInt(member.offset));
    const rest = path.slice(dot + 1);
    const inner =
      inside === undefined
        ? this.fields(type, address, `${first}.`, member.offset, depth, (name) => name === rest)
        : this.way(inside, where, rest, depth);
    return [{ ...field, fields: inner, isWay: true }];
  }

  /** Structures of one number that the debugger shows as such. */
  #quad(at: Structure | undefined, { structure, path, isArray }: Member): bigint | undefined {
    if (structure !== '_LARGE_INTEGER' && structure !== '_ULARGE_INTEGER') return undefined;
    return isArray ? undefined : at?.inner(path)?.bigint('QuadPart');
  }

  /** The bits of a floating number. */
  #floating(at: Structure | undefined, member: Member): bigint | undefined {
    if (at === undefined || (member.kind !== 'f32' && member.kind !== 'f64')) return undefined;
    const width = member.kind === 'f32' ? 4 : 8;
    const bytes = at.bytes(member.path)?.subarray(0, width);
    return bytes === undefined ? undefined : bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }

  #inner(
    type: StructureType,
    at: Structure | undefined,
    member: Member,
    value: bigint | undefined,
    depth: number,
  ): FieldReport[] {
    if (member.kind === 'pointer') return this.#behindPointer(type, member, value, depth);
    if (member.kind !== 'structure') return [];
    if (member.structure === undefined)
      return this.fields(type, at?.at, `${member.path}.`, member.offset, depth);
    const inner = type.structureOf(member);
    const address = at === undefined ? undefined : wrap64(at.at + BigInt(member.offset));
    return inner === undefined ? [] : this.fields(inner, address, '', 0, depth);
  }

  #behindPointer(
    type: StructureType,
    member: Member,
    value: bigint | undefined,
    depth: number,
  ): FieldReport[] {
    const target = this.#pointers && value !== undefined && value !== 0n ? member.target : undefined;
    const inner =
      target === undefined || member.isArray ? undefined : type.structureOf({ ...member, structure: target });
    if (inner === undefined) return [];
    const address = type.pointerSize === 4 ? signExtend32(Number(value)) : value;
    return this.fields(inner, address, '', 0, depth);
  }
}

function textOf(at: Structure, member: Member): string | undefined {
  if (member.structure === '_UNICODE_STRING' && !member.isArray) return at.unicodeString(member.path);
  return isText(member) ? at.text(member.path) : undefined;
}

const isText = ({ isArray, kind }: Member): boolean => isArray && (kind === 'u8' || kind === 'i8');

function linksOf(at: Structure, member: Member): readonly [Va, Va] | undefined {
  if (member.structure !== '_LIST_ENTRY') return undefined;
  const inner = at.inner(member.path);
  const [flink, blink] = [inner?.pointer('Flink'), inner?.pointer('Blink')];
  return flink === undefined || blink === undefined ? undefined : [flink, blink];
}
