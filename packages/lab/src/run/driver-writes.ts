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
 * Remembers what was in memory before a driver wrote there, to tell afterwards which bytes it has changed.
 */
export class DriverWrites implements WriteWatch {
  readonly #space: AddressSpace;
  readonly #module: string;
  readonly #old = new Map<Va, number>();

  constructor(space: AddressSpace, module: string) {
    this.#space = space;
    this.#module = module;
  }

  before(va: Va, size: OperandSize, by: CodeSlot | undefined): void {
    if (by?.function.image.spec.module !== this.#module) return;
    for (let at = va; at < va + BigInt(size); at++) {
      if (this.#old.has(at) || this.#space.pfnOf(at) === undefined) continue;
      this.#old.set(at, this.#space.read(at, 1)[0]!);
    }
  }

  /** From the first to the last changed byte of a range; undefined: nothing there is different. */
  changed(start: Va, end: Va): ChangedBytes | undefined {
    return this.#span(this.#within(start, end).filter((va) => this.#byteAt(va) !== this.#old.get(va)));
  }

  /** The same with bytes that were what they are before the driver wrote them: the NUL of a text. */
  written(start: Va, end: Va): ChangedBytes | undefined {
    return this.#span(this.#within(start, end));
  }

  /** The address behind what was written from an address on without a gap. */
  endOf(start: Va): Va {
    let end = start;
    while (this.#old.has(end)) end++;
    return end;
  }

  /** The first address of what was written up to an address without a gap. */
  startOf(end: Va): Va {
    let start = end;
    while (this.#old.has(start - 1n)) start--;
    return start;
  }

  #within(start: Va, end: Va): Va[] {
    return [...this.#old.keys()].filter((va) => va >= start && va < end);
  }

  #span(places: readonly Va[]): ChangedBytes | undefined {
    if (places.length === 0) return undefined;
    const first = places.reduce((least, va) => (va < least ? va : least));
    const last = places.reduce((most, va) => (va > most ? va : most));
    return { start: first, bytes: this.#space.read(first, Number(last - first) + 1) };
  }

  #byteAt(va: Va): number | undefined {
    return this.#space.pfnOf(va) === undefined ? undefined : this.#space.read(va, 1)[0];
  }
}
