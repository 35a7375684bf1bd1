/** Buckets by size: up to the first limit one for each unit, then in ever larger steps. Bytes, on x64. */
const steps = [
  { upTo: 0x400, step: 0x10 },
  { upTo: 0x800, step: 0x40 },
  { upTo: 0x1000, step: 0x80 },
  { upTo: 0x2000, step: 0x100 },
  { upTo: 0x4000, step: 0x200 },
] as const;

/** Contexts of builds up to 22631 have a bucket 0, for blocks of no bytes; later ones do not. */
const withEmptyBucket = 129;

/**
 * Block sizes of a context's buckets by their indexes: 0x10, 0x20 and so on up to 0x400, then 16 each of 0x40, 0x80, 0x100 and
 * 0x200 bytes more. Source: public research on the LFH of the segment heap; a dump of 26100, whose live buckets are 1 to 30.
 */
export function lfhBucketSizes(count: number): number[] {
  const sizes: number[] = count >= withEmptyBucket ? [0] : [];
  let size = 0;
  for (const { upTo, step } of steps)
    while (size < upTo && sizes.length < count) {
      size += step;
      sizes.push(size);
    }
  return sizes;
}

/** What _HEAP_LFH_ONDEMAND_POINTER says of a bucket that is not there yet. */
export interface BucketUse {
  /** Blocks of its size in use now, that VS serves. */
  readonly active: number;
  /** Blocks ever allocated. */
  readonly total: number;
}

const activeBits = 5;

/** Bits 5 to 15 count all allocations of a size, bits 0 to 4 those in use. Source: public research; nine samples agree. */
export const decodeBucketUse = (usageData: number): BucketUse => ({
  active: usageData & (2 ** activeBits - 1),
  total: usageData >>> activeBits,
});
