import { pageSize } from '@poolscope/engine/base';

/** Largest request that is a VS chunk. */
export const mostChunk = 0x2_0000;

/** Does a request without a header get a chunk? Others get pages of a segment, or of their own. */
export const isChunk = (bytes: number): boolean => bytes <= mostChunk && bytes % pageSize !== 0;

/** What the tracker of tags counts for a request without a header: whole pages, chunks by 16 bytes. */
export const countedBytes = (bytes: number): number => {
  const step = isChunk(bytes) ? 0x10 : pageSize;
  return Math.ceil(bytes / step) * step;
};
