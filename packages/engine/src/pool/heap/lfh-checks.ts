import { readU32, readU64, type Va, wrap64 } from '../../base/index.ts';
import type { HeapProblem } from './heap-block.ts';
import type { LfhBitmap } from './lfh-bitmap.ts';
import type { LfhContext } from './lfh-context.ts';
import type { LfhHeader } from './lfh-header.ts';
import { crossesPage, type LfhOffsets } from './lfh-offsets.ts';

interface Checked {
  readonly header: LfhHeader;
  readonly offsets: LfhOffsets;
  readonly bitmap: LfhBitmap;
}

/**
 * What the header of an LFH subsegment has wrong in itself. Processors take a block off the count before they set its bit and
 * give it back in the other order, so that there may be fewer counted than are free, never more.
 */
export function checkLfhSubsegment(subsegment: Checked, context: LfhContext | undefined): HeapProblem[] {
  return [...checkCounts(subsegment), ...checkTail(subsegment), ...checkOwner(subsegment, context)];
}

/** Bytes from the header on; the same in all builds. */
const ownerAt = { 4: 0x08, 8: 0x10 } as const;
const freeCountAt = { 4: 0x10, 8: 0x20 } as const;

function checkCounts(subsegment: Checked): HeapProblem[] {
  const { header } = subsegment;
  const at = wrap64(header.address + BigInt(freeCountAt[header.wordBytes]));
  const most = countFree(subsegment) ?? header.blockCount;
  if (header.freeCount <= most) return [];
  return [{ rule: 'lfh-count', at, found: BigInt(header.freeCount), expected: BigInt(most) }];
}

/** Free blocks by the bitmap; undefined where a part of it is missing. */
export function countFree({ bitmap, header, offsets }: Checked): number | undefined {
  let count = 0;
  for (let slot = 0; slot < header.blockCount; slot++) {
    const isBusy = bitmap.isBusy(slot);
    if (isBusy === undefined) return undefined;
    if (!isBusy && !crossesPage(offsets, slot)) count++;
  }
  return count;
}

/** Bits behind the last block are set from the beginning, and nothing changes them. */
function checkTail({ bitmap, header }: Checked): HeapProblem[] {
  if (bitmap.isTailSet !== false) return [];
  const offset = bitmap.bytes.length - header.wordBytes;
  const at = wrap64(header.address + BigInt(header.bitmapOffset + offset));
  const found =
    header.wordBytes === 8 ? readU64(bitmap.bytes, offset) : BigInt(readU32(bitmap.bytes, offset));
  const used = BigInt((header.blockCount * 2) % (header.wordBytes * 8));
  const all = (1n << BigInt(header.wordBytes * 8)) - 1n;
  return [{ rule: 'lfh-bitmap', at, found, expected: found | (all & ~((1n << used) - 1n)) }];
}

/** The owner is a bucket of this heap for blocks of this size, or one of its affinity slots. */
function checkOwner({ header, offsets }: Checked, context: LfhContext | undefined): HeapProblem[] {
  const { owner } = header;
  if (owner === undefined || context === undefined) return [];
  const at: Va = wrap64(header.address + BigInt(ownerAt[header.wordBytes]));
  const known = context.owners.get(owner);
  if (known === undefined) return context.missing.length > 0 ? [] : [{ rule: 'lfh-owner', at, found: owner }];
  const fits = known.blockSize === undefined || known.blockSize === offsets.blockSize;
  return fits ? [] : [{ rule: 'lfh-owner', at, found: owner }];
}
