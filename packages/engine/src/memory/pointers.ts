import { readU32, readU64, signExtend32, type Va, wrap64 } from '../base/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { isWhole, readBytes } from './read-bytes.ts';
import { type FoundText, readText } from './texts.ts';

/** Names of addresses. */
export interface Names {
  /** `module!function+0x12`, or undefined where no symbol is near. */
  nameOf(va: Va): string | undefined;
}

/** A pointer in memory, with the name of what it leads to, as `dps` shows it. */
export interface PointerRow {
  readonly address: Va;
  /** As it stands in memory; undefined: not in the dump. */
  readonly value: bigint | undefined;
  readonly symbol: string | undefined;
}

/** Pointers of 4 or 8 bytes, with the names of what they point at; 4-byte ones are sign-extended for that. */
export function readPointers(
  memory: VirtualMemory,
  names: Names,
  address: Va,
  count: number,
  size: 4 | 8,
): PointerRow[] {
  return readWords(memory, address, count, size).map((value, index) => {
    const target = value === undefined ? undefined : pointerOf(value, size);
    return {
      address: wrap64(address + BigInt(index * size)),
      value,
      symbol: target === undefined ? undefined : names.nameOf(target),
    };
  });
}

/** Words of 4 or 8 bytes; undefined where a byte of one is missing. */
export function readWords(
  memory: VirtualMemory,
  address: Va,
  count: number,
  size: 4 | 8,
): (bigint | undefined)[] {
  const { bytes, mask } = readBytes(memory, address, count * size);
  return Array.from({ length: count }, (_, index) => {
    if (!isWhole(mask, index * size, size)) return undefined;
    return size === 8 ? readU64(bytes, index * size) : BigInt(readU32(bytes, index * size));
  });
}

/** The address that a stored pointer means. */
export const pointerOf = (value: bigint, size: 4 | 8): Va =>
  size === 4 ? signExtend32(Number(value)) : value;

/** What a pointer leads to, shown as a pointer again or as a text. */
export type ReferenceKind = 'pointer' | 'ascii' | 'utf16';

/** A pointer in memory with what it leads to, as `ddp`, `dpa` and their kin show it. */
export interface ReferenceRow {
  readonly address: Va;
  readonly value: bigint | undefined;
  /** The pointer that `value` leads to; undefined where there is none, or a text is wanted. */
  readonly pointer: bigint | undefined;
  /** Name of what that pointer points at. */
  readonly symbol: string | undefined;
  /** The text that `value` leads to; undefined where nothing can be read. */
  readonly text: FoundText | undefined;
}

/** Most characters of a text that a pointer leads to. */
const longestText = 0x100;

/** Pointers of `size` bytes and what each leads to; a pointer there is one of the target's. */
export function readReferences(
  memory: VirtualMemory,
  names: Names,
  address: Va,
  count: number,
  {
    size,
    pointerSize,
    kind,
  }: { readonly size: 4 | 8; readonly pointerSize: 4 | 8; readonly kind: ReferenceKind },
): ReferenceRow[] {
  return readWords(memory, address, count, size).map((value, index) => {
    const at = wrap64(address + BigInt(index * size));
    const target = value === undefined ? undefined : pointerOf(value, size);
    if (target === undefined)
      return { address: at, value, pointer: undefined, symbol: undefined, text: undefined };
    if (kind === 'pointer') {
      const pointer = readWords(memory, target, 1, pointerSize)[0];
      const symbol = pointer === undefined ? undefined : names.nameOf(pointerOf(pointer, pointerSize));
      return { address: at, value, pointer, symbol, text: undefined };
    }
    const text = readText(memory, target, kind === 'ascii' ? 1 : 2, longestText);
    const isThere = text.text !== '' || text.end === 'nul';
    return { address: at, value, pointer: undefined, symbol: undefined, text: isThere ? text : undefined };
  });
}
