import { readU32, readU64, signExtend32, type Va } from '../base/index.ts';
import type { Member, StructureType } from '../types/index.ts';
import { isPrintableTag, tagText } from './header.ts';

/** An allocation of whole pages. */
export interface BigAllocation {
  readonly address: Va;
  /** Bytes; of kernels that count pages, of all its pages. */
  readonly size: bigint;
  readonly tag: string;
  readonly tagValue: number;
  /** Which pool it is of; older kernels do not keep that. */
  readonly pool: 'nonpaged' | 'paged' | 'paged-session' | undefined;
  /** Address of its entry in the table. */
  readonly entry: Va;
}

/** Bits of POOL_TYPE. Source: the public wdm.h; MemProcFS. */
const pagedBit = 0x01;
const sessionBit = 0x20;

/** More than a machine has of pool. */
const longestAllocation = 1n << 40n;

/** Entries of the table as bytes. */
export class EntryReader {
  readonly size: number;
  readonly #wide: boolean;
  readonly #va: number;
  readonly #key: number;
  readonly #bytes: Member | undefined;
  readonly #pages: Member | undefined;
  readonly #type: Member | undefined;

  constructor(type: StructureType) {
    this.size = type.size;
    this.#wide = type.pointerSize === 8;
    this.#va = type.offset('Va') ?? 0;
    this.#key = type.offset('Key') ?? type.pointerSize;
    this.#bytes = type.member('NumberOfBytes');
    this.#pages = type.member('NumberOfPages');
    this.#type = type.member('PoolType');
  }

  /** The entry whose allocation holds `va`; an address with bit 0 set is of a free entry. */
  find(bytes: Uint8Array, count: number, va: Va): number {
    const high = Number(va >> 32n);
    for (let index = 0; index < count; index++) {
      const at = index * this.size + this.#va;
      const low = readU32(bytes, at);
      if (low === 0 && (!this.#wide || readU32(bytes, at + 4) === 0)) continue;
      if ((low & 1) !== 0 || (this.#wide && Math.abs(readU32(bytes, at + 4) - high) > 1)) continue;
      const start = this.#address(bytes, at);
      if (va >= start && va < start + this.#length(bytes, index)) return index;
    }
    return -1;
  }

  /** What an entry looks like: of an allocation, of none, or of no such table. Some drivers have tags that cannot be printed. */
  judge(bytes: Uint8Array, index: number, anyTag = false): 'used' | 'free' | 'wrong' {
    const at = index * this.size + this.#va;
    const low = readU32(bytes, at);
    const high = this.#wide ? readU32(bytes, at + 4) : 0;
    if (low >>> 1 === 0 && high === 0) return 'free';
    if ((low & 0xffe) !== 0 || (this.#wide ? high : low) < 0x8000_0000) return 'wrong';
    // The address that a free entry had stays, with bit 0 set.
    if ((low & 1) !== 0) return 'free';
    const length = this.#length(bytes, index);
    const isSized = length > 0n && length < longestAllocation;
    const isTagged = anyTag || isPrintableTag(readU32(bytes, index * this.size + this.#key));
    return isSized && isTagged ? 'used' : 'wrong';
  }

  at(bytes: Uint8Array, index: number, entry: Va): BigAllocation {
    const base = index * this.size;
    const tagValue = readU32(bytes, base + this.#key);
    const address = this.#address(bytes, base + this.#va);
    const size = this.#length(bytes, index);
    return { address, size, tag: tagText(tagValue), tagValue, pool: this.#pool(bytes, base), entry };
  }

  #pool(bytes: Uint8Array, base: number): BigAllocation['pool'] {
    const member = this.#type;
    if (member === undefined) return undefined;
    const type = readU32(bytes, base + member.offset) >>> (member.bits?.position ?? 0);
    if ((type & pagedBit) === 0) return 'nonpaged';
    return (type & sessionBit) === 0 ? 'paged' : 'paged-session';
  }

  #address(bytes: Uint8Array, at: number): Va {
    return this.#wide ? readU64(bytes, at) : signExtend32(readU32(bytes, at));
  }

  #length(bytes: Uint8Array, index: number): bigint {
    const [member, unit] = this.#bytes === undefined ? [this.#pages, 0x1000n] : [this.#bytes, 1n];
    if (member === undefined) return 0n;
    const at = index * this.size + member.offset;
    return (member.size === 8 ? readU64(bytes, at) : BigInt(readU32(bytes, at))) * unit;
  }
}
