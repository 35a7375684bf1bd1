import type { Pfn, Va } from '@poolscope/engine/base';

/**
 * Entries that are not valid for the processor and mean something to Windows, x64 since build 17763.
 * Source: MMPTE_SOFTWARE, MMPTE_TRANSITION and MMPTE_PROTOTYPE of PDB types (17763 to 19041).
 */

/** MM_READWRITE. */
export const readWrite = 4;

const prototypeBit = 1n << 10n;
const transitionBit = 1n << 11n;
/** Set: the address bits are stored as they are, not XORed with the machine's mask. */
const swizzleBit = 1n << 4n;

const protectionBits = (protection: number): bigint => BigInt(protection & 0x1f) << 5n;

/** The page left the working set but is still in memory. */
export const transitionPte = (pfn: Pfn, protection = readWrite): bigint =>
  (BigInt(pfn) << 12n) | transitionBit | swizzleBit | protectionBits(protection);

/** The page is in a page file, at `offset` pages. */
export const pageFilePte = (pageFile: number, offset: number, protection = readWrite): bigint =>
  (BigInt(offset) << 32n) | (BigInt(pageFile & 0xf) << 12n) | swizzleBit | protectionBits(protection);

/** The page was never touched. */
export const demandZeroPte = (protection = readWrite): bigint => protectionBits(protection);

/** The page's state is in the prototype PTE at this address. */
export const prototypePte = (prototype: Va, protection = 0): bigint =>
  ((prototype & 0xffff_ffff_ffffn) << 16n) | prototypeBit | swizzleBit | protectionBits(protection);

/** MMPTE_SOFTWARE of x86 without PAE: the page file's number at bit 1, the offset in bits 12..31. */
export const pageFilePte32 = (pageFile: number, offset: number, protection = readWrite): bigint =>
  (BigInt(offset & 0xf_ffff) << 12n) | (BigInt(pageFile & 0xf) << 1n) | protectionBits(protection);

/** MMPTE_TRANSITION of x86 without PAE. */
export const transitionPte32 = (pfn: Pfn, protection = readWrite): bigint =>
  (BigInt(pfn) << 12n) | transitionBit | protectionBits(protection);
