import { pageSize, readU32, readU64, signExtend32, type Va } from '@poolscope/engine/base';
import { writeU32 } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import {
  isCanonical,
  type KernelAddress,
  offsetInPage,
  pageNumberOf,
  toKernelAddress,
  toVa,
} from './kernel-address.ts';
import { MemoryFault } from './pool-fault.ts';

/** Memory as the pool's code uses it. Every access of an address that is not mapped throws a `MemoryFault`. */
export interface PoolMemory {
  readonly pointerSize: 4 | 8;
  /** The bytes of the page that holds an address. */
  page(address: KernelAddress, write?: boolean): Uint8Array;
  readU8(address: KernelAddress): number;
  readU16(address: KernelAddress): number;
  readU32(address: KernelAddress): number;
  /** A pointer as an address; one that is not canonical as a number out of their range, which `exact` knows. */
  readPointer(address: KernelAddress): KernelAddress;
  readU64(address: KernelAddress): bigint;
  writeU8(address: KernelAddress, value: number): void;
  writeU16(address: KernelAddress, value: number): void;
  writeU32(address: KernelAddress, value: number): void;
  writePointer(address: KernelAddress, value: KernelAddress): void;
  writeU64(address: KernelAddress, value: bigint): void;
  /** Adds to a counter of 4 or 8 bytes, which wraps. */
  add(address: KernelAddress, size: number, delta: number): void;
  /** The very value of a pointer that was read. */
  exact(address: KernelAddress): Va;
  /** An address as the pool's code has it, whatever it is. */
  pointer(va: Va): KernelAddress;
}

const cachedPages = 1024;
const mostWild = 64;
const high = 0x1_0000_0000;

/** Memory of an address space, with the pages that were used last at hand. */
export class SpacePoolMemory implements PoolMemory {
  readonly pointerSize: 4 | 8;
  readonly #space: AddressSpace;
  readonly #numbers = new Float64Array(cachedPages).fill(Number.NaN);
  readonly #pages: Uint8Array[] = new Array<Uint8Array>(cachedPages);
  readonly #wild = new Map<KernelAddress, Va>();
  #version: number;

  constructor(space: AddressSpace, pointerSize: 4 | 8) {
    this.#space = space;
    this.pointerSize = pointerSize;
    this.#version = space.version;
  }

  page(address: KernelAddress, write = false): Uint8Array {
    const number = pageNumberOf(address);
    const slot = number & (cachedPages - 1);
    if (this.#version === this.#space.version && this.#numbers[slot] === number) return this.#pages[slot]!;
    return this.#load(address, number, slot, write);
  }

  /** Changes mappings without losing the pages at hand; `change` concerns the pages given only. */
  remap(start: KernelAddress, count: number, change: () => void): void {
    const isCurrent = this.#version === this.#space.version;
    change();
    const first = pageNumberOf(start);
    for (let number = first; number < first + count; number++) {
      const slot = number & (cachedPages - 1);
      if (this.#numbers[slot] === number) this.#numbers[slot] = Number.NaN;
    }
    if (isCurrent) this.#version = this.#space.version;
  }

  readU8(address: KernelAddress): number {
    return this.page(address)[offsetInPage(address)]!;
  }

  readU16(address: KernelAddress): number {
    return this.readU8(address) | (this.readU8(address + 1) << 8);
  }

  readU32(address: KernelAddress): number {
    const at = offsetInPage(address);
    if (at <= pageSize - 4) return readU32(this.page(address), at);
    return (this.readU16(address) | (this.readU16(address + 2) << 16)) >>> 0;
  }

  readU64(address: KernelAddress): bigint {
    const at = offsetInPage(address);
    if (at <= pageSize - 8) return readU64(this.page(address), at);
    return BigInt(this.readU32(address)) | (BigInt(this.readU32(address + 4)) << 32n);
  }

  readPointer(address: KernelAddress): KernelAddress {
    if (this.pointerSize === 4) return this.readU32(address) | 0;
    const at = offsetInPage(address);
    const value =
      at <= pageSize - 8
        ? readPointer64(this.page(address), at)
        : (this.readU32(address + 4) | 0) * high + this.readU32(address);
    return isCanonical(value) ? value : this.#remember(value, this.readU64(address));
  }

  writeU8(address: KernelAddress, value: number): void {
    this.page(address, true)[offsetInPage(address)] = value;
  }

  writeU16(address: KernelAddress, value: number): void {
    this.writeU8(address, value & 0xff);
    this.writeU8(address + 1, (value >>> 8) & 0xff);
  }

  writeU32(address: KernelAddress, value: number): void {
    const at = offsetInPage(address);
    if (at <= pageSize - 4) {
      writeU32(this.page(address, true), at, value);
      return;
    }
    this.writeU16(address, value & 0xffff);
    this.writeU16(address + 2, value >>> 16);
  }

  writePointer(address: KernelAddress, value: KernelAddress): void {
    if (!isCanonical(value)) {
      this.writeU64(address, this.exact(value));
      return;
    }
    const at = offsetInPage(address);
    if (this.pointerSize === 8 && at <= pageSize - 8) {
      const page = this.page(address, true);
      writeU32(page, at, value | 0);
      writeU32(page, at + 4, Math.floor(value / high));
      return;
    }
    this.writeU32(address, value | 0);
    if (this.pointerSize === 8) this.writeU32(address + 4, Math.floor(value / high) | 0);
  }

  writeU64(address: KernelAddress, value: bigint): void {
    this.writeU32(address, Number(value & 0xffff_ffffn));
    this.writeU32(address + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  add(address: KernelAddress, size: number, delta: number): void {
    const low = this.readU32(address) + delta;
    this.writeU32(address, low);
    const carry = Math.floor(low / high);
    if (size === 8 && carry !== 0) this.writeU32(address + 4, this.readU32(address + 4) + carry);
  }

  exact(address: KernelAddress): Va {
    return isCanonical(address) ? toVa(address) : (this.#wild.get(address) ?? 0n);
  }

  pointer(va: Va): KernelAddress {
    const address = toKernelAddress(va);
    return isCanonical(address) ? address : this.#remember(address, va);
  }

  #remember(value: KernelAddress, exact: Va): KernelAddress {
    if (this.#wild.size >= mostWild) this.#wild.clear();
    this.#wild.set(value, exact);
    return value;
  }

  #load(address: KernelAddress, number: number, slot: number, write: boolean): Uint8Array {
    if (this.#version !== this.#space.version) {
      this.#numbers.fill(Number.NaN);
      this.#version = this.#space.version;
    }
    const pfn = isCanonical(address) ? this.#space.pfnOf(toVa(address)) : undefined;
    if (pfn === undefined) throw new MemoryFault(address, write);
    const bytes = this.#space.memory.storage(pfn);
    this.#numbers[slot] = number;
    this.#pages[slot] = bytes;
    return bytes;
  }
}

const readPointer64 = (page: Uint8Array, at: number): number =>
  (page[at + 4]! | (page[at + 5]! << 8) | (page[at + 6]! << 16) | (page[at + 7]! << 24)) * high +
  readU32(page, at);

/** A pointer of the structures' size as the engine writes it: on x86 sign-extended. */
export const pointerValue = (memory: PoolMemory, address: KernelAddress): Va =>
  memory.pointerSize === 8 ? memory.readU64(address) : signExtend32(memory.readU32(address));
