import type { Va } from '@poolscope/engine/base';
import type { OperandSize } from '../image/x64-registers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import type { CodeSlot } from './code-map.ts';
import type { WriteWatch } from './cpu.ts';

/** Bytes that were changed, without a gap. */
export interface ChangedBytes {
  readonly start: Va;
  readonly bytes: Uint8Array;
}

/**
 * Remembers what was in memory before a driver wrote there, and what it left there: others may write over it before anybody
 * looks.
 */
export class DriverWrites implements WriteWatch {
  readonly #space: AddressSpace;
  readonly #module: string;
  readonly #old = new Map<Va, number>();
  readonly #left = new Map<Va, number>();

  constructor(space: AddressSpace, module: string) {
    this.#space = space;
    this.#module = module;
  }

  before(va: Va, size: OperandSize, by: CodeSlot | undefined): void {
    if (!this.#isMine(by)) return;
    for (let at = va; at < va + BigInt(size); at++) {
      if (this.#old.has(at) || this.#space.pfnOf(at) === undefined) continue;
      this.#old.set(at, this.#space.read(at, 1)[0]!);
    }
  }

  after(va: Va, size: OperandSize, by: CodeSlot | undefined): void {
    if (!this.#isMine(by)) return;
    const bytes = this.#space.read(va, size);
    for (const [index, byte] of bytes.entries()) this.#left.set(va + BigInt(index), byte);
  }

  /** From the first to the last changed byte of a range; undefined: nothing there is different. */
  changed(start: Va, end: Va): ChangedBytes | undefined {
    return this.#span(this.#within(start, end).filter((va) => this.#left.get(va) !== this.#old.get(va)));
  }

  /** The same with bytes that were what they are before the driver wrote them: the NUL of a text. */
  written(start: Va, end: Va): ChangedBytes | undefined {
    return this.#span(this.#within(start, end));
  }

  /** The address behind what was written from an address on without a gap. */
  endOf(start: Va): Va {
    let end = start;
    while (this.#left.has(end)) end++;
    return end;
  }

  /** The first address of what was written up to an address without a gap. */
  startOf(end: Va): Va {
    let start = end;
    while (this.#left.has(start - 1n)) start--;
    return start;
  }

  /** Memory as the driver left it; what it did not write is as it is now, and zero where its page was given back since. */
  bytesAt(start: Va, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) {
      const at = start + BigInt(index);
      bytes[index] = this.#left.get(at) ?? this.#space.byteAt(at) ?? 0;
    }
    return bytes;
  }

  #isMine(by: CodeSlot | undefined): boolean {
    return by?.function.image.spec.module === this.#module;
  }

  #within(start: Va, end: Va): Va[] {
    return [...this.#left.keys()].filter((va) => va >= start && va < end);
  }

  #span(places: readonly Va[]): ChangedBytes | undefined {
    if (places.length === 0) return undefined;
    const first = places.reduce((least, va) => (va < least ? va : least));
    const last = places.reduce((most, va) => (va > most ? va : most));
    return { start: first, bytes: this.bytesAt(first, Number(last - first) + 1) };
  }
}
