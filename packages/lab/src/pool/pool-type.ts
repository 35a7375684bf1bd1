import { assert } from '@poolscope/engine/base';
import { fourCc } from '../bytes/integers.ts';

/** POOL_TYPE, as far as callers give it. Source: wdm.h. */
export const PoolType = {
  NonPagedPool: 0,
  PagedPool: 1,
  NonPagedPoolMustSucceed: 2,
  NonPagedPoolCacheAligned: 4,
  PagedPoolCacheAligned: 5,
  NonPagedPoolSession: 32,
  PagedPoolSession: 33,
  NonPagedPoolNx: 512,
  NonPagedPoolNxCacheAligned: 516,
} as const;

export const pagedBit = 0x01;
export const mustSucceedBit = 0x02;
/** A process pays. Callers of ExAllocatePoolWithQuotaTag mean something else by it. */
export const quotaBit = 0x08;
export const sessionBit = 0x20;
export const nxBit = 0x200;

/** Bits of POOL_HEADER.PoolType from Vista on; 0 is a free block. */
export const headerType = {
  paged: 0x01,
  inUse: 0x02,
  /** Freed, but on no free list: parked on a lookaside or waiting for its free. */
  freed: 0x04,
  quota: 0x08,
  session: 0x20,
} as const;

/** Top bit of a tag: only ExFreePoolWithTag with this tag may free the block. */
export const protectedPool = 0x8000_0000;

/** The tag without that bit. */
export const plainTag = (tag: number): number => (tag & 0x7fff_ffff) >>> 0;

/** Four characters or the number that they are in memory. */
export type PoolTag = string | number;

export function tagNumber(tag: PoolTag): number {
  if (typeof tag === 'number') return tag >>> 0;
  assert(tag.length === 4, `a pool tag has four characters, not '${tag}'`);
  return fourCc(tag);
}

export const wellKnownTags = {
  /** Space that was never given out. */
  free: fourCc('Free'),
  /** What keeps the rest of the last page of a large allocation. */
  fragment: fourCc('Frag'),
  big: fourCc('BIG '),
  /** Tables of the pool itself. */
  pool: fourCc('Pool'),
  /** Named by the lookasides of the pool; their blocks have tags of their own. Seen in real dumps of 9600. */
  lookaside: fourCc('PooL'),
  /** Collects the tags for which the tracker has no room. */
  overflow: fourCc('Ovfl'),
} as const;
