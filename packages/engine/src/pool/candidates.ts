import { pageOf, type Va } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { decodeType } from './block-type.ts';
import { poolFormat } from './format.ts';
import { decodeHeader, isPrintableTag, protectedTag, tagText } from './header.ts';
import { hasBytes, readPage } from './page-bytes.ts';

/** Something that looks like the header of a pool block, in a pool that is not walked: no more than that. */
export interface HeaderCandidate {
  readonly address: Va;
  /** Bytes, header included, if it is a header. */
  readonly size: number;
  readonly type: number;
  readonly tag: string;
}

/**
 * Places in the page of `va` that look like headers of blocks in use: a type of such blocks, no size of a block before, a
 * size that fits, a tag of four printable characters. Undefined: nothing of the page is in the dump. On the segment heap
 * headers name no block before them and free memory has none, so they cannot confirm each other.
 */
export function headerCandidates(kernel: ObjectKernel, va: Va): HeaderCandidate[] | undefined {
  const format = poolFormat(kernel);
  const page = readPage(kernel.target.memory, pageOf(va));
  if (!page.mask.includes(1)) return undefined;
  const found: HeaderCandidate[] = [];
  for (let at = 0; at < page.bytes.length; at += format.unit) {
    if (!hasBytes(page, at, 8)) continue;
    const { previousSize, index, size, type, tag } = decodeHeader(page.bytes, at, format);
    const { isValid, state } = decodeType(type & ~cacheAligned, 'in-use-bit');
    if (!isValid || state !== 'allocated' || index !== 0 || tag >= protectedTag || !isPrintableTag(tag))
      continue;
    // An aligned block names the distance to where its memory begins.
    if (size === 0 || at + size > page.bytes.length || (previousSize !== 0 && (type & cacheAligned) === 0))
      continue;
    found.push({ address: page.address + BigInt(at), size, type, tag: tagText(tag) });
  }
  return found;
}

/** Bit 2 of the type there. Source: public research on the segment heap. */
const cacheAligned = 0x04;
