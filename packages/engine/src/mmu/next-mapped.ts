import { pageOf, type Va, wrap64 } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { classify, frameOf } from './hardware-entry.ts';
import { indexOf, type Level, type PagingScheme } from './paging-scheme.ts';
import { decodeSoftwareEntry } from './software-entry.ts';
import type { Walker } from './walker.ts';

/**
 * The next address above `va` whose entry may lead to bytes in the dump, given the walk for `va`. Looks through the
 * rest of each table that the walk met, the deepest first, and into no other: at most 512 entries a level.
 */
export function nextMapped(physical: PhysicalMemory, walker: Walker, va: Va): Va | undefined {
  const { scheme } = walker;
  if (walker.state === 'non-canonical') return upperHalfAbove(scheme, va);
  const within = Number(va & BigInt(walker.pageSize - 1));
  if (within + 0x1000 < walker.pageSize) return pageOf(va) + 0x1000n;
  const deepest = walker.state === 'table-not-in-dump' ? walker.depth - 2 : walker.depth - 1;
  for (let depth = deepest; depth >= 0; depth--) {
    const level = scheme.levels[depth]!;
    const index = nextIndex(physical, walker, depth, va);
    if (index < level.count) return addressOf(scheme, level, index, va);
  }
  return undefined;
}

/** Where the upper half starts, for an address between the halves. */
function upperHalfAbove(scheme: PagingScheme, va: Va): Va | undefined {
  const start = (1n << 64n) - (1n << BigInt(scheme.addressBits - 1));
  return va < start ? start : undefined;
}

/** The next index in the table met at `depth` that is worth a look, or the table's length. */
function nextIndex(physical: PhysicalMemory, walker: Walker, depth: number, va: Va): number {
  const { entrySize, levels } = walker.scheme;
  const level = levels[depth]!;
  const current = indexOf(level, Number(va >> 32n), Number(va & 0xffff_ffffn));
  const table = physical.offsetOf(walker.addresses[depth]!) - current * entrySize;
  for (let index = current + 1; index < level.count; index++) {
    const low = physical.file.readU32(table + index * entrySize);
    const high = entrySize === 4 ? 0 : physical.file.readU32(table + index * entrySize + 4);
    if (low < 0 || high < 0) break;
    if (low !== 0 && mayLead(physical, walker, level, low, high)) return index;
  }
  return level.count;
}

function mayLead(
  physical: PhysicalMemory,
  { scheme, format }: Walker,
  level: Level,
  low: number,
  high: number,
): boolean {
  const kind = classify(scheme, level, low);
  if (kind === 'reserved') return false;
  if (kind === 'software') {
    const { state } = decodeSoftwareEntry(format, low, high);
    return state === 'transition' || (state === 'prototype' && level.shift === 12);
  }
  const isLarge = kind === 'page' && level.shift > 12;
  return isLarge || physical.offsetOf(frameOf(scheme, level, low, high)) >= 0;
}

/** First address of entry `index` in the table that covers `va`; 32-bit addresses keep the form of `va`. */
function addressOf(scheme: PagingScheme, level: Level, index: number, va: Va): Va {
  const covered = BigInt(level.count) << BigInt(level.shift);
  const address = va - (va % covered) + (BigInt(index) << BigInt(level.shift));
  return scheme.addressBits === 32 ? address : wrap64(BigInt.asIntN(scheme.addressBits, address));
}
