/**
 * Addresses. A virtual address is a bigint (all 64 bits matter, kernel addresses are sign-extended);
 * physical addresses, page frame numbers and file offsets stay below 2^53 and are branded numbers,
 * so that none of the four can be passed for another.
 */
declare const brand: unique symbol;
/** A number of one kind, which does not mix with the others. */
type Brand<T, Name extends string> = T & { readonly [brand]?: Name };

/** Virtual address: unsigned 64 bits, canonical form kept as found. */
export type Va = bigint;
/** Physical address in bytes. */
export type Pa = Brand<number, 'Pa'>;
/** Page frame number: physical address divided by the page size. */
export type Pfn = Brand<number, 'Pfn'>;
/** Offset in the dump file in bytes. */
export type FileOffset = Brand<number, 'FileOffset'>;

/** Bytes in a page, on every machine that is read here. */
export const pageSize = 0x1000;

const mask64 = 0xffff_ffff_ffff_ffffn;

/** Wraps arithmetic on addresses to 64 bits. */
export const wrap64 = (value: bigint): bigint => value & mask64;

/** A 32-bit address as 64 bits, sign-extended as the debugger and KDDEBUGGER_DATA64 do it. */
export const signExtend32 = (value: number): Va => wrap64(BigInt(value | 0));

/** First address of the page that holds `va`. */
export const pageOf = (va: Va): Va => va & ~0xfffn & mask64;

/** Are bits 63..`bits`-1 all equal? 48 for four-level paging, 57 for LA57. */
export function isCanonical(va: Va, bits: 48 | 57 = 48): boolean {
  const top = va >> BigInt(bits - 1);
  return top === 0n || top === mask64 >> BigInt(bits - 1);
}
