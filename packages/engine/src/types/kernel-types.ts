import type { Machine } from '../cpu/index.ts';
import { type FoundStructure, StructureType } from './structure-type.ts';

/**
 * Where layouts come from: a built-in profile, and whatever can name a structure's members in the same form, such as
 * the type information of an image.
 */
export interface TypeSource {
  /** As half a sentence: `built-in profile of build 19041.3570`. */
  readonly source: string;
  readonly exact: boolean;
  /** What the dump says against this source, one sentence each. */
  readonly contradictions: readonly string[];
  structure(name: string): FoundStructure | undefined;
  /** Names of its structures. */
  names(): Iterable<string>;
  /** Names of an enumeration's values, where the source has them. */
  enumeration?(name: string): ReadonlyMap<string, number> | undefined;
}

/** The structures of the crashed kernel. */
export class KernelTypes {
  readonly pointerSize: 4 | 8;
  readonly #from: TypeSource;
  readonly #types = new Map<string, StructureType>();

  constructor(machine: Machine, from: TypeSource) {
    this.pointerSize = machine === 'x86' ? 4 : 8;
    this.#from = from;
  }

  get source(): string {
    return this.#from.source;
  }

  /** Are the layouts those of this build? Each structure tells for itself too. */
  get exact(): boolean {
    return this.#from.exact;
  }

  get contradictions(): readonly string[] {
    return this.#from.contradictions;
  }

  /** A structure by Microsoft's name, with or without the underscore that most begin with. */
  readonly find = (name: string): StructureType | undefined => {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const found = this.#from.structure(name) ?? this.#from.structure(`_${name}`);
    if (found === undefined) return undefined;
    const type = new StructureType(found, this.pointerSize, this.find, (of) => this.enumeration(of));
    this.#types.set(name, type);
    return type;
  };

  /** Names of the structures that are known. */
  names(): Iterable<string> {
    return this.#from.names();
  }

  /** Values of an enumeration by their names. */
  enumeration(name: string): ReadonlyMap<string, number> | undefined {
    return this.#from.enumeration?.(name) ?? this.#from.enumeration?.(`_${name}`);
  }

  /** The offset of a member; undefined when the structure or member is not known. */
  offset(structure: string, path: string): number | undefined {
    return this.find(structure)?.offset(path);
  }

  /** Why a structure, or a member of one, is not there, as half a sentence; undefined when it is. */
  whyAbsent(structure: string, path?: string): string | undefined {
    const type = this.find(structure);
    if (type === undefined) return `no ${structure} in the ${this.source}`;
    return path === undefined || type.member(path) !== undefined
      ? undefined
      : `no ${structure}.${path} in the ${type.source}`;
  }
}
