import { pageOf, readU32, type Va } from '../base/index.ts';
import type { ObjectKernel } from '../windows/index.ts';
import { decodeType } from './block-type.ts';
import { type PoolFormat, poolFormat } from './format.ts';
import { decodeHeader, isPrintableTag, protectedTag, tagText } from './header.ts';
import { hasBytes, type PageBytes, readPage } from './page-bytes.ts';

/** Something that looks like the header of a pool block, in a pool that is not walked: no more than that. */
export interface HeaderCandidate {
  readonly address: Va;
  /** Bytes, header included, if it is a header. */
  readonly size: number;
  readonly type: number;
  readonly tag: string;
  /** How it agrees with others of its page; undefined: it stands alone. */
  readonly fits?: CandidateFit;
}

/**
 * - `side-by-side`: others of its size lie at multiples of it, as blocks of the LFH do
 * - `chained`: the next one begins behind its end and the header of a VS chunk, or it so begins behind another
 */
export interface CandidateFit {
  readonly kind: 'side-by-side' | 'chained';
  /** Candidates that agree, this one included. */
  readonly count: number;
}

/**
 * Places in the page of `va` that look like headers of blocks in use: a type of such blocks, no size of a block before, a
 * size that fits, a tag of four printable characters. PoolIndex is left as it was: another one than 0 is accepted from
 * candidates that agree with others. Undefined: nothing of the page is in the dump. On the segment heap headers name no block
 * before them and free blocks keep theirs, so that they confirm each other by their places alone.
 */
export function headerCandidates(kernel: ObjectKernel, va: Va): HeaderCandidate[] | undefined {
  const format = poolFormat(kernel);
  const page = readPage(kernel.target.memory, pageOf(va));
  return page.mask.includes(1) ? candidatesIn(page, format) : undefined;
}

/** Is there anything in the page of `va` that looks like a header, whatever it agrees with? */
export function hasHeaderLike(kernel: ObjectKernel, va: Va): boolean {
  const format = poolFormat(kernel);
  const page = readPage(kernel.target.memory, pageOf(va));
  for (let at = 0; at < page.bytes.length; at += format.unit)
    if (candidateAt(page, format, at) !== undefined) return true;
  return false;
}

/** The candidates of bytes. */
export function candidatesIn(page: PageBytes, format: PoolFormat): HeaderCandidate[] {
  const found = new Map<number, Found>();
  for (let at = 0; at < page.bytes.length; at += format.unit) {
    const candidate = candidateAt(page, format, at);
    if (candidate !== undefined) found.set(at, candidate);
  }
  const fits = fitsOf(found, format);
  return [...found].flatMap(([at, { size, type, tag, index }]) => {
    const fit = fits.get(at);
    if (index !== 0 && fit === undefined) return [];
    const address = page.address + BigInt(at);
    return [{ address, size, type, tag: tagText(tag), ...(fit && { fits: fit }) }];
  });
}

type Found = Pick<ReturnType<typeof decodeHeader>, 'size' | 'type' | 'tag' | 'index'>;

/** What looks like a header at an offset of a page; one whose PoolIndex is not 0 needs others that agree with it. */
export function candidateAt(page: PageBytes, format: PoolFormat, at: number): Found | undefined {
  // Most places have no tag: that is told at once.
  if (!isPrintableTag(readU32(page.bytes, at + 4)) || !hasBytes(page, at, 8)) return undefined;
  const { previousSize, index, size, type, tag } = decodeHeader(page.bytes, at, format);
  const { isValid, state } = decodeType(type & ~cacheAligned, 'in-use-bit');
  if (!isValid || state !== 'allocated' || tag >= protectedTag) return undefined;
  // An aligned block names the distance to where its memory begins.
  if (size === 0 || at + size > page.bytes.length || (previousSize !== 0 && (type & cacheAligned) === 0))
    return undefined;
  return { size, type, tag, index };
}

/** Bit 2 of the type there. Source: public research on the segment heap. */
const cacheAligned = 0x04;
/** Of blocks side by side: fewer may be accidents, or leftovers of an allocator that was there before. */
const fewestInRow = 3;

function fitsOf(found: ReadonlyMap<number, Found>, { unit }: PoolFormat): Map<number, CandidateFit> {
  const fits = new Map<number, CandidateFit>();
  for (const row of rowsOf(found))
    for (const at of row) fits.set(at, { kind: 'side-by-side', count: row.length });
  // A chunk header stands between two blocks of VS.
  const next = (at: number): number => at + found.get(at)!.size + unit;
  const followers = new Set([...found.keys()].map(next));
  for (const start of found.keys()) {
    if (followers.has(start)) continue;
    const chain: number[] = [];
    for (let at = start; found.has(at); at = next(at)) chain.push(at);
    const known = fits.get(start)?.count ?? 0;
    if (chain.length > 1 && chain.length > known)
      for (const at of chain) fits.set(at, { kind: 'chained', count: chain.length });
  }
  return fits;
}

/** Candidates of one size whose distances are multiples of it. */
function rowsOf(found: ReadonlyMap<number, Found>): number[][] {
  const rows = new Map<string, number[]>();
  for (const [at, { size }] of found) {
    const key = `${size} ${at % size}`;
    rows.set(key, [...(rows.get(key) ?? []), at]);
  }
  return [...rows.values()].filter((row) => row.length >= fewestInRow);
}
