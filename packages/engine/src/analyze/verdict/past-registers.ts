import { type Va, wrap64 } from '../../base/index.ts';
import type { RegisterSet } from '../../cpu/index.ts';
import { effectiveAddress, type Instruction, type MemoryOperand } from '../../disasm/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { sourceOf, writes } from './value-source.ts';

/** Moves and loads that one value is followed over. */
const mostSteps = 16;

/** A load out of memory behind a value. */
export interface Load {
  readonly cell: Va;
  /** Bytes. */
  readonly size: number;
  /** The instruction that loaded it. */
  readonly instruction: Instruction;
  /** Frame in which that was, 0 for the one of the fault. */
  readonly frame: number;
  /** Does the cell hold the value still? Undefined: it is not in the dump. */
  readonly holds: boolean | undefined;
}

/** What registers were at earlier instructions, out of what they hold now and of memory. */
export class Past {
  readonly #system: CrashedSystem;
  readonly #code: readonly Instruction[];
  readonly #now: RegisterSet;
  #steps = 0;

  /** `code` runs up to the place where `now` holds. */
  constructor(system: CrashedSystem, code: readonly Instruction[], now: RegisterSet) {
    this.#system = system;
    this.#code = code;
    this.#now = now;
  }

  /** Adds the loads that lead to a register; gives the register that the function was entered with, if it comes to that. */
  loads(register: string, loads: Load[], frame: number): string | undefined {
    let [name, end] = [register, this.#code.length];
    for (;;) {
      const at = this.#writer(name, end);
      if (at < 0) return name;
      const instruction = this.#code[at]!;
      const source = sourceOf(instruction, name);
      if (source === undefined || ++this.#steps > mostSteps) return undefined;
      if ('register' in source) {
        [name, end] = [source.register, at];
        continue;
      }
      const { base, size } = source.memory;
      const cell = this.#address(source.memory, instruction, at);
      if (cell === undefined) return undefined;
      loads.push({
        cell,
        size,
        instruction,
        frame,
        holds: this.#holds(cell, size, this.#value(name, at + 1)),
      });
      if (base === undefined) return undefined;
      [name, end] = [base, at];
    }
  }

  /** What is known of the caller, and what this function has left as the caller had it when it called. */
  untouched(caller: RegisterSet): RegisterSet {
    const kept = [...this.#now.entries()].filter(
      ([name]) => caller.get(name) === undefined && this.#writer(name, this.#code.length) < 0,
    );
    return caller.with(Object.fromEntries(kept));
  }

  #holds(cell: Va, size: number, value: bigint | undefined): boolean | undefined {
    const found = this.#read(cell, size);
    return found === undefined || value === undefined ? undefined : found === BigInt.asUintN(size * 8, value);
  }

  /** The last instruction before `end` that writes a register; -1: none. */
  #writer(register: string, end: number): number {
    for (let at = end - 1; at >= 0; at--) if (writes(this.#code[at]!, register)) return at;
    return -1;
  }

  /** What a register held right before instruction `at`: what it holds now if nothing wrote it since. */
  #value(register: string, at: number): bigint | undefined {
    const last = this.#writer(register, this.#code.length);
    if (last < at) return this.#now.get(register);
    const writer = this.#writer(register, at);
    if (writer < 0 || ++this.#steps > mostSteps * 4) return undefined;
    const instruction = this.#code[writer]!;
    const source = sourceOf(instruction, register);
    if (source === undefined) return undefined;
    if ('register' in source) {
      const value = this.#value(source.register, writer);
      return value === undefined ? undefined : wrap64(value + source.add);
    }
    const cell = this.#address(source.memory, instruction, writer);
    return cell === undefined ? undefined : this.#read(cell, source.memory.size);
  }

  #address(operand: MemoryOperand, instruction: Instruction, at: number): Va | undefined {
    const names = [operand.base, operand.index].filter((name): name is string => name !== undefined);
    const values = Object.fromEntries(names.map((name) => [name, this.#value(name, at)]));
    return effectiveAddress(operand, instruction, this.#now.with(values));
  }

  #read(cell: Va, size: number): bigint | undefined {
    const bytes = size > 0 && size <= 8 ? this.#system.target.readBytes(cell, size) : undefined;
    return bytes?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
}
