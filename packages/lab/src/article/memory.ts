import { assert, type Pfn, pageSize, type Va } from '@poolscope/engine/base';
import { asciiBytes, u32Bytes, u64Bytes } from '../bytes/integers.ts';
import type { KernelWorld } from '../machine/kernel-world.ts';
import type { PrepareSite } from '../machine/machine.ts';
import { part1, part2, part3 } from './facts.ts';

const unit = 0x10;
const allocatedNonPaged = 2;

interface Header {
  readonly previous: number;
  readonly size: number;
  readonly type: number;
  readonly tag: string;
}

/** POOL_HEADER of x64; sizes are bytes here and units of 16 there. */
function poolHeader({ previous, size, type, tag }: Header): Uint8Array {
  const bytes = new Uint8Array(unit);
  bytes.set([previous / unit, 0, size / unit, type]);
  bytes.set(asciiBytes(tag), 4);
  return bytes;
}

/** Writes a page of pool, and maps it. */
function writePage({ space }: KernelWorld, va: Va, bytes: Uint8Array): void {
  space.allocate(va, pageSize, { writable: true });
  space.write(va, bytes);
}

function healthyPage(): Uint8Array {
  const bytes = new Uint8Array(pageSize);
  let [at, previous] = [0, 0];
  for (const { tag, size, isFree } of part1.healthyPage.blocks) {
    bytes.set(poolHeader({ previous, size, type: isFree ? 0 : allocatedNonPaged, tag }), at);
    at += size;
    previous = size;
  }
  return bytes;
}

/** Nothing tells what was behind the end of the damage; it reads as zeros. */
function damagedPage(): Uint8Array {
  const { tag, size, ending, end } = part1.damagedPage;
  const bytes = new Uint8Array(pageSize);
  bytes.set(poolHeader({ previous: 0, size, type: allocatedNonPaged, tag }));
  bytes.fill(0x4f, unit, end);
  bytes.set(asciiBytes(ending, true), end - ending.length - 1);
  return bytes;
}

/** Lists of free blocks in a POOL_DESCRIPTOR: where they begin, and how many. */
const listHeads = { offset: 0x140, count: 256 };

/** Blocks of so many units are on the list before that number: part 1 shows it, for 0x7f0 bytes are on list 0x7e. */
const headOf = (list: number): Va => part1.descriptor + BigInt(listHeads.offset + list * unit);

/** The free blocks of the healthy page, each alone on the list of its size. */
function linkFreeBlocks(world: KernelWorld): void {
  let at = part1.healthyPage.address;
  for (const { size, isFree } of part1.healthyPage.blocks) {
    if (isFree) world.linkList(headOf(size / unit - 1), [at + BigInt(unit)]);
    at += BigInt(size);
  }
}

/** Part 1: both pages, and the descriptor whose list leads into the damage. */
export function prepareFirst(world: KernelWorld, site: PrepareSite): void {
  writePage(world, part1.healthyPage.address, healthyPage());
  for (let index = 0; index < listHeads.count; index++) world.linkList(headOf(index), []);
  linkFreeBlocks(world);
  writePage(world, part1.damagedPage.address, damagedPage());
  world.writePointer(part1.listHead, part1.registers.r8);
  world.writePointer(part1.listHead + 8n, part1.registers.r8);
  emptyBigPageTable(world, site);
}

const bigPages = { entries: 0x10, entrySize: 0x18 };

/** There is a table of large allocations, and none in it: bit 0 of the address marks a slot without one. */
function emptyBigPageTable(world: KernelWorld, { loaded }: PrepareSite): void {
  const { entries, entrySize } = bigPages;
  const table = world.nonPagedPool.allocate(pageSize, pageSize);
  for (let index = 0; index < entries; index++) world.writePointer(table + BigInt(index * entrySize), 1n);
  world.writePointer(loaded.address('nt!PoolBigPageTable'), table);
  world.writePointer(loaded.address('nt!PoolBigPageTableSize'), BigInt(entries));
}

interface Entries {
  readonly pxe: bigint;
  readonly ppe: bigint;
  readonly pde: bigint;
}

/** Gives an address tables in certain pages of memory. */
function plantTables({ space }: KernelWorld, va: Va, { pxe, ppe, pde }: Entries): void {
  const levels = [
    ['PXE', pxe],
    ['PPE', ppe],
    ['PDE', pde],
  ] as const;
  for (const [level, entry] of levels) {
    if (entry === 0n) return;
    const pfn: Pfn = Number(entry >> 12n);
    assert(space.memory.owner(pfn) === undefined, `page ${pfn.toString(16)} is in use already`);
    space.memory.claim(pfn);
    space.tables.plant(va, entry, level);
  }
}

/** Of a block of special pool: the size, the flag of the verifier, and the byte that the page was filled with. */
const verifierFlag = 0x4000;
const pattern = 0x6d;

/** Part 2: a block at the end of its page, and behind it a page that is not there. */
export function prepareSecond(world: KernelWorld): void {
  const { block, entries, guard } = part2;
  plantTables(world, guard, entries);
  const bytes = new Uint8Array(pageSize).fill(pattern);
  bytes.set(u32Bytes(block.size | verifierFlag | (pattern << 16)));
  bytes.set(asciiBytes(block.tag), 4);
  bytes.set(u64Bytes(0n), 8);
  // The driver filled its block up to the end.
  bytes.fill(0x4f, pageSize - block.size);
  writePage(world, block.page, bytes);
}

/** Part 3: the freed page has not even a table of pages any more. */
export const prepareThird = (world: KernelWorld): void => plantTables(world, part3.header, part3.entries);

/** Part 3 before special pool: the last block of its page, freed and waiting, and the one before it. */
export function prepareThirdPlain(world: KernelWorld): void {
  const { page, offset, size, previous, type } = part3.plain.block;
  const bytes = new Uint8Array(pageSize);
  const first = offset - previous;
  bytes.set(poolHeader({ previous: 0, size: first, type: allocatedNonPaged, tag: 'MmSt' }));
  bytes.set(poolHeader({ previous: first, size: previous, type: allocatedNonPaged, tag: 'Even' }), first);
  bytes.set(poolHeader({ previous, size, type, tag: 'None' }), offset);
  writePage(world, page, bytes);
}
