import { type Pfn, pageOf, pageSize, readU16, readU32, readU64, type Va } from '@poolscope/engine/base';
import { writeU16, writeU32, writeU64 } from '../bytes/integers.ts';
import type { OperandSize } from '../image/x64-registers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { CpuFault } from './cpu-fault.ts';

/** Addresses of 48 bits: the others are a copy of the highest one. */
export const isCanonical = (va: Va): boolean => BigInt.asUintN(64, BigInt.asIntN(48, va)) === va;

/** Virtual memory as instructions see it: accesses fault where nothing is mapped. */
export class CpuMemory {
  readonly #space: AddressSpace;
  /** Pages that must not be written to: code and constants of images. */
  readonly #readOnly: ReadonlySet<Va>;
  readonly #scratch = new Uint8Array(8);

  constructor(space: AddressSpace, readOnly: ReadonlySet<Va>) {
    this.#space = space;
    this.#readOnly = readOnly;
  }

  read(va: Va, size: OperandSize): bigint {
    const within = Number(va & 0xfffn);
    if (within + size > pageSize) return this.#readSplit(va, size);
    const page = this.#space.memory.page(this.#pfn(va, 'read'));
    if (page === undefined) return 0n;
    switch (size) {
      case 1:
        return BigInt(page[within]!);
      case 2:
        return BigInt(readU16(page, within));
      case 4:
        return BigInt(readU32(page, within));
      case 8:
        return readU64(page, within);
    }
  }

  isMapped(va: Va): boolean {
    return isCanonical(va) && this.#space.pfnOf(va) !== undefined;
  }

  write(va: Va, size: OperandSize, value: bigint): void {
    const bytes = this.#scratch.subarray(0, size);
    if (size === 8) writeU64(bytes, 0, value);
    else if (size === 4) writeU32(bytes, 0, Number(value));
    else if (size === 2) writeU16(bytes, 0, Number(value));
    else bytes[0] = Number(value);
    const within = Number(va & 0xfffn);
    const first = this.#pfn(va, 'write');
    if (within + size <= pageSize) {
      this.#space.memory.write(first * pageSize + within, bytes);
      return;
    }
    // Both pages are looked at before anything is written, as the processor does.
    const second = this.#pfn(pageOf(va) + BigInt(pageSize), 'write');
    const count = pageSize - within;
    this.#space.memory.write(first * pageSize + within, bytes.subarray(0, count));
    this.#space.memory.write(second * pageSize, bytes.subarray(count));
  }

  #readSplit(va: Va, size: OperandSize): bigint {
    let value = 0n;
    for (let index = 0; index < size; index++) value |= this.read(va + BigInt(index), 1) << BigInt(8 * index);
    return value;
  }

  #pfn(va: Va, access: 'read' | 'write'): Pfn {
    if (!isCanonical(va)) throw new CpuFault('general-protection');
    const pfn = this.#space.pfnOf(va);
    if (pfn === undefined) throw new CpuFault('page', va, access);
    if (access === 'write' && this.#readOnly.has(pageOf(va))) throw new CpuFault('page', va, access, true);
    return pfn;
  }
}
