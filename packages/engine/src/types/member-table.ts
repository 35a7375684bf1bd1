import type { ProfileMember } from '../layouts/index.ts';
import { type MemberType, parseMemberType } from './member-type.ts';

export interface MemberEntry {
  readonly offset: number;
  readonly type: MemberType;
}

/** Members of a structure by path. A type's text is read when it is asked for: of most structures few members ever are. */
export class MemberTable {
  readonly #texts = new Map<string, ProfileMember>();
  readonly #parsed = new Map<string, MemberEntry | undefined>();
  readonly #pointerSize: 4 | 8;

  /** Members whose text is no type are left out; of two with the same path the last counts. */
  constructor(members: readonly ProfileMember[], pointerSize: 4 | 8) {
    this.#pointerSize = pointerSize;
    for (const member of members) {
      const isSecond = this.#texts.has(member.path);
      if (!isSecond || parseMemberType(member.type, pointerSize) !== undefined)
        this.#texts.set(member.path, member);
    }
  }

  get(path: string): MemberEntry | undefined {
    const known = this.#parsed.get(path);
    if (known !== undefined || this.#parsed.has(path)) return known;
    const member = this.#texts.get(path);
    if (member === undefined) return undefined;
    const type = parseMemberType(member.type, this.#pointerSize);
    const entry = type === undefined ? undefined : { offset: member.offset, type };
    this.#parsed.set(path, entry);
    return entry;
  }

  /** In the order of the source. */
  *[Symbol.iterator](): Generator<[string, MemberEntry]> {
    for (const path of this.#texts.keys()) {
      const entry = this.get(path);
      if (entry !== undefined) yield [path, entry];
    }
  }
}
