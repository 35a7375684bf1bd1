import {
  describeFault,
  Fault,
  latin1z,
  readU16,
  readU32,
  readU64,
  signExtend32,
  utf16,
  type Va,
} from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import type { Member, StructureType } from './structure-type.ts';

/** Longest counted string in bytes: its lengths have 16 bits. */
const maxText = 0xfffe;

/**
 * A structure in memory, read member by member. What cannot be read is undefined; `why` tells absent members from
 * missing memory.
 */
export class Structure {
  readonly type: StructureType;
  readonly memory: VirtualMemory;
  readonly at: Va;

  constructor(type: StructureType, memory: VirtualMemory, at: Va) {
    this.type = type;
    this.memory = memory;
    this.at = at;
  }

  /** Does this build have the member? */
  has(path: string): boolean {
    return this.type.member(path) !== undefined;
  }

  /** The member's address; undefined when this build does not have it. */
  address(path: string): Va | undefined {
    const offset = this.type.offset(path);
    return offset === undefined ? undefined : this.#plus(offset);
  }

  /** The member's bytes. */
  bytes(path: string): Uint8Array | undefined {
    const member = this.type.member(path);
    const read = member === undefined ? undefined : this.#read(member);
    return read instanceof Uint8Array ? read : undefined;
  }

  /** An integer, an element of an integer array's beginning, or a bit field; signed where its type is. */
  bigint(path: string): bigint | undefined {
    const member = this.type.member(path);
    const bytes = member === undefined ? undefined : this.#element(member);
    if (member === undefined || bytes === undefined) return undefined;
    return integerOf(member, bytes);
  }

  /** The same as a number; undefined too when it is beyond 2^53. */
  number(path: string): number | undefined {
    const value = this.bigint(path);
    if (value === undefined) return undefined;
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : undefined;
  }

  /** Is a flag or a Boolean set? */
  flag(path: string): boolean | undefined {
    const value = this.bigint(path);
    return value === undefined ? undefined : value !== 0n;
  }

  /** A pointer, or an integer of its size, as an address: sign-extended on 32-bit targets. */
  pointer(path: string): Va | undefined {
    const member = this.type.member(path);
    const bytes = member === undefined ? undefined : this.#element(member);
    if (bytes === undefined || bytes.length !== this.type.pointerSize) return undefined;
    return bytes.length === 8 ? readU64(bytes, 0) : signExtend32(readU32(bytes, 0));
  }

  /** A byte array as text up to its first NUL. */
  text(path: string): string | undefined {
    const bytes = this.bytes(path);
    return bytes === undefined ? undefined : latin1z(bytes);
  }

  /** The text of a _UNICODE_STRING member; empty when its length is 0, undefined when its buffer cannot be read. */
  unicodeString(path: string): string | undefined {
    const bytes = this.bytes(path);
    const { pointerSize } = this.type;
    if (bytes === undefined || bytes.length < pointerSize * 2) return undefined;
    const length = Math.min(readU16(bytes, 0), maxText) & ~1;
    if (length === 0) return '';
    const buffer = pointerSize === 8 ? readU64(bytes, 8) : signExtend32(readU32(bytes, 4));
    const text = this.memory.tryRead(buffer, length);
    return text instanceof Fault ? undefined : utf16(text);
  }

  /** A structure inside this one. */
  inner(path: string): Structure | undefined {
    const member = this.type.member(path);
    const type = member === undefined ? undefined : this.type.structureOf(member);
    return type === undefined ? undefined : new Structure(type, this.memory, this.#plus(member!.offset));
  }

  /**
   * Why a member has no value, as half a sentence: this build has none, its bytes are missing, or it does not fit what
   * it was asked as. Undefined when it can be read.
   */
  why(path: string): string | undefined {
    const member = this.type.member(path);
    if (member === undefined) return `no ${this.type.name}.${path} in the ${this.type.source}`;
    const read = this.#read(member);
    if (read === undefined) return `the size of ${this.type.name}.${path} is not in the ${this.type.source}`;
    return read instanceof Fault ? describeFault(read) : undefined;
  }

  /** The fault of a member that cannot be read; undefined when it can, or when this build does not have it. */
  fault(path: string): Fault | undefined {
    const member = this.type.member(path);
    const read = member === undefined ? undefined : this.#read(member);
    return read instanceof Fault ? read : undefined;
  }

  #plus(offset: number): Va {
    return BigInt.asUintN(64, this.at + BigInt(offset));
  }

  #read(member: Member): Uint8Array | Fault | undefined {
    return member.size === undefined
      ? undefined
      : this.memory.tryRead(this.#plus(member.offset), member.size);
  }

  /** Bytes of the first element, of which an integer can be made. */
  #element(member: Member): Uint8Array | undefined {
    const length = (member.size ?? 0) / Math.max(member.count, 1);
    const isInteger = length === 1 || length === 2 || length === 4 || length === 8;
    if (!isInteger || member.kind === 'f32' || member.kind === 'f64') return undefined;
    const read = this.memory.tryRead(this.#plus(member.offset), length);
    return read instanceof Fault ? undefined : read;
  }
}

function integerOf({ kind, bits }: Member, bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
  if (bits !== undefined) {
    value = BigInt.asUintN(bits.width, value >> BigInt(bits.position));
    return kind.startsWith('i') ? BigInt.asIntN(bits.width, value) : value;
  }
  return kind.startsWith('i') ? BigInt.asIntN(bytes.length * 8, value) : value;
}
