import { pageSize } from '@poolscope/engine/base';
import { checkOption } from '../check-option.ts';
import { plainTag } from '../pool/pool-type.ts';

/**
 * Values of `Memory Management` in the registry: which blocks go to special pool without the verifier, and which end of
 * theirs is watched.
 */
export interface SpecialPoolValues {
  /** REG_DWORD `PoolTag`: a tag, with wildcards `*` and `?`, or a number below the page size: a class of sizes. */
  readonly poolTag?: number;
  /** REG_DWORD `PoolTagOverruns`: true when absent. */
  readonly poolTagOverruns?: boolean;
}

/** All blocks: `*`. */
const everything = 0x2a;
/** What nt!MmSpecialPoolTag holds when nothing is chosen. */
const off: ReadonlySet<number> = new Set([0, 0xffff_ffff]);

/** `PoolTag` as people write it: up to four characters, or a number in hexadecimal with 0x. Throws LAB_OPTIONS. */
export function poolTagValue(text: string): number {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number.parseInt(text, 16);
  checkOption(text !== '' && text.length <= 4, `a pool tag has one to four characters: '${text}'`);
  let value = 0;
  for (let index = 0; index < Math.min(4, text.length); index++)
    value |= (text.charCodeAt(index) & 0xff) << (8 * index);
  return value >>> 0;
}

/**
 * Does the value choose a block? A number below the page size stands for the sizes up to one unit less, and for the tag of
 * that number. Source: Microsoft's page on special pool.
 */
export function choosesBlock(
  value: number,
  { size, tag }: { size: number; tag: number },
  unit: number,
): boolean {
  if (off.has(value)) return false;
  if (value === everything) return true;
  if (value >= pageSize) return matchesTag(value, plainTag(tag));
  const largest = value - unit;
  const classOf = Math.ceil(Math.max(1, size) / unit) * unit;
  return classOf === largest || plainTag(tag) === value;
}

const letters = (tag: number): number[] => [0, 8, 16, 24].map((shift) => (tag >>> shift) & 0xff);
const [star, question] = [0x2a, 0x3f];

/** `*` stands for all letters from there on, `?` for one. */
export function matchesTag(pattern: number, tag: number): boolean {
  const given = letters(tag);
  for (const [index, letter] of letters(pattern).entries()) {
    if (letter === star) return true;
    if (letter !== question && letter !== given[index]) return false;
  }
  return true;
}
