import type { Va } from '../base/index.ts';
import type { Structure } from '../types/index.ts';

/**
 * Reads members of one structure under names of ours, and notes which of them the build has but the dump has not. Members
 * that have changed their names are given newest first.
 */
export class MemberReader {
  readonly structure: Structure;
  readonly #missing: string[];

  /** Several readers of one object may share a list. */
  constructor(structure: Structure, missing: string[] = []) {
    this.structure = structure;
    this.#missing = missing;
  }

  /** Names whose bytes are not in the dump. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  pointer(name: string, ...paths: readonly string[]): Va | undefined {
    return this.#read(name, paths, (path) => this.structure.pointer(path));
  }

  number(name: string, ...paths: readonly string[]): number | undefined {
    return this.#read(name, paths, (path) => this.structure.number(path));
  }

  bigint(name: string, ...paths: readonly string[]): bigint | undefined {
    return this.#read(name, paths, (path) => this.structure.bigint(path));
  }

  flag(name: string, ...paths: readonly string[]): boolean | undefined {
    return this.#read(name, paths, (path) => this.structure.flag(path));
  }

  /** A _LARGE_INTEGER, or an integer of 8 bytes. */
  large(name: string, ...paths: readonly string[]): bigint | undefined {
    return this.#read(name, paths, (path) => this.structure.bigint(path) ?? quad(this.structure, path));
  }

  /** Address of a member: known wherever its layout is. */
  address(...paths: readonly string[]): Va | undefined {
    const path = paths.find((each) => this.structure.has(each));
    return path === undefined ? undefined : this.structure.address(path);
  }

  #read<T>(name: string, paths: readonly string[], read: (path: string) => T | undefined): T | undefined {
    const path = paths.find((each) => this.structure.has(each));
    if (path === undefined) return undefined;
    const value = read(path);
    if (value === undefined && this.structure.fault(path) !== undefined && !this.#missing.includes(name))
      this.#missing.push(name);
    return value;
  }
}

/** Of a structure of 8 bytes whose members the profile may lack. */
function quad(structure: Structure, path: string): bigint | undefined {
  const at = structure.address(path);
  const value = at === undefined ? undefined : structure.memory.tryReadU64(at);
  return typeof value === 'bigint' ? value : undefined;
}
