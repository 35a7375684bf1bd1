import type { Chain } from '../chains.ts';
import { chooseChains } from '../choose-chains.ts';
import { hasLinks, leastUnits, vsUnit } from './vs-code.ts';
import type { VsText } from './vs-seams.ts';
import { firstUnit } from './vs-test.ts';

/** What each unit of a subsegment holds, read as if it were the header of a chunk; sizes in units. */
export class VsUnits {
  readonly end: number;
  readonly sizes: Uint16Array;
  readonly previous: Uint16Array;
  /** In use and leading back to the subsegment, or free. */
  readonly formed: Uint8Array;

  constructor({ sub, code, end, hasPlainNodes }: VsText) {
    const { words, present, address } = sub;
    this.end = Math.min(end, present.length);
    this.sizes = new Uint16Array(this.end);
    this.previous = new Uint16Array(this.end);
    this.formed = new Uint8Array(this.end);
    const baseLow = Number(address & 0xffff_ffffn);
    const codeHigh = code.high ^ Number((address >> 32n) & 0xffff_ffffn);
    const isFree = (unit: number): boolean =>
      !hasPlainNodes || present[unit + 1] !== 1 || hasLinks(words, unit * 4);
    for (let unit = firstUnit; unit < this.end; unit++) {
      if (present[unit] !== 1) continue;
      const at = (baseLow + unit * vsUnit) | 0;
      const size = (words[unit * 4]! ^ code.low ^ at) >>> 16;
      const high = words[unit * 4 + 1]! ^ codeHigh;
      if (size < leastUnits || unit + size > this.end) continue;
      this.sizes[unit] = size;
      this.previous[unit] = high & 0xffff;
      const bits = high >>> 16;
      const isUsed = bits === 1 && ((words[unit * 4 + 2]! ^ code.low ^ at) & 0xff) === unit >>> 8;
      // A previous size that leads in front of the first chunk is none.
      const leads = unit === firstUnit ? this.previous[unit] === 0 : unit - this.previous[unit]! >= firstUnit;
      this.formed[unit] =
        leads && this.previous[unit] !== 1 && (isUsed || (bits === 0 && isFree(unit))) ? 1 : 0;
    }
  }

  /** The unit of the header that follows and agrees; -1 where there is none. */
  next(unit: number): number {
    const size = this.sizes[unit]!;
    const next = unit + size;
    return size > 0 && next < this.end && this.sizes[next]! > 0 && this.previous[next] === size ? next : -1;
  }
}

/** Units where chunks are known to begin: nodes of the tree of free chunks, blocks on lists. */
export type Anchors = ReadonlySet<number>;

/**
 * The chains of chunks that make up a subsegment whose headers do not agree throughout. Headers that are left over in freed memory make
 * chains too, so that behind memory that is missing only a chain with a chunk that something else leads to is taken.
 */
export function findVsChains(text: VsText, anchors: Anchors): Chain[] {
  const { sub } = text;
  const units = new VsUnits(text);
  const all = allChains(units, anchors);
  const isAnchored = ({ offsets }: Chain): boolean => offsets.some((unit) => anchors.has(unit));
  const first = all.find((chain) => chain.first === firstUnit && chain.plausible > 0);
  const isLost = sub.present[first?.end ?? firstUnit] !== 1 && first?.reachesEnd !== true;
  const usable = isLost ? all.filter((chain) => chain === first || isAnchored(chain)) : all;
  const chosen = chooseChains(usable, units.end, firstUnit);
  const kept: Chain[] = [];
  for (const chain of chosen) {
    const left = kept.at(-1);
    const isBehindMissing = left !== undefined && left.end < chain.first && sub.present[left.end] !== 1;
    if (!isBehindMissing || isAnchored(chain)) kept.push(chain);
  }
  return kept;
}

function allChains(units: VsUnits, anchors: Anchors): Chain[] {
  const followers = new Uint8Array(units.end);
  for (let unit = firstUnit; unit < units.end; unit++) {
    const next = units.next(unit);
    if (next >= 0) followers[next] = 1;
  }
  const chains: Chain[] = [];
  for (let unit = firstUnit; unit < units.end; unit++) {
    if (units.sizes[unit] === 0 || followers[unit] === 1) continue;
    const chain = chainFrom(units, unit, anchors);
    if (chain !== undefined) chains.push(chain);
  }
  return chains;
}

/** What does not look like headers is dropped in front, but for the first one of the subsegment. */
function chainFrom(units: VsUnits, start: number, anchors: Anchors): Chain | undefined {
  const offsets: number[] = [];
  for (let unit = start; unit >= 0; unit = units.next(unit)) offsets.push(unit);
  const from = start === firstUnit ? 0 : offsets.findIndex((unit) => units.formed[unit] === 1);
  if (from < 0) return undefined;
  const kept = offsets.slice(from);
  let plausible = 0;
  for (const unit of kept) plausible += units.formed[unit]! + (anchors.has(unit) ? units.end : 0);
  const first = kept[0]!;
  const last = kept.at(-1)!;
  const end = last + units.sizes[last]!;
  const back = first - units.previous[first]!;
  return {
    offsets: kept,
    first,
    last,
    end,
    back,
    reachesEnd: end === units.end,
    leadsToStart: back === firstUnit,
    isTail: false,
    plausible,
  };
}
