import { readU32, readU64 } from '../base/index.ts';
import type { Member, StructureType } from '../types/index.ts';
import { tagText } from './header.ts';

/** Counters of one kind of pool; as counted, so that they can run over. */
export interface RawCounters {
  readonly allocations: bigint;
  readonly frees: bigint;
  readonly bytes: bigint;
}

type Kind = 'NonPaged' | 'Paged';

/** Tag `Ovfl` of a table's last entry. Source: ReactOS. */
const overflow = 0x6c66_764f;

/** Entries of a POOL_TRACKER_TABLE as bytes. */
export class TrackerEntries {
  readonly size: number;
  /** Bits of the counters: a sum over processors runs over as they do. */
  readonly widths: { readonly allocations: number; readonly bytes: number };
  readonly #key: number;
  readonly #members: Readonly<Record<Kind, readonly [Member, Member, Member]>>;

  /** Undefined where the type lacks a counter. */
  static of(type: StructureType): TrackerEntries | undefined {
    const members = (kind: Kind) => ['Allocs', 'Frees', 'Bytes'].map((name) => type.member(`${kind}${name}`));
    const all = { NonPaged: members('NonPaged'), Paged: members('Paged') };
    const isWhole = [...all.NonPaged, ...all.Paged].every((member) => member !== undefined);
    const key = type.offset('Key');
    if (!isWhole || key === undefined || type.size === 0) return undefined;
    return new TrackerEntries(type.size, key, all as never);
  }

  private constructor(
    size: number,
    key: number,
    members: Readonly<Record<Kind, readonly [Member, Member, Member]>>,
  ) {
    this.size = size;
    this.#key = key;
    this.#members = members;
    const [allocations, , bytes] = members.NonPaged;
    this.widths = { allocations: (allocations.size ?? 4) * 8, bytes: (bytes.size ?? 4) * 8 };
  }

  /** Tag of an entry; 0 of one that was never used. */
  tag(bytes: Uint8Array, index: number): number {
    return readU32(bytes, index * this.size + this.#key);
  }

  /** Is it the last entry, which counts for all tags that found no place? */
  isOverflow(bytes: Uint8Array, index: number): boolean {
    return this.tag(bytes, index) === overflow;
  }

  /** Can an entry be of such a table? One without a tag has no counts; most characters of tags can be printed. */
  isPlausible(bytes: Uint8Array, index: number): boolean {
    const tag = this.tag(bytes, index);
    if (tag !== 0) return /[ -~].*[ -~]/s.test(tagText(tag));
    return bytes.subarray(index * this.size, (index + 1) * this.size).every((byte) => byte === 0);
  }

  counters(bytes: Uint8Array, index: number, kind: Kind): RawCounters {
    const [allocations, frees, used] = this.#members[kind];
    const at = index * this.size;
    return {
      allocations: integer(bytes, at, allocations),
      frees: integer(bytes, at, frees),
      bytes: integer(bytes, at, used),
    };
  }
}

const integer = (bytes: Uint8Array, at: number, { offset, size }: Member): bigint =>
  size === 8 ? readU64(bytes, at + offset) : BigInt(readU32(bytes, at + offset));
