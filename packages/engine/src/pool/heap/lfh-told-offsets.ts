import { Fault, pageSize, wrap64 } from '../../base/index.ts';
import type { ObjectKernel } from '../../windows/index.ts';
import { poolFormat } from '../format.ts';
import { decodeHeader } from '../header.ts';
import { hasBytes, type PageBytes, readPage } from '../page-bytes.ts';
import { decodeHeapType } from './heap-header.ts';
import { LfhBitmap } from './lfh-bitmap.ts';
import { bitmapBytes, type LfhHeader } from './lfh-header.ts';
import { areOffsets, crossesPage, type LfhOffsets, type OffsetLimits } from './lfh-offsets.ts';

/** Blocks in use whose headers may be damaged, of so many. */
const oneDamagedOf = 4;

/**
 * Where the blocks of a subsegment are by their size alone: the first one is behind the header where the blocks in use on the first
 * page have headers of that size then, and else where they do. Undefined: nowhere they do, or fewer than `fewest` are in use.
 */
export function agreeingOffsets(
  kernel: ObjectKernel,
  header: LfhHeader,
  blockSize: number,
  limits: OffsetLimits,
  fewest = 0,
): LfhOffsets | undefined {
  const { memory } = kernel.target;
  const bits = memory.tryRead(wrap64(header.address + BigInt(header.bitmapOffset)), bitmapBytes(header));
  const bitmap = new LfhBitmap(bits instanceof Fault ? bits.got : bits, header);
  const page = readPage(memory, header.address);
  const last = limits.expectedFirst + blockSize;
  for (let firstBlock = limits.expectedFirst; firstBlock < last; firstBlock += limits.unit) {
    const offsets: LfhOffsets = { blockSize, firstBlock, shift: 'either' };
    if (areOffsets(offsets, limits) && agree(kernel, page, offsets, bitmap, fewest)) return offsets;
  }
  return undefined;
}

/** Have the blocks in use on the page headers of their size, but for some? Where none is in use nothing contradicts. */
function agree(
  kernel: ObjectKernel,
  page: PageBytes,
  offsets: LfhOffsets,
  bitmap: LfhBitmap,
  fewest: number,
): boolean {
  const format = poolFormat(kernel);
  let [used, right] = [0, 0];
  for (let slot = 0; slot < bitmap.count; slot++) {
    const at = offsets.firstBlock + slot * offsets.blockSize;
    if (at + format.unit > pageSize) break;
    if (crossesPage(offsets, slot) || bitmap.isBusy(slot) !== true) continue;
    if (!hasBytes(page, at, format.unit)) continue;
    const { size, type, previousSize } = decodeHeader(page.bytes, at, format);
    used++;
    if (size === offsets.blockSize && previousSize === 0 && decodeHeapType(type).isValid) right++;
  }
  return used >= fewest && used - right <= used / oneDamagedOf;
}
