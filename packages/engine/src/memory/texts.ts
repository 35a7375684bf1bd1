import {
  DebuggerError,
  latin1,
  readU16,
  readU32,
  readU64,
  signExtend32,
  utf16,
  type Va,
} from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import type { VirtualMemory } from '../mmu/index.ts';
import { type MemoryBytes, readBytes, readPhysicalBytes } from './read-bytes.ts';

/** A text in memory. */
export interface FoundText {
  readonly address: Va;
  /** Without its NUL, as it is: control characters included. */
  readonly text: string;
  /** What ended it: its NUL, the length that was asked for, or bytes that are not in the dump. */
  readonly end: 'nul' | 'length' | 'missing';
}

/** The text of `unit` bytes a character (1: one byte, 2: UTF-16) at `address`, up to its NUL; `length` characters at most. */
export function readText(memory: VirtualMemory, address: Va, unit: 1 | 2, length: number): FoundText {
  return textOf(address, presentStart(memory, address, length * unit), unit, length);
}

/** The same in physical memory. */
export function readPhysicalText(
  physical: PhysicalMemory,
  pa: number,
  unit: 1 | 2,
  length: number,
): FoundText {
  return textOf(BigInt(pa), upToHole(readPhysicalBytes(physical, pa, length * unit)), unit, length);
}

function presentStart(memory: VirtualMemory, address: Va, length: number): Uint8Array {
  return upToHole(readBytes(memory, address, length));
}

function upToHole({ bytes, mask }: MemoryBytes): Uint8Array {
  const hole = mask.indexOf(0);
  return hole < 0 ? bytes : bytes.subarray(0, hole);
}

/** The text at the start of bytes that are there; fewer than `length` characters of them: the rest is missing. */
function textOf(address: Va, bytes: Uint8Array, unit: 1 | 2, length: number): FoundText {
  const whole = unit === 1 ? latin1(bytes) : utf16(bytes);
  const nul = whole.indexOf('\0');
  if (nul >= 0) return { address, text: whole.slice(0, nul), end: 'nul' };
  return { address, text: whole, end: whole.length < length ? 'missing' : 'length' };
}

/** A STRING or UNICODE_STRING. */
export interface CountedString {
  readonly address: Va;
  /** In bytes. */
  readonly length: number;
  readonly maximumLength: number;
  readonly buffer: Va;
  /** As many characters as are there. */
  readonly text: string;
  /** Bytes of the text that are not in the dump. */
  readonly missing: number;
}

/**
 * Reads a STRING (1 byte a character) or UNICODE_STRING (2): Length and MaximumLength, then the aligned pointer to the
 * characters. Throws MEMORY_UNREADABLE when the structure itself is not there.
 */
export function readCountedString(
  memory: VirtualMemory,
  address: Va,
  unit: 1 | 2,
  pointerSize: 4 | 8,
): CountedString {
  const { bytes: header, mask } = readBytes(memory, address, pointerSize * 2);
  if (mask.includes(0)) throw new DebuggerError('MEMORY_UNREADABLE', 'the string structure cannot be read');
  const length = readU16(header, 0);
  const buffer = pointerSize === 8 ? readU64(header, 8) : signExtend32(readU32(header, 4));
  const bytes = presentStart(memory, buffer, length);
  return {
    address,
    length,
    maximumLength: readU16(header, 2),
    buffer,
    text: unit === 1 ? latin1(bytes) : utf16(bytes),
    missing: length - bytes.length,
  };
}
