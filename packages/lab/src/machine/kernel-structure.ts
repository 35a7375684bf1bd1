import { assert, type Va } from '@poolscope/engine/base';
import { asciiBytes, writeU16, writeU32, writeU64 } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';

/** `pointer` is 4 or 8 bytes; `list` is a LIST_ENTRY, two pointers. */
type MemberKind = 'u8' | 'u16' | 'u32' | 'u64' | 'pointer' | 'list';

/** Offset and kind. */
export type Member = readonly [offset: number, kind: MemberKind];

/** A structure of the kernel in one build of Windows: only the members that the lab fills. */
export interface KernelStructure<Names extends string = string> {
  readonly size: number;
  readonly members: Readonly<Record<Names, Member>>;
}

/** A structure in the memory of a machine. */
export class KernelObject<Names extends string = string> {
  readonly va: Va;
  readonly structure: KernelStructure<Names>;
  readonly #space: AddressSpace;
  readonly #pointerSize: 4 | 8;

  constructor(space: AddressSpace, pointerSize: 4 | 8, structure: KernelStructure<Names>, va: Va) {
    this.#space = space;
    this.#pointerSize = pointerSize;
    this.structure = structure;
    this.va = va;
  }

  offset(name: Names): number {
    return this.structure.members[name][0];
  }

  /** Address of a member. */
  at(name: Names): Va {
    return this.va + BigInt(this.offset(name));
  }

  set(name: Names, value: bigint | number): this {
    const bytes = new Uint8Array(8);
    writeU64(bytes, 0, BigInt.asUintN(64, BigInt(value)));
    this.#space.write(this.at(name), bytes.subarray(0, this.#sizeOf(name)));
    return this;
  }

  setAll(values: Partial<Record<Names, bigint | number>>): this {
    for (const [name, value] of Object.entries(values)) this.set(name as Names, value as bigint | number);
    return this;
  }

  get(name: Names): bigint {
    const bytes = this.#space.read(this.at(name), this.#sizeOf(name));
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  #sizeOf(name: Names): number {
    const kind = this.structure.members[name][1];
    assert(kind !== 'list', `${name} is a list entry`);
    return kind === 'pointer' ? this.#pointerSize : Number(kind.slice(1)) / 8;
  }

  /** A character array that need not be closed by a NUL. */
  setText(name: Names, text: string): this {
    this.#space.write(this.at(name), asciiBytes(text));
    return this;
  }

  bytes(): Uint8Array {
    return this.#space.read(this.va, this.structure.size);
  }
}

/** Pointer as 4 or 8 bytes. */
export function pointerBytes(value: Va, size: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size === 8) writeU64(bytes, 0, value);
  else writeU32(bytes, 0, Number(value & 0xffff_ffffn));
  return bytes;
}

/** UNICODE_STRING: lengths in bytes, then the pointer. */
export function unicodeStringBytes(length: number, buffer: Va, size: 4 | 8): Uint8Array {
  const bytes = new Uint8Array(2 * size);
  writeU16(bytes, 0, length);
  writeU16(bytes, 2, length);
  bytes.set(pointerBytes(buffer, size), size);
  return bytes;
}
