import { type PagingLevel, type Va, wrap64 } from '../base/index.ts';
import type { PhysicalMemory } from '../dump/index.ts';
import { classify, frameOf } from './hardware-entry.ts';
import { type Level, type PagingScheme, rootOf, schemeOf } from './paging-scheme.ts';
import type { PagingSetup } from './paging-setup.ts';

/**
 * Index of the root entry through which Windows sees the page tables themselves: the entry that maps the root.
 * PAE has no such entry; there it is the one whose directory maps all four directories. Undefined when there is none
 * or the root is not in the dump.
 */
export function selfMapSlot(physical: PhysicalMemory, setup: PagingSetup): number | undefined {
  const scheme = schemeOf(setup);
  const [top] = scheme.levels;
  const root = rootOf(setup);
  // Windows puts it into the kernel half; a root that maps itself below is somebody else's.
  for (let slot = top!.count / 2; slot < top!.count; slot++) {
    const table = tableAt(physical, scheme, top!, root, slot);
    if (table === undefined) continue;
    if (table === root || (top!.count === 4 && mapsDirectories(physical, scheme, root, table))) return slot;
  }
  return undefined;
}

/** Do the first entries of `directory` map the four directories of a PAE root? */
function mapsDirectories(
  physical: PhysicalMemory,
  scheme: PagingScheme,
  root: number,
  directory: number,
): boolean {
  const [top, next] = scheme.levels;
  return [0, 1, 2, 3].every((index) => {
    const table = tableAt(physical, scheme, top!, root, index);
    return table !== undefined && table === tableAt(physical, scheme, next!, directory, index);
  });
}

/** The table that entry `index` of the table at `base` points to. */
function tableAt(
  physical: PhysicalMemory,
  scheme: PagingScheme,
  level: Level,
  base: number,
  index: number,
): number | undefined {
  const offset = physical.offsetOf(base + index * scheme.entrySize);
  if (offset < 0) return undefined;
  const low = physical.file.readU32(offset);
  const high = scheme.entrySize === 4 ? 0 : physical.file.readU32(offset + 4);
  const isTable = low >= 0 && high >= 0 && classify(scheme, level, low) === 'table';
  return isTable ? frameOf(scheme, level, low, high) : undefined;
}

/** Address of the PTE of address 0, given the self-map slot. 32-bit addresses are sign-extended. */
export function pteBaseOf(setup: PagingSetup, slot: number): Va {
  const { levels, addressBits } = schemeOf(setup);
  return wrap64(BigInt.asIntN(addressBits, BigInt(slot) << BigInt(levels[0]!.shift)));
}

/** Address of the entry that maps `va` at `level`; undefined for a level that the tables lack or the self-map hides. */
export function entryAddress(setup: PagingSetup, pteBase: Va, va: Va, level: PagingLevel): Va | undefined {
  const { levels, addressBits, entrySize } = schemeOf(setup);
  const steps = levels.length - levels.findIndex(({ name }) => name === level);
  if (steps > levels.length || (level === 'PPE' && addressBits === 32)) return undefined;
  let entry = va;
  for (let step = 0; step < steps; step++) {
    entry = pteBase + (BigInt.asUintN(addressBits, entry) >> 12n) * BigInt(entrySize);
  }
  return wrap64(entry);
}

/** First address that the PTE at `entry` maps: what `entryAddress` undoes. Undefined outside the self-map. */
export function addressMappedBy(setup: PagingSetup, pteBase: Va, entry: Va): Va | undefined {
  const { addressBits, entrySize } = schemeOf(setup);
  const offset = wrap64(entry - pteBase);
  if (offset >= (1n << BigInt(addressBits - 12)) * BigInt(entrySize)) return undefined;
  return wrap64(BigInt.asIntN(addressBits, (offset / BigInt(entrySize)) << 12n));
}
