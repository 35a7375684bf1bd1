import { Fault, readU64, signExtend32, type Va } from '../base/index.ts';
import type { Structure } from './structure.ts';

/** What the head of an interlocked list says. */
export interface SlistHead {
  /** Address of the first entry, 0 when the list is empty. */
  readonly first: Va;
  /** Entries that it counts. */
  readonly depth: number;
}

/** What the second half of the short form has of an address (bits 61 to 63), and its two flags: the rest is clear. */
const shortRegion = 0xe000_0000_0000_0002n;
/** Address bits that a head of the short form keeps; those above are the head's own. */
const shortBits = 43n;

/**
 * Decodes an _SLIST_HEADER; undefined when it cannot be read. Of x86 it is a plain pointer, a depth and a sequence. Of 64 bits
 * there are two forms: 16 bytes whose second half is the first entry's address (and 4 flags), or 8 bytes with the address in
 * 39 bits, for processors without an exchange of 16 bytes; its second half then has the top three bits of an address alone. Source:
 * PDB types of Windows 7 to 11 (HeaderX64, Header8, Header16), of Server 2003 and Vista (Alignment, Region), winnt.h.
 */
export function readSlist(header: Structure): SlistHead | undefined {
  if (header.type.pointerSize === 4) return readNarrow(header);
  const bytes = header.memory.tryRead(header.at, 16);
  if (bytes instanceof Fault) return undefined;
  const [low, high] = [readU64(bytes, 0), readU64(bytes, 8)];
  const depth = Number(low & 0xffffn);
  if (high === 0n || (high & ~shortRegion) !== 0n || !mayBeShort(header))
    return { first: high & ~0xfn, depth };
  const next = low >> 25n;
  const above = (header.at >> shortBits) << shortBits;
  return { first: next === 0n ? 0n : above | (next << 4n), depth };
}

/** Windows 8.1 and later have the long form alone. */
const mayBeShort = (header: Structure): boolean =>
  header.has('Header8.NextEntry') || !header.has('HeaderX64.NextEntry');

function readNarrow(header: Structure): SlistHead | undefined {
  const next = header.address('Next');
  const pointer = next === undefined ? undefined : header.memory.tryReadU32(next);
  const depth = header.number('Depth');
  return typeof pointer === 'number' && depth !== undefined
    ? { first: signExtend32(pointer), depth }
    : undefined;
}

/** The first entry of an _SLIST_HEADER, 0 when it is empty; undefined when it cannot be read. */
export const slistFirst = (header: Structure): Va | undefined => readSlist(header)?.first;

/** Entries that an _SLIST_HEADER counts; undefined as above. */
export const slistDepth = (header: Structure): number | undefined => readSlist(header)?.depth;
