import { pageSize } from '@poolscope/engine/base';
import { type KernelAddress, toKernelAddress } from '../pool/kernel-address.ts';
import type { PoolMemory } from '../pool/pool-memory.ts';
import type { HeapLayout } from './heap-layout.ts';
import type { HeapPages } from './heap-pages.ts';

const mega = 0x10_0000;
/** Where a bitmap that tells of the kernel's half of memory begins. */
const base = toKernelAddress(0xffff_8000_0000_0000n);
/** Bits of one page of the bitmap, and of one word of the directory that says which words of the other are there. */
const pageBits = pageSize * 8;

/** What a megabyte of addresses belongs to. */
export const trackedKind = { other: 0, first: 1, second: 2 } as const;

/** What the tracker uses of the heaps. */
interface TrackerParts {
  readonly memory: PoolMemory;
  readonly layout: HeapLayout;
  readonly pages: HeapPages;
}

/**
 * _RTLP_HP_ALLOC_TRACKER: two bits for each megabyte of addresses, in a bitmap of which only the pages are there that hold a
 * bit. Those that are there have a bit of their own, and so have the words of these.
 */
export class AllocTracker {
  readonly #parts: TrackerParts;
  #manager: KernelAddress = 0;

  constructor(parts: TrackerParts) {
    this.#parts = parts;
  }

  /** @param room addresses for the two bitmaps: 32 MB, and a page more */
  boot(manager: KernelAddress, room: KernelAddress): void {
    const { memory, layout, pages } = this.#parts;
    this.#manager = manager;
    const at = manager + layout.manager.tracker;
    memory.writePointer(at + layout.tracker.base, base);
    memory.writePointer(at + layout.tracker.commitBitmap, room);
    memory.writePointer(at + layout.tracker.userBitmap, room + pageSize);
    memory.writeU64(at + layout.tracker.bitCount, 1n << 28n);
    pages.commit(room, 1, { writable: true });
  }

  note(start: KernelAddress, bytes: number, kind: number): void {
    for (let at = start; at < start + bytes; at += mega) this.#write(at, kind);
  }

  kindOf(va: KernelAddress): number {
    const { memory } = this.#parts;
    const index = indexOf(va);
    if (!(index >= 0 && index < 2 ** 28)) return trackedKind.other;
    const byte = this.#byteAt(index);
    if (!this.#isThere(index)) return trackedKind.other;
    return (memory.readU8(byte) >>> (index & 7)) & 3;
  }

  #write(va: KernelAddress, kind: number): void {
    const { memory } = this.#parts;
    const index = indexOf(va);
    if (!this.#isThere(index)) this.#commit(index);
    const byte = this.#byteAt(index);
    const shift = index & 7;
    memory.writeU8(byte, (memory.readU8(byte) & ~(3 << shift)) | (kind << shift));
  }

  #isThere(index: number): boolean {
    const { memory, layout } = this.#parts;
    const commit = memory.readPointer(this.#manager + layout.manager.tracker + layout.tracker.commitBitmap);
    const page = Math.floor(index / pageBits);
    return ((memory.readU8(commit + (page >>> 3)) >>> (page & 7)) & 1) !== 0;
  }

  #commit(index: number): void {
    const { memory, layout, pages } = this.#parts;
    const tracker = this.#manager + layout.manager.tracker;
    const page = Math.floor(index / pageBits);
    pages.commit(this.#userBitmap + page * pageSize, 1, { writable: true });
    const commit = memory.readPointer(tracker + layout.tracker.commitBitmap) + (page >>> 3);
    memory.writeU8(commit, memory.readU8(commit) | (1 << (page & 7)));
    // One word of the directory tells of all pages of the other bitmap that there may be.
    const directory = tracker + layout.tracker.directory;
    const bit = Math.floor(page / pageBits);
    memory.writeU8(directory + (bit >>> 3), memory.readU8(directory + (bit >>> 3)) | (1 << (bit & 7)));
  }

  #byteAt(index: number): KernelAddress {
    return this.#userBitmap + (index >>> 3);
  }

  get #userBitmap(): KernelAddress {
    const { memory, layout } = this.#parts;
    return memory.readPointer(this.#manager + layout.manager.tracker + layout.tracker.userBitmap);
  }
}

const indexOf = (va: KernelAddress): number => 2 * Math.floor((va - base) / mega);
