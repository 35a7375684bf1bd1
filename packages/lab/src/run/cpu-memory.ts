import { pageOf, pageSize, type Va } from '@poolscope/engine/base';
import type { OperandSize } from '../image/x64-registers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { CpuFault } from './cpu-fault.ts';

/** Addresses of 48 bits: the others are a copy of the highest one. */
export const isCanonical = (va: Va): boolean => BigInt.asUintN(64, BigInt.asIntN(48, va)) === va;

/** A page that was used lately. */
interface HeldPage {
  /** Address shifted right by 12. */
  readonly number: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly writable: boolean;
}

/** Pages at hand; a power of two. */
const heldPages = 64;

/** Virtual memory as instructions see it: accesses fault where nothing is mapped. */
export class CpuMemory {
  readonly #space: AddressSpace;
  /** Pages that must not be written to: code and constants of images. */
  readonly #readOnly: ReadonlySet<Va>;
  /** As a translation buffer: by the low bits of the page's number, until a mapping changes. */
  readonly #held: (HeldPage | undefined)[] = new Array<undefined>(heldPages).fill(undefined);
  #version = -1;

  constructor(space: AddressSpace, readOnly: ReadonlySet<Va>) {
    this.#space = space;
    this.#readOnly = readOnly;
  }

  read(va: Va, size: OperandSize): bigint {
    const within = offsetIn(va);
    if (within + size > pageSize) return this.#readSplit(va, size);
    const page = this.#readable(va);
    if (page === undefined) return 0n;
    switch (size) {
      case 1:
        return BigInt(page.bytes[within]!);
      case 2:
        return BigInt(page.view.getUint16(within, true));
      case 4:
        return BigInt(page.view.getUint32(within, true));
      case 8:
        return page.view.getBigUint64(within, true);
    }
  }

  isMapped(va: Va): boolean {
    return isCanonical(va) && this.#space.pfnOf(va) !== undefined;
  }

  write(va: Va, size: OperandSize, value: bigint): void {
    const within = offsetIn(va);
    if (within + size > pageSize) {
      this.#writeSplit(va, size, value);
      return;
    }
    const { bytes, view } = this.#writable(va);
    if (size === 8) view.setBigUint64(within, value, true);
    else if (size === 4) view.setUint32(within, Number(value), true);
    else if (size === 2) view.setUint16(within, Number(value), true);
    else bytes[within] = Number(value);
  }

  /** Sets bytes up to the end of the page; how many. */
  fill(va: Va, value: number, count: number): number {
    const within = offsetIn(va);
    const end = Math.min(within + count, pageSize);
    this.#writable(va).bytes.fill(value, within, end);
    return end - within;
  }

  /** Copies bytes one after the other, up to the end of either page; how many. */
  copy(to: Va, from: Va, count: number): number {
    const [target, origin] = [offsetIn(to), offsetIn(from)];
    const done = Math.min(count, pageSize - target, pageSize - origin);
    const source = this.#readable(from)?.bytes;
    const { bytes } = this.#writable(to);
    for (let index = 0; index < done; index++) bytes[target + index] = source?.[origin + index] ?? 0;
    return done;
  }

  #readSplit(va: Va, size: OperandSize): bigint {
    let value = 0n;
    for (let index = 0; index < size; index++) value |= this.read(va + BigInt(index), 1) << BigInt(8 * index);
    return value;
  }

  /** Both pages are looked at before anything is written, as the processor does. */
  #writeSplit(va: Va, size: OperandSize, value: bigint): void {
    this.#writable(va);
    this.#writable(pageOf(va) + BigInt(pageSize));
    for (let index = 0; index < size; index++)
      this.write(va + BigInt(index), 1, (value >> BigInt(8 * index)) & 0xffn);
  }

  /** Undefined where the page has never been written to: it is zero. */
  #readable(va: Va): HeldPage | undefined {
    const held = this.#heldAt(va);
    if (held !== undefined) return held;
    const pfn = this.#pfn(va, 'read');
    return this.#space.memory.page(pfn) === undefined ? undefined : this.#hold(va, pfn);
  }

  #writable(va: Va): HeldPage {
    const page = this.#heldAt(va) ?? this.#hold(va, this.#pfn(va, 'write'));
    if (!page.writable) throw new CpuFault('page', va, 'write', true);
    return page;
  }

  #heldAt(va: Va): HeldPage | undefined {
    if (this.#version !== this.#space.version) {
      this.#held.fill(undefined);
      this.#version = this.#space.version;
      return undefined;
    }
    const held = this.#held[slotOf(va)];
    return held !== undefined && held.number === va >> 12n ? held : undefined;
  }

  #hold(va: Va, pfn: number): HeldPage {
    const bytes = this.#space.memory.storage(pfn);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const number = va >> 12n;
    const held = { number, bytes, view, writable: !this.#readOnly.has(number << 12n) };
    this.#held[slotOf(va)] = held;
    return held;
  }

  #pfn(va: Va, access: 'read' | 'write'): number {
    if (!isCanonical(va)) throw new CpuFault('general-protection');
    const pfn = this.#space.pfnOf(va);
    if (pfn === undefined) throw new CpuFault('page', va, access);
    return pfn;
  }
}

const offsetIn = (va: Va): number => Number(BigInt.asUintN(12, va));

const slotOf = (va: Va): number => (Number(BigInt.asUintN(18, va)) >>> 12) & (heldPages - 1);
