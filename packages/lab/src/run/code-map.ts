import type { Va } from '@poolscope/engine/base';
import { type BuiltImage, labelsOf, type PlacedFunction } from '../image/built-image.ts';
import type { CodePlace, Instruction } from '../image/code.ts';
import type { X64Cpu } from '../image/x64-registers.ts';

/** An instruction at its address. */
export interface CodeSlot {
  readonly function: PlacedFunction;
  readonly instruction: Instruction;
  readonly va: Va;
  /** Address after it. */
  readonly end: Va;
  readonly place: CodePlace;
  /** What follows in the same function. */
  next: CodeSlot | undefined;
}

/** The instructions of the images of a machine by address. */
export class CodeMap {
  /** The first slot at an address: where calls and returns go. */
  readonly #first = new Map<Va, CodeSlot>();
  /** The label at an address: where jumps go, past anything without bytes in front of it. */
  readonly #labels = new Map<Va, CodeSlot>();

  add(image: BuiltImage): void {
    for (const each of image.functions) this.#addFunction(image, each);
  }

  remove({ spec: { base }, size }: BuiltImage): void {
    const end = base + BigInt(size);
    for (const slots of [this.#first, this.#labels])
      for (const va of slots.keys()) if (va >= base && va < end) slots.delete(va);
  }

  entry(va: Va): CodeSlot | undefined {
    return this.#first.get(va);
  }

  target(va: Va): CodeSlot | undefined {
    return this.#labels.get(va) ?? this.#first.get(va);
  }

  #addFunction(image: BuiltImage, owner: PlacedFunction): void {
    const labels = labelsOf(owner.spec, owner.rva);
    const rvaOf = (symbol: string): number => labels.get(symbol) ?? rvaInImage(image, symbol);
    let rva = owner.rva;
    let previous: CodeSlot | undefined;
    for (const instruction of owner.spec.code) {
      const va = image.spec.base + BigInt(rva);
      const place = { base: image.spec.base, rva, rvaOf };
      const end = va + BigInt(instruction.length);
      const slot: CodeSlot = { function: owner, instruction, va, end, place, next: undefined };
      if (previous !== undefined) previous.next = slot;
      if (!this.#first.has(va)) this.#first.set(va, slot);
      if (instruction.mark !== undefined) this.#labels.set(va, slot);
      previous = slot;
      rva += instruction.length;
    }
  }
}

function rvaInImage(image: BuiltImage, symbol: string): number {
  const rva = image.symbols.get(symbol);
  if (rva === undefined) throw new Error(`${image.spec.name} has no symbol ${symbol}`);
  return rva;
}

/** Execution goes on at a label of the function. */
export const goTo = (cpu: X64Cpu, place: CodePlace, label: string): void =>
  cpu.jump(place.base + BigInt(place.rvaOf(label)));

/** Work that the lab does itself at a place of a function: it takes no bytes. */
export const intrinsic = (execute: NonNullable<Instruction['execute']>): Instruction => ({
  length: 0,
  encode: () => new Uint8Array(0),
  execute,
});
