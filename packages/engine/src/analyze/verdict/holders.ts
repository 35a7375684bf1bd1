import type { Va } from '../../base/index.ts';
import { valuePattern } from '../../memory/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { remembered } from './remember.ts';
import { allPool, imageRanges, searchRanges } from './search-everywhere.ts';

/** An address that so many places hold says nothing of who uses it. */
const mostHolders = 32;

/** Places of loaded images and of pool that hold an address, images first. */
export const holdersOf: (system: CrashedSystem, address: Va) => readonly Va[] = remembered(
  (system: CrashedSystem, address: Va) => {
    const { pointerSize } = system.target;
    const pattern = valuePattern([BigInt.asUintN(pointerSize * 8, address)], pointerSize);
    return searchRanges(system, [...imageRanges(system), ...allPool(system)], pattern, mostHolders);
  },
);
