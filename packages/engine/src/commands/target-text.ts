import { DebuggerError, Fault, readU16, readU32, readU64, type Va, wrap64 } from '../base/index.ts';
import type { Console } from './console.ts';

/** Kinds of text in the target's memory: NUL-terminated of 8 or 16 bits, or an ANSI_STRING or UNICODE_STRING. */
export type TextKind = 'ma' | 'mu' | 'msa' | 'msu';

export const isTextKind = (text: string): text is TextKind => /^ms?[au]$/.test(text);

/** A text out of memory, and whether all of it was there. */
export interface TargetText {
  readonly text: string;
  readonly complete: boolean;
}

/** Most units of a text without an end. */
const maxUnits = 0x4000;

/** Reads a text; what is missing of it is left out. */
export function readTargetText(console: Console, kind: TextKind, va: Va): TargetText {
  const size = kind.endsWith('u') ? 2 : 1;
  if (!kind.startsWith('ms')) return readTerminated(console, va, size);
  const counted = readCounted(console, va);
  if (counted === undefined) return { text: '', complete: false };
  const bytes = readPart(console, counted.buffer, counted.length);
  return { text: textOf(bytes, size), complete: bytes.length === counted.length };
}

/** The same, whole. Throws MEMORY_UNREADABLE. */
export function requireTargetText(console: Console, kind: TextKind, va: Va): string {
  const { text, complete } = readTargetText(console, kind, va);
  if (!complete)
    throw new DebuggerError(
      'MEMORY_UNREADABLE',
      `the text at ${console.system.addressText(va)} cannot be read`,
    );
  return text;
}

function readTerminated(console: Console, va: Va, size: number): TargetText {
  const bytes = readPart(console, va, maxUnits * size);
  for (let at = 0; at + size <= bytes.length; at += size) {
    const unit = size === 2 ? readU16(bytes, at) : bytes[at];
    if (unit === 0) return { text: textOf(bytes.subarray(0, at), size), complete: true };
  }
  return { text: textOf(bytes, size), complete: bytes.length === maxUnits * size };
}

/** Length in bytes, its maximum, and the buffer, aligned as a pointer. Source: the documented UNICODE_STRING. */
function readCounted(console: Console, va: Va): { readonly length: number; readonly buffer: Va } | undefined {
  const { pointerSize } = console.system.target;
  const bytes = readPart(console, va, pointerSize * 2);
  if (bytes.length < pointerSize * 2) return undefined;
  const pointer = pointerSize === 8 ? readU64(bytes, 8) : BigInt.asIntN(32, BigInt(readU32(bytes, 4)));
  return { length: readU16(bytes, 0), buffer: wrap64(pointer) };
}

function readPart({ memory }: Console, va: Va, length: number): Uint8Array {
  const read = memory.tryRead(va, length);
  return read instanceof Fault ? read.got : read;
}

function textOf(bytes: Uint8Array, size: number): string {
  let text = '';
  for (let at = 0; at + size <= bytes.length; at += size)
    text += String.fromCharCode(size === 2 ? readU16(bytes, at) : bytes[at]!);
  return text;
}
