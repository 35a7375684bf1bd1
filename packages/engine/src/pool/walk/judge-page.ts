import { pageSize } from '../../base/index.ts';
import { decodeType } from '../block-type.ts';
import type { PoolFormat } from '../format.ts';
import { isPrintableTag } from '../header.ts';
import type { PoolBlock, PoolPage } from '../page.ts';

/**
 * What a page of a pool is.
 * - `whole`: small blocks, without damage
 * - `damaged`: small blocks, and damage
 * - `incomplete`: small blocks as far as they are in the dump
 * - `other`: no page of small blocks: free memory, part of a large allocation, or data of another kind
 */
export type PageClass = 'whole' | 'damaged' | 'incomplete' | 'other';

/** What is known of a page besides its bytes: the more there is, the less its bytes have to show. */
export interface PageContext {
  /** Does the dump tell that pool is there? */
  readonly told: boolean;
  /** Is it known that no large allocation holds it? */
  readonly noBig: boolean;
}

/** How many facts have to agree before a page that is not whole is called damaged pool. */
const enoughFacts = 3;
/** Types from here on are letters when they are read as text, and rare as types. */
const firstLetterType = { 8: 0x20, 16: 0x40 } as const;

/**
 * Judges a page. Pages of large allocations and pages that the memory manager holds free keep what was on them, which looks
 * like pool with damage. What is called damaged has a block in use, as pages that were given back have none, or, where no large
 * allocation can be there, a first header that is whole and a block that is put aside; and enough facts that agree, one of them
 * about an edge of the page: bytes that repeat agree with themselves anywhere.
 */
export function judgePage(page: PoolPage, format: PoolFormat, context: PageContext): PageClass {
  if (page.verdict === 'whole') return 'whole';
  if (page.verdict === 'missing' || page.verdict === 'unrecognized') return 'other';
  const facts = countFacts(page, format);
  const has = (state: PoolBlock['state']): boolean =>
    page.blocks.some((block) => block.state === state && isFormed(block, format));
  const isPool = has('allocated') || (context.noBig && facts.isStartWhole && has('cached'));
  if (page.verdict === 'incomplete') return isPool && facts.all > 1 ? 'incomplete' : 'other';
  if (!isPool || facts.edges === 0) return 'other';
  if (facts.all >= enoughFacts) return 'damaged';
  // A first header alone is something only where nothing else can be.
  const isAlone = context.told && context.noBig && facts.isStartWhole && has('allocated');
  return isAlone && page.blocks[0]!.type < firstLetterType[format.unit] ? 'damaged' : 'other';
}

/** A type and a tag as the kernel writes them. */
const isFormed = ({ type, tagValue }: PoolBlock, { encoding }: PoolFormat): boolean =>
  decodeType(type, encoding).isValid && isPrintableTag(tagValue);

/**
 * Facts that agree on a page: that the first header names no block before it (which counts twice: texts and most numbers have
 * no zero there) or leads back to where blocks begin; that the last block ends with the page; that two neighbours of one
 * descriptor name each other, or both say how long the lost block between them is.
 */
export function countFacts(
  { blocks, address, tail }: PoolPage,
  format: PoolFormat,
): { readonly all: number; readonly edges: number; readonly isStartWhole: boolean } {
  const formed = blocks.filter((block) => isFormed(block, format));
  const [first, last] = [formed[0], formed.at(-1)];
  const start = tail ?? address;
  const isStartWhole = first?.address === start && first.previousSize === 0;
  let edges = isStartWhole ? 2 : 0;
  if (first !== undefined && first.address > start && first.address - BigInt(first.previousSize) === start)
    edges++;
  if (last !== undefined && last.address + BigInt(last.size) === address + BigInt(pageSize)) edges++;
  let all = edges;
  for (let at = 1; at < formed.length; at++) all += factsBetween(formed[at - 1]!, formed[at]!);
  return { all, edges, isStartWhole };
}

function factsBetween(left: PoolBlock, right: PoolBlock): number {
  if (left.index !== right.index) return 0;
  const end = left.address + BigInt(left.size);
  const back = right.address - BigInt(right.previousSize);
  const meets = end === right.address || back === left.address || end === back;
  return meets ? 1 : 0;
}
