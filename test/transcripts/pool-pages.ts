import type { KernelWorld } from '@poolscope/lab';
import { type PlannedBlock, poolPage } from '../../packages/engine/test/pool-page.ts';

const pageSize = 0x1000;
const allocated = 2;

const cookie = 0x5ac5_7513_9c6e_11d4n;
const process = 0xffff_fa80_035a_7040n;

/** A page in which everything is as it should be, on x64: of every state one, and one that a process pays for. */
function wholePage(at: bigint): Uint8Array {
  const plain = (offset: number): bigint => (at + BigInt(offset)) ^ cookie;
  return poolPage(8, at, [
    { tag: 'Irp ', size: 0x410, type: 0, billed: plain(0) },
    { tag: 'File', size: 0x150, isProtected: true, billed: plain(0x410) },
    { tag: 'Even', size: 0x80, type: allocated | 8, billed: plain(0x560) ^ process },
    { tag: 'srb-', size: 0x70, type: 4, billed: plain(0x5e0) },
    { tag: 'Free', size: 0x10, type: 0, billed: plain(0x650) },
    { tag: 'Q\u0001\u0002x', size: 0x20, billed: plain(0x660) },
    { tag: 'Thre', billed: plain(0x680) },
  ]);
}

const someBlocks: readonly PlannedBlock[] = [
  { tag: 'File', size: 0x180 },
  { tag: 'SmpD', size: 0x210 },
  { tag: 'StFl', size: 0x210 },
  { tag: 'Irp ', size: 0x2a0 },
  { tag: 'MmCa', size: 0x150 },
  { tag: 'Free', type: 0 },
];

/** The owner of the second block filled so many bytes too many. */
function overrun(pointerSize: 4 | 8, at: bigint, count: number): Uint8Array {
  return poolPage(pointerSize, at, someBlocks).fill(0x4f, 0x180 + pointerSize * 2, 0x390 + count);
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  bytes[at] = value;
  return bytes;
}

/** Addresses of the pages on x64. */
export const wideBase = 0xffff_fa80_03f4_2000n;
export const pagedBase = 0xffff_f8a0_0001_0000n;
/** And on x86. */
export const narrowBase = 0xffff_ffff_86a0_0000n;

/** Plants pages of classic pool: whole, damaged in every way, and empty. */
export function plantClassicPool({ space, pointerSize }: KernelWorld): void {
  const base = pointerSize === 8 ? wideBase : narrowBase;
  const unit = pointerSize * 2;
  const pages = [
    (at: bigint) => (pointerSize === 8 ? wholePage(at) : poolPage(4, at, someBlocks)),
    (at: bigint) => overrun(pointerSize, at, 0x20),
    (at: bigint) => overrun(pointerSize, at, 0x700),
    // One bit of the second block's size.
    (at: bigint) => changed(poolPage(pointerSize, at, someBlocks), 0x180 + 2, (0x210 / unit) ^ 4),
    // Another previous size of the third block.
    (at: bigint) => changed(poolPage(pointerSize, at, someBlocks), 0x390, 0x39),
    () => new Uint8Array(pageSize),
    () => new Uint8Array(pageSize).fill(0x4f),
    // Links of the free block.
    (at: bigint) => poolPage(pointerSize, at, someBlocks).fill(0x21, 0x990 + unit, 0x990 + 2 * unit),
    // A type that nobody writes, and a block of another descriptor.
    (at: bigint) => poolPage(pointerSize, at, [{ tag: 'File', size: 0x180, type: 6 }, ...someBlocks.slice(1)]),
    (at: bigint) => poolPage(pointerSize, at, [...someBlocks.slice(0, 3), { tag: 'Irp ', size: 0x2a0, index: 3 }, ...someBlocks.slice(4)]),
  ];
  const write = (at: bigint, bytes: Uint8Array): void => {
    space.allocate(at, pageSize, { writable: true });
    space.write(at, bytes);
  };
  pages.forEach((make, index) => {
    const at = base + BigInt(index * pageSize);
    write(at, make(at));
  });
  if (pointerSize === 8) write(pagedBase, poolPage(8, pagedBase, [{ tag: 'CMkb', size: 0x200, type: 3 }, { tag: 'MmSt', type: 3 }]));
}
