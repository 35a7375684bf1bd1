import type { Va } from '../base/index.ts';
import type { Machine } from './machine.ts';

const numbered = (prefix: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);

/** General registers in the debugger's order of display. */
export const generalRegisters: Readonly<Record<Machine, readonly string[]>> = {
  x64: ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rip', 'rsp', 'rbp', ...numbered('r', 8, 15)],
  x86: ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'eip', 'esp', 'ebp'],
  arm64: [...numbered('x', 0, 28), 'fp', 'lr', 'sp', 'pc'],
};

const roles = {
  x64: { ip: 'rip', sp: 'rsp', fp: 'rbp' },
  x86: { ip: 'eip', sp: 'esp', fp: 'ebp' },
  arm64: { ip: 'pc', sp: 'sp', fp: 'fp' },
} as const;

/**
 * A set of register values under lower-case names (`rax`, `efl`, `cs`; `x0`, `fp`, `cpsr`).
 * A register that is not known is absent: a trap frame has no r12..r15, a caller's volatile registers are lost.
 * Values are as wide as the register; an x86 `eip` or `esp` that is used as an address is sign-extended by `ip`, `sp`, `fp`.
 */
export class RegisterSet {
  readonly machine: Machine;
  readonly #record: Uint8Array | undefined;
  readonly #values: ReadonlyMap<string, bigint>;

  constructor(machine: Machine, values: Iterable<readonly [string, bigint]>, record?: Uint8Array) {
    this.machine = machine;
    this.#record = record;
    this.#values = new Map(values);
  }

  /** The CONTEXT record that the values are from: the floating point registers are in it. A changed set has none. */
  get record(): Uint8Array | undefined {
    return this.#record;
  }

  /** The value of a register by its name in small letters; undefined where it is not known. */
  get(name: string): bigint | undefined {
    return this.#values.get(name);
  }

  /** The same set with other values; an undefined value makes the register unknown. */
  with(changes: Readonly<Record<string, bigint | undefined>>): RegisterSet {
    const values = new Map(this.#values);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) values.delete(name);
      else values.set(name, value);
    }
    return new RegisterSet(this.machine, values);
  }

  /** Names and values of the registers that are known. */
  entries(): Iterable<readonly [string, bigint]> {
    return this.#values;
  }

  get ip(): Va | undefined {
    return this.#address(roles[this.machine].ip);
  }

  get sp(): Va | undefined {
    return this.#address(roles[this.machine].sp);
  }

  /** Frame pointer register, whatever it holds. */
  get fp(): Va | undefined {
    return this.#address(roles[this.machine].fp);
  }

  #address(name: string): Va | undefined {
    const value = this.#values.get(name);
    if (value === undefined || this.machine !== 'x86') return value;
    return BigInt.asUintN(64, BigInt.asIntN(32, value));
  }
}
