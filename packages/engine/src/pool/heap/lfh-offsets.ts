import { pageSize, type Va } from '../../base/index.ts';

/**
 * How the address takes part in the encoding of block offsets: shifted right as 64 bits, or only its low 32 bits are. Public
 * readers of the two kinds exist, and on the machine at hand only one gives numbers that can be; `either`: both are the same.
 */
export type OffsetShift = 'whole' | 'truncated' | 'either';

/** Where the blocks of an LFH subsegment are. Bytes. */
export interface LfhOffsets {
  readonly blockSize: number;
  /** From the subsegment on. */
  readonly firstBlock: number;
  readonly shift: OffsetShift;
}

/** What limits them. */
export interface OffsetLimits {
  /** What sizes and places are a multiple of. */
  readonly unit: 8 | 16;
  readonly blockCount: number;
  /** Bytes of header and bitmap: no block begins before. */
  readonly headerBytes: number;
  /** Of the whole subsegment. */
  readonly rangeBytes: number;
  /** Largest block of this heap's LFH. */
  readonly largest: number;
  /** Where the header ends, rounded up to a unit: where the first block is by all that is known of real subsegments. */
  readonly expectedFirst: number;
}

/** Both ways of decoding _HEAP_LFH_SUBSEGMENT.BlockOffsets; the key's low 32 bits are what counts. */
export function decodeLfhOffsets(stored: number, lfhKey: bigint, subsegment: Va): LfhOffsets[] {
  const key = Number(lfhKey & 0xffff_ffffn);
  const whole = Number((subsegment >> 12n) & 0xffff_ffffn);
  const truncated = Number((subsegment & 0xffff_ffffn) >> 12n);
  const both = [whole, truncated].map((shifted) => (stored ^ key ^ shifted) >>> 0);
  const offsets = (word: number, shift: OffsetShift): LfhOffsets => ({
    blockSize: word & 0xffff,
    firstBlock: word >>> 16,
    shift,
  });
  return both[0] === both[1]
    ? [offsets(both[0]!, 'either')]
    : [offsets(both[0]!, 'whole'), offsets(both[1]!, 'truncated')];
}

/** Can a subsegment have them? Its blocks lie behind its header, side by side, and none reaches past its end. */
export const areOffsets = ({ blockSize, firstBlock }: LfhOffsets, limits: OffsetLimits): boolean =>
  blockSize >= limits.unit * 2 &&
  blockSize <= limits.largest &&
  blockSize % limits.unit === 0 &&
  firstBlock % limits.unit === 0 &&
  firstBlock >= limits.headerBytes &&
  firstBlock + limits.blockCount * blockSize <= limits.rangeBytes;

/** Of several that can be, the one whose first block is right behind the header; undefined where none can be. */
export function chooseLfhOffsets(found: readonly LfhOffsets[], limits: OffsetLimits): LfhOffsets | undefined {
  const possible = found.filter((each) => areOffsets(each, limits));
  return possible.find(({ firstBlock }) => firstBlock === limits.expectedFirst) ?? possible[0];
}

/** Would a block cross a page? The pool never hands out such a block. */
export function crossesPage(
  { blockSize, firstBlock }: Pick<LfhOffsets, 'blockSize' | 'firstBlock'>,
  slot: number,
): boolean {
  const inPage = (firstBlock + slot * blockSize) % pageSize;
  return inPage + blockSize > pageSize;
}
