import { pageSize } from '@poolscope/engine/base';
import { alignUp } from '../../bytes/integers.ts';
import { bitmapWords } from './block-bitmap.ts';

/** Where the blocks of a subsegment are; bytes from its start. */
export interface LfhGeometry {
  readonly pages: number;
  readonly blockSize: number;
  readonly blockCount: number;
  readonly first: number;
  /** Offset of the u16 states of the commit units, which follow the bitmap. */
  readonly commitState: number;
}

/** Where the first block begins. Source: a user-mode dump, where 50 blocks and one commit unit begin at 0x50. */
function header(bitmap: number, blocks: number, pages: number): { commitState: number; first: number } {
  const commitState = bitmap + 8 * bitmapWords(blocks);
  return { commitState, first: alignUp(commitState + 2 * pages, 16) };
}

/**
 * At least so many blocks of a size, and as many more as their last page has room for.
 * @param bitmap offset of BlockBitmap in the header
 */
export function lfhGeometry(bitmap: number, blockSize: number, wanted: number): LfhGeometry {
  let pages = Math.ceil((wanted * blockSize) / pageSize);
  for (;;) {
    const bytes = pages * pageSize;
    let blockCount = Math.floor((bytes - bitmap) / blockSize);
    while (header(bitmap, blockCount, pages).first + blockCount * blockSize > bytes) blockCount--;
    if (blockCount >= wanted) return { pages, blockSize, blockCount, ...header(bitmap, blockCount, pages) };
    pages++;
  }
}

/** Does a block reach over the end of a page? Such are never given out. */
export const crossesPage = ({ first, blockSize }: LfhGeometry, index: number): boolean => {
  const start = first + index * blockSize;
  return Math.floor(start / pageSize) !== Math.floor((start + blockSize - 1) / pageSize);
};

/**
 * Blocks that a new subsegment should have: more, the more subsegments there are.
 * Source: public notes on ntdll; whether the kernel counts in the same way is not known.
 */
export function wantedBlocks(blockSize: number, subsegments: number): number {
  const shift = 3 + (blockSize < 0x100 ? 1 : 0) + (subsegments === 0 ? 1 : 0);
  return Math.min(0x400, Math.max(4, subsegments, 1 << shift));
}
