import { readU32 } from '../base/index.ts';
import { decodeType } from './block-type.ts';
import type { PoolFormat } from './format.ts';
import { fieldOf, isPrintableTag, tagValue } from './header.ts';
import { hasBytes, type PageBytes } from './page-bytes.ts';

/** Headers of which each says where the next one is, and the next one says the same of it. Offsets are in units. */
export interface Chain {
  readonly offsets: readonly number[];
  readonly first: number;
  readonly last: number;
  /** Where the last block ends by its own size; at most the units of a page. */
  readonly end: number;
  /** Where the block before the first one begins, as that one says; the first unit has none, and says 0. */
  readonly back: number;
  readonly reachesEnd: boolean;
  /** Does its first header say that one block is before it, from where blocks begin? */
  readonly leadsToStart: boolean;
  /** Does it begin with the block that stands behind the end of a large allocation? See `tailTag`. */
  readonly isTail: boolean;
  /** How many of the headers have a type and a tag as the kernel writes them. */
  readonly plausible: number;
}

/**
 * Up to Windows 8.1 what a large allocation leaves of its last page holds small blocks. The first of them is one unit long,
 * names no block before it, and keeps the place. Source: Microsoft's debugging blog; its tag in the public pooltag.txt.
 */
export const tailTag = 'Frag';
const tailValue = tagValue(tailTag);
const isTailTag = (tag: number): boolean => (tag & 0x7fff_ffff) === tailValue;

/** One byte repeated is what memory is filled with; read as headers it may even agree with itself. */
const isFill = (word: number, next: number): boolean =>
  word === next && word === Math.imul(word & 0xff, 0x0101_0101) >>> 0;

/** What a page holds at each unit, read as if it were a header. */
class Units {
  readonly sizes: Uint16Array;
  readonly previous: Uint16Array;
  /** A type and a tag as the kernel writes them, and a size that fits. */
  readonly formed: Uint8Array;
  /** A previous size that can be, too. */
  readonly plausible: Uint8Array;
  /** Headers that begin what is left of a large allocation's last page. */
  readonly tails: Uint8Array;
  readonly count: number;

  constructor(page: PageBytes, format: PoolFormat) {
    this.count = format.units;
    this.sizes = new Uint16Array(format.units);
    this.previous = new Uint16Array(format.units);
    this.formed = new Uint8Array(format.units);
    this.plausible = new Uint8Array(format.units);
    this.tails = new Uint8Array(format.units);
    for (let unit = page.start ?? 0; unit < format.units; unit++) this.#read(page, format, unit);
  }

  #read(page: PageBytes, format: PoolFormat, unit: number): void {
    const at = unit * format.unit;
    if (!hasBytes(page, at, 8)) return;
    const word = readU32(page.bytes, at);
    if (isFill(word, readU32(page.bytes, at + 4))) return;
    const size = fieldOf(word, format, 'size');
    const previous = fieldOf(word, format, 'previousSize');
    if (size === 0 || unit + size > this.count) return;
    this.sizes[unit] = size;
    this.previous[unit] = previous;
    const { isValid } = decodeType(fieldOf(word, format, 'type'), format.encoding);
    if (!isValid || !isPrintableTag(readU32(page.bytes, at + 4))) return;
    this.formed[unit] = 1;
    if (previous === 0 && unit > 0 && size === 1 && isTailTag(readU32(page.bytes, at + 4)))
      this.tails[unit] = 1;
    const isFirst = unit === (page.start ?? 0);
    if ((previous <= unit && (previous === 0) === isFirst) || this.tails[unit] === 1)
      this.plausible[unit] = 1;
  }

  /** The unit of the header that follows and agrees; -1 where there is none. */
  next(unit: number): number {
    const size = this.sizes[unit]!;
    const next = unit + size;
    return size > 0 && next < this.count && this.sizes[next]! > 0 && this.previous[next] === size ? next : -1;
  }
}

/**
 * All chains of a page, each as long as it can be. A header has one that follows at most and one before at most, so they
 * have no header in common; chains of headers that are left in freed memory are among them.
 */
export function findChains(page: PageBytes, format: PoolFormat): Chain[] {
  const whole = walkWhole(page, format);
  if (whole !== undefined) return [whole];
  const units = new Units(page, format);
  const followers = new Uint8Array(units.count);
  for (let unit = 0; unit < units.count; unit++) {
    const next = units.next(unit);
    if (next >= 0) followers[next] = 1;
  }
  const chains: Chain[] = [];
  for (let unit = 0; unit < units.count; unit++) {
    if (units.sizes[unit] === 0 || followers[unit] === 1) continue;
    const chain = chainFrom(units, unit, page.start ?? 0);
    if (chain !== undefined) chains.push(chain);
  }
  return chains;
}

/** What does not look like headers is dropped in front, but for a page's first one. */
function chainFrom(units: Units, start: number, firstUnit: number): Chain | undefined {
  const offsets: number[] = [];
  for (let unit = start; unit >= 0; unit = units.next(unit)) offsets.push(unit);
  const from = start === firstUnit ? 0 : offsets.findIndex((unit) => units.formed[unit] === 1);
  if (from < 0) return undefined;
  const kept = offsets.slice(from);
  const plausible = kept.filter((unit) => units.plausible[unit] === 1).length;
  const first = kept[0]!;
  const last = kept.at(-1)!;
  const end = last + units.sizes[last]!;
  const back = first - units.previous[first]!;
  const isTail = first === firstUnit ? first > 0 && plausible > 0 : units.tails[first] === 1 && plausible > 1;
  return {
    offsets: kept,
    first,
    last,
    end,
    back,
    reachesEnd: end === units.count,
    leadsToStart: back === firstUnit,
    isTail,
    plausible,
  };
}

/** The chain of a page on which all sizes agree from its start to its end: most pages are like that. */
function walkWhole(page: PageBytes, format: PoolFormat): Chain | undefined {
  const offsets: number[] = [];
  let previous = 0;
  let plausible = 0;
  const first = page.start ?? 0;
  for (let unit = first; unit < format.units; ) {
    const at = unit * format.unit;
    if (!hasBytes(page, at, 8)) return undefined;
    const word = readU32(page.bytes, at);
    const size = fieldOf(word, format, 'size');
    if (size === 0 || unit + size > format.units || fieldOf(word, format, 'previousSize') !== previous)
      return undefined;
    const { isValid } = decodeType(fieldOf(word, format, 'type'), format.encoding);
    if (isValid && isPrintableTag(readU32(page.bytes, at + 4))) plausible++;
    offsets.push(unit);
    previous = size;
    unit += size;
  }
  if (plausible === 0) return undefined;
  return {
    offsets,
    first,
    last: offsets.at(-1)!,
    end: format.units,
    back: first,
    reachesEnd: true,
    leadsToStart: true,
    isTail: first > 0,
    plausible,
  };
}
