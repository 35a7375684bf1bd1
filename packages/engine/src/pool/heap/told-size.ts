import type { HeapBlock } from './heap-block.ts';

/** VS gives so many bytes more where a rest would be too small for a chunk. */
const mostSlack = 0x20;

/**
 * Bytes of a block with its header, as a list of blocks has them: what the header says, where the heap gives no more than a rest
 * beyond that; else what the heap gives.
 */
export function toldSize({ header, size, state }: Pick<HeapBlock, 'header' | 'size' | 'state'>): number {
  if (header === undefined || state === 'free') return size;
  return header.size > 0 && header.size <= size && size - header.size <= mostSlack ? header.size : size;
}
