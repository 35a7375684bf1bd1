import { readU64, type Va } from '../../base/index.ts';
import type { PoolFormat } from '../format.ts';
import { decodeHeader, type PoolHeader } from '../header.ts';
import { hasBytes, type PageBytes } from '../page-bytes.ts';
import { decodeHeapType } from './heap-header.ts';

/**
 * A block whose data is aligned to a cache line has a header at its start and, unless the data is aligned there already, a
 * second one right before its data.
 */
export interface AlignedHeader {
  readonly address: Va;
  readonly header: PoolHeader;
  /** What in it does not fit the first header; empty where it fits. */
  readonly wrong: readonly ('tag' | 'size' | 'previous-size')[];
  /** How it is known to be one, as half a sentence. */
  readonly from: string;
}

/** nt!ExpCacheLineSize of all processors at hand. */
const cacheLine = 0x40;

/**
 * The second header of the block that begins at `at` in a page. Without the value that its back pointer is encoded with it is
 * taken for one only where all of it fits, as the user's bytes may be there as well.
 */
export function findAlignedHeader(
  page: PageBytes,
  format: PoolFormat,
  at: number,
  cookie?: bigint,
): AlignedHeader | undefined {
  const start = page.address + BigInt(at);
  const { unit } = format;
  const data = alignUp(at + unit, cacheLine);
  const second = data - unit;
  if (second === at || !hasBytes(page, at, unit + 8) || !hasBytes(page, second, unit)) return undefined;
  const first = decodeHeader(page.bytes, at, format);
  const header = decodeHeader(page.bytes, second, format);
  const address = page.address + BigInt(second);
  const wrong = whatIsWrong(first, header, second - at);
  const isTold =
    cookie !== undefined &&
    unit === 16 &&
    second - at > unit &&
    (readU64(page.bytes, at + unit) ^ cookie) === address;
  if (isTold)
    return { address, header, wrong, from: `the pointer behind the header at ${start.toString(16)}` };
  if (wrong.length > 0 || !decodeHeapType(header.type).aligned || !decodeHeapType(header.type).isValid)
    return undefined;
  return { address, header, wrong, from: 'a header that names the distance to the first one' };
}

function whatIsWrong(first: PoolHeader, second: PoolHeader, distance: number): AlignedHeader['wrong'] {
  const wrong: ('tag' | 'size' | 'previous-size')[] = [];
  if (second.previousSize !== distance) wrong.push('previous-size');
  if (second.tag !== first.tag) wrong.push('tag');
  if (second.size + distance !== first.size) wrong.push('size');
  return wrong;
}

const alignUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/**
 * Where the pool goes on with the free of a header that says that its data is aligned: as far back as PreviousSize says, without
 * looking at what is there. Undefined: the header does not say so.
 */
export const firstHeaderOf = (address: Va, { type, previousSize }: PoolHeader): Va | undefined =>
  decodeHeapType(type).aligned ? address - BigInt(previousSize) : undefined;
