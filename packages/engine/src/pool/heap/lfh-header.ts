import { Fault, type Va } from '../../base/index.ts';
import type { Structure } from '../../types/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';

/** The header of an LFH subsegment as it stands in memory. */
export interface LfhHeader {
  readonly address: Va;
  /** Undefined: this build has none, or the subsegment is marked for frees by others. */
  readonly owner: Va | undefined;
  readonly freeCount: number;
  readonly blockCount: number;
  readonly freeHint: number | undefined;
  readonly location: LfhLocation | undefined;
  readonly withheldCount: number;
  /** BlockOffsets, encoded. */
  readonly storedOffsets: number;
  /** Memory is committed in units of 2 ** commitShift bytes. */
  readonly commitShift: number;
  readonly commitUnits: number;
  /** Of the array with a count for each unit; bytes from the header on. */
  readonly commitOffset: number;
  /** Of the bitmap; bytes from the header on. */
  readonly bitmapOffset: number;
  /** Bytes of a word of the bitmap. */
  readonly wordBytes: 4 | 8;
}

/** On the list of subsegments with free blocks, of full ones, or on none. Source: public research; a real full one. */
export type LfhLocation = 'available' | 'full' | 'no-list';

const locations = ['available', 'full', 'no-list'] as const;

/**
 * Reads the header of an LFH subsegment; else says, as half a sentence, why that cannot be done. `Location`, `Owner` and the
 * width of others differ by build: members tell.
 */
export function readLfhHeader({ structures, target }: ObjectKernel, address: Va): LfhHeader | Fault | string {
  const type = structures.find('_HEAP_LFH_SUBSEGMENT');
  const bitmap = type?.member('BlockBitmap');
  if (type === undefined || bitmap === undefined)
    return `the layout of _HEAP_LFH_SUBSEGMENT is not known${type === undefined ? '' : ` (${type.source})`}`;
  const head = target.memory.tryRead(address, bitmap.offset);
  if (head instanceof Fault) return head;
  const view = structures.at('_HEAP_LFH_SUBSEGMENT', address);
  const number = (path: string): number => view.number(path) ?? 0;
  return {
    address,
    owner: ownerOf(view),
    freeCount: number('FreeCount'),
    blockCount: number('BlockCount'),
    freeHint: view.number('FreeHint'),
    location: locations[view.number('Location') ?? -1],
    withheldCount: number('WitheldBlockCount'),
    storedOffsets: number(view.has('BlockOffsets.EncodedData') ? 'BlockOffsets.EncodedData' : 'BlockOffsets'),
    commitShift: number('CommitUnitShift'),
    commitUnits: number('CommitUnitCount'),
    commitOffset: number('CommitStateOffset'),
    bitmapOffset: bitmap.offset,
    wordBytes: target.pointerSize,
  };
}

/** Bit 0 marks a count of delayed frees that stands in place of the owner. */
function ownerOf(view: Structure): Va | undefined {
  const owner = view.pointer('Owner');
  return owner === undefined || owner === 0n || (owner & 1n) !== 0n ? undefined : owner;
}

/** Bytes of the bitmap: two bits a block, in whole words. */
export const bitmapBytes = ({ blockCount, wordBytes }: Pick<LfhHeader, 'blockCount' | 'wordBytes'>): number =>
  Math.ceil((blockCount * 2) / (wordBytes * 8)) * wordBytes;

/** Bytes of the array that tells how much of each unit is committed. */
const commitBytes = 2;

/** Where the header ends, bitmap and commit states included; bytes from its beginning. */
export function lfhHeaderEnd(header: LfhHeader): number {
  const bitmapEnd = header.bitmapOffset + bitmapBytes(header);
  // What it counts where the field is a byte is not known; the states are behind the bitmap in any case.
  const commitStart = Math.max(header.commitOffset, bitmapEnd);
  return commitStart + header.commitUnits * commitBytes;
}
