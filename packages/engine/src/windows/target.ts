import {
  describeFault,
  Fault,
  readU16,
  readU32,
  readU64,
  signExtend32,
  utf16,
  type Va,
  type Warnings,
} from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import type { Dump } from '../dump/index.ts';
import type { VirtualMemory } from '../mmu/virtual-memory.ts';

/** A value and where it was read: every fact about the crashed system can say how it is known. */
export interface Sourced<T> {
  readonly value: T;
  /** A short phrase: `dump header`, `triage driver list`, `nt!NtBuildLab`. */
  readonly from: string;
}

export const sourced = <T>(value: T, from: string): Sourced<T> => ({ value, from });

/** An opened dump with its memory: what every reader of Windows structures works on. */
export class Target {
  readonly dump: Dump;
  readonly memory: VirtualMemory;
  readonly machine: Machine;
  readonly warnings: Warnings;
  readonly pointerSize: 4 | 8;

  constructor(dump: Dump, memory: VirtualMemory) {
    this.dump = dump;
    this.memory = memory;
    this.machine = dump.header.machine;
    this.warnings = dump.warnings;
    this.pointerSize = this.machine === 'x86' ? 4 : 8;
  }

  /** Bug check parameter `index` (0 to 3) as an address: sign-extended on 32-bit targets. */
  parameterAddress(index: number): Va | undefined {
    const value = this.dump.header.bugCheckParameters[index];
    return value === undefined || this.pointerSize === 8 ? value : signExtend32(Number(value));
  }

  /** Bytes, or undefined when any of them is missing. */
  readBytes(va: Va, length: number): Uint8Array | undefined {
    const bytes = this.memory.tryRead(va, length);
    return bytes instanceof Fault ? undefined : bytes;
  }

  /** Why the byte at `va` cannot be read, as half a sentence; undefined when it can. */
  whyUnreadable(va: Va): string | undefined {
    const read = this.memory.tryRead(va, 1);
    return read instanceof Fault ? describeFault(read) : undefined;
  }

  /** A pointer, sign-extended on 32-bit targets. */
  readPointer(va: Va): Va | undefined {
    if (this.pointerSize === 8) {
      const value = this.memory.tryReadU64(va);
      return value instanceof Fault ? undefined : value;
    }
    const value = this.memory.tryReadU32(va);
    return value instanceof Fault ? undefined : signExtend32(value);
  }

  readU32(va: Va): number | undefined {
    const value = this.memory.tryReadU32(va);
    return value instanceof Fault ? undefined : value;
  }

  /** A pointer out of bytes already read. */
  pointerIn(bytes: Uint8Array, at: number): Va | undefined {
    if (at < 0 || at + this.pointerSize > bytes.length) return undefined;
    return this.pointerSize === 8 ? readU64(bytes, at) : signExtend32(readU32(bytes, at));
  }

  /** UTF-16 text of `length` bytes at `buffer`; undefined when absent or longer than a path can be. */
  readUtf16(buffer: Va, length: number): string | undefined {
    if (length === 0 || length > 0x2000 || buffer === 0n) return undefined;
    const bytes = this.readBytes(buffer, length & ~1);
    return bytes === undefined ? undefined : utf16(bytes);
  }

  /** A UNICODE_STRING structure at `va`. */
  readUnicodeString(va: Va): string | undefined {
    const bytes = this.readBytes(va, this.pointerSize * 2);
    if (bytes === undefined) return undefined;
    const buffer = this.pointerIn(bytes, this.pointerSize);
    return buffer === undefined ? undefined : this.readUtf16(buffer, readU16(bytes, 0));
  }

  /** NUL-terminated text of at most `limit` printable characters. */
  readAsciiz(va: Va, limit: number): string | undefined {
    const bytes = this.memory.tryRead(va, limit);
    const got = bytes instanceof Fault ? bytes.got : bytes;
    const end = got.indexOf(0);
    if (end <= 0) return undefined;
    const text = String.fromCharCode(...got.subarray(0, end));
    return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
  }
}
