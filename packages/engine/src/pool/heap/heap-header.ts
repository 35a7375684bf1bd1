import type { PoolHeader } from '../header.ts';

/** Bits of POOL_HEADER.PoolType. Source: public research on the segment heap; real pages of 19041. */
export const heapTypeBits = {
  paged: 0x01,
  /** Set in every header that the pool writes. */
  inUse: 0x02,
  /** In the second header of a block whose data is aligned to a cache line. */
  aligned: 0x04,
  quota: 0x08,
  session: 0x20,
  verifier: 0x40,
} as const;

const knownBits = Object.values(heapTypeBits).reduce((all, bit) => all | bit, 0);

/** What a type says of a block of the segment heap; freeing changes nothing of it. */
export interface HeapType {
  readonly paged: boolean;
  /** Is it of the header right before data that is aligned? */
  readonly aligned: boolean;
  readonly quota: boolean;
  readonly session: boolean;
  /** Does the kernel write such a type? */
  readonly isValid: boolean;
}

export function decodeHeapType(type: number): HeapType {
  const has = (bit: number): boolean => (type & bit) !== 0;
  return {
    paged: has(heapTypeBits.paged),
    aligned: has(heapTypeBits.aligned),
    quota: has(heapTypeBits.quota),
    session: has(heapTypeBits.session),
    isValid: has(heapTypeBits.inUse) && (type & ~knownBits) === 0,
  };
}

/** What the header at the start of a block must be. */
export interface HeaderLimits {
  /** Bytes; undefined: not known, any goes. */
  readonly size: number | undefined;
  /** Undefined: not known. */
  readonly paged: boolean | undefined;
}

export type HeaderRule = 'header-size' | 'header-previous-size' | 'header-type';

/**
 * The rules that the first header of a block in use breaks. What the allocator does not write tells nothing: PoolIndex, and
 * ProcessBilled of blocks that no process pays for.
 */
export function brokenHeaderRules(
  { size, previousSize, type }: Pick<PoolHeader, 'size' | 'previousSize' | 'type'>,
  limits: HeaderLimits,
): HeaderRule[] {
  const { isValid, aligned, paged } = decodeHeapType(type);
  const rules: HeaderRule[] = [];
  if (previousSize !== 0) rules.push('header-previous-size');
  if (limits.size !== undefined && size !== limits.size) rules.push('header-size');
  const isOther = limits.paged !== undefined && paged !== limits.paged;
  if (!isValid || aligned || isOther) rules.push('header-type');
  return rules;
}
