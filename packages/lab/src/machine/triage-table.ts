import type { Va } from '@poolscope/engine/base';
import { concatBytes, u32Bytes } from '../bytes/integers.ts';
import type { AddressSpace } from '../memory/address-space.ts';
import { pointerBytes } from './kernel-structure.ts';
import { triageDataBlockSlots } from './kernel-variables.ts';
import type { LoadedImages } from './loaded-images.ts';

/** Memory that the kernel wants in every small dump. */
export interface TriageRange {
  readonly start: Va;
  /** Exclusive. */
  readonly end: Va;
}

/** Fills nt!IopTriageDumpDataBlocks with the page-table entries that translate the given addresses. */
export function writeTriageTable(
  space: AddressSpace,
  pointerSize: 4 | 8,
  loaded: LoadedImages,
  addresses: readonly Va[],
): TriageRange[] {
  const size = space.tables.format.entrySize;
  const entries = addresses.flatMap((va) =>
    space.pfnOf(va) === undefined ? [] : space.tables.entryAddresses(va),
  );
  const ranges = [...new Set(entries)]
    .slice(0, triageDataBlockSlots)
    .map((start) => ({ start, end: start + BigInt(size) }));
  const table = ranges.flatMap(({ start, end }) => [
    pointerBytes(start, pointerSize),
    pointerBytes(end, pointerSize),
  ]);
  space.write(loaded.address('nt!IopTriageDumpDataBlocks'), concatBytes(table));
  space.write(loaded.address('nt!IopNumTriageDumpDataBlocks'), u32Bytes(ranges.length));
  return ranges;
}
