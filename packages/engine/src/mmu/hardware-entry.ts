import type { Pa } from '../base/index.ts';
import type { Level, PagingScheme } from './paging-scheme.ts';

/**
 * What the processor makes of an entry: it points to a table, maps a page, breaks a rule of the architecture,
 * or is not valid, so that its other bits are Windows' own.
 */
export type EntryKind = 'table' | 'page' | 'reserved' | 'software';

/** Kind of an entry by its lower half. */
export function classify(scheme: PagingScheme, level: Level, low: number): EntryKind {
  if ((low & 1) === 0) return 'software';
  if (level.shift === 12) return scheme.isArm && (low & 2) === 0 ? 'reserved' : 'page';
  const isLarge = scheme.isArm ? (low & 2) === 0 : (low & 0x80) !== 0;
  if (!isLarge) return 'table';
  return level.mapsLargePages ? 'page' : 'reserved';
}

/** Physical address of the table or page that a valid entry points to. */
export function frameOf(scheme: PagingScheme, level: Level, low: number, high: number): Pa {
  const frame = (high & scheme.frameHigh) * 2 ** 32 + ((low & 0xffff_f000) >>> 0);
  const maps4K = level.shift === 12 || classify(scheme, level, low) === 'table';
  if (maps4K) return frame;
  // PSE-36: a 4 MB page keeps physical address bits 32..39 in bits 13..20.
  if (scheme.entrySize === 4) return ((low >>> 13) & 0xff) * 2 ** 32 + ((low & 0xffc0_0000) >>> 0);
  return frame - (frame % 2 ** level.shift);
}

/** What code may do with a page. */
export interface Rights {
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
}

export const noRights: Rights = { writable: false, user: false, executable: false };
export const allRights: Rights = { writable: true, user: true, executable: true };

export const intersect = (a: Rights, b: Rights): Rights => ({
  writable: a.writable && b.writable,
  user: a.user && b.user,
  executable: a.executable && b.executable,
});

const bit = (half: number, index: number): boolean => ((half >>> index) & 1) !== 0;

/** Rights that a valid entry leaves; on arm64 they differ between the halves of the address space. */
export function rightsOf(
  scheme: PagingScheme,
  level: Level,
  low: number,
  high: number,
  isKernel: boolean,
): Rights {
  if (!level.hasRights) return allRights;
  if (!scheme.isArm) return { writable: bit(low, 1), user: bit(low, 2), executable: !bit(high, 31) };
  if (classify(scheme, level, low) === 'table') {
    // APTable 62:61, UXNTable 60, PXNTable 59.
    return { writable: !bit(high, 30), user: !bit(high, 29), executable: !bit(high, isKernel ? 27 : 28) };
  }
  // AP 7:6, UXN 54, PXN 53.
  return { writable: !bit(low, 7), user: bit(low, 6), executable: !bit(high, isKernel ? 21 : 22) };
}
