import { signExtend32, type Va } from '../base/index.ts';
import type { Structure } from './structure.ts';

/**
 * The first entry of an _SLIST_HEADER, 0 when it is empty; undefined when it cannot be read or this build's form of it
 * is not known. The header packs the address with a depth and a sequence. Source: PDB types of Windows 7 to 11
 * (HeaderX64.NextEntry: the address without its low 4 bits) and of the 32-bit ones (a plain pointer).
 */
export function slistFirst(header: Structure): Va | undefined {
  const packed = header.bigint('HeaderX64.NextEntry');
  if (packed !== undefined) return packed << 4n;
  const next = header.type.pointerSize === 8 ? undefined : header.address('Next');
  const pointer = next === undefined ? undefined : header.memory.tryReadU32(next);
  return typeof pointer === 'number' ? signExtend32(pointer) : undefined;
}

/** Entries that an _SLIST_HEADER counts; undefined as above. */
export const slistDepth = (header: Structure): number | undefined =>
  header.number('HeaderX64.Depth') ?? (header.type.pointerSize === 4 ? header.number('Depth') : undefined);
