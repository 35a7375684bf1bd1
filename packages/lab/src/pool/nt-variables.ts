import { assert, type Va } from '@poolscope/engine/base';
import { type KernelAddress, toKernelAddress } from './kernel-address.ts';

/** Addresses of `module!name`; the loaded images of a machine are such. */
export interface KernelVariables {
  readonly symbols: ReadonlyMap<string, Va>;
}

/** Paged pools that nt!ExpPagedPoolDescriptor has room for, at least. */
export const pagedPoolSlots = 17;
/** Processors that nt!ExPoolTagTables has room for, at least. */
export const tagTableSlots = 64;

/** The addresses of nt's variables as the pool's code uses them. */
export class NtVariables {
  readonly #symbols: ReadonlyMap<string, Va>;
  readonly #known = new Map<string, KernelAddress>();

  constructor({ symbols }: KernelVariables) {
    this.#symbols = symbols;
  }

  find(name: string): KernelAddress | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const va = this.#symbols.get(`nt!${name}`);
    if (va === undefined) return undefined;
    const address = toKernelAddress(va);
    this.#known.set(name, address);
    return address;
  }

  get(name: string): KernelAddress {
    const address = this.find(name);
    assert(address !== undefined, `the kernel has no nt!${name}`);
    return address;
  }
}
