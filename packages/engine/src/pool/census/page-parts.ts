import { pageSize, type Va } from '../../base/index.ts';
import type { PoolPage, UnexplainedExtent } from '../page.ts';
import type { SpecialBlock } from '../special-pool.ts';
import type { SlopArea } from '../special-slop.ts';
import type { AsideBlocks } from './aside-blocks.ts';
import { CensusFlag, CensusPart, type CensusTaker, noTag } from './census-types.ts';
import { numberOf, offsetOf } from './page-teller.ts';

/** A part before it is told: blocks and damage come in two lists, and are told in one order. */
export interface Part {
  readonly at: number;
  readonly size: number;
  readonly tag: number;
  readonly what: CensusPart;
  readonly flags: number;
}

/** A tag without the bit that protects. */
export const bareTag = (tag: number): number => tag & 0x7fff_ffff;

/** A part that is no block. */
const bare = (at: number, size: number, what: CensusPart): Part => ({ at, size, tag: noTag, what, flags: 0 });

export function tellInOrder(taker: CensusTaker, parts: readonly Part[]): void {
  for (const { at, size, tag, what, flags } of [...parts].sort((a, b) => a.at - b.at))
    taker.part(at, size, tag, what, flags);
}

/** What of a page no header explains. */
export const extentParts = (page: Va, extents: readonly UnexplainedExtent[]): Part[] =>
  extents.flatMap(({ start, end, reason }): Part[] => {
    const at = start < page ? 0 : Number(start - page);
    const size = Math.min(Number(end - page), pageSize) - at;
    return size <= 0 ? [] : [bare(at, size, reason === 'damaged' ? CensusPart.damage : CensusPart.missing)];
  });

/** Bytes of a header and of the links behind it, in which a rule can be broken. */
const ruledBytes = 0x20n;

/** Is one of the places where a rule is broken in the header of a block? */
export const isBroken = (problems: readonly { readonly at: Va }[], start: Va, header: Va): boolean =>
  problems.some(({ at }) => at >= start && at < header + ruledBytes);

/** The blocks and the damage of a page of small blocks of the classic pool; `more`: what is in front of them. */
export function tellPage(
  taker: CensusTaker,
  page: PoolPage,
  aside: AsideBlocks,
  more: readonly Part[] = [],
): void {
  const lists = aside.get(numberOf(page.address));
  const blocks = page.blocks.map((block, index): Part => {
    const at = offsetOf(block.address);
    const stored = block.state === 'cached' ? CensusPart.aside : CensusPart.allocated;
    const flags =
      (isBroken(page.problems, block.address, block.address) ? CensusFlag.damaged : 0) |
      (block.quota ? CensusFlag.quota : 0) |
      (block.isProtected ? CensusFlag.protected : 0);
    // A size that is in doubt reaches to the next header at most.
    const next = page.blocks[index + 1]?.address;
    const end = next === undefined ? pageSize : offsetOf(next);
    const what = block.state === 'free' ? CensusPart.free : (lists?.get(at) ?? stored);
    return { at, size: Math.min(block.size, end - at), tag: bareTag(block.tagValue), what, flags };
  });
  tellInOrder(taker, [...more, ...blocks, ...extentParts(page.address, page.unexplained)]);
}

/** The page of a block of special pool: its header, what surrounds the block, and what somebody wrote there. */
export function tellSpecial(taker: CensusTaker, block: SpecialBlock, pointerSize: 4 | 8): void {
  const { address, size, tag, header, slop } = block;
  const flags = tag >>> 31 === 1 ? CensusFlag.protected : 0;
  tellInOrder(taker, [
    bare(offsetOf(header), pointerSize * 2, CensusPart.header),
    { at: offsetOf(address), size, tag: bareTag(tag), what: CensusPart.allocated, flags },
    ...slop.flatMap(slopParts),
  ]);
}

function slopParts({ start, length, changed }: SlopArea): Part[] {
  const end = offsetOf(start) + length;
  const parts: Part[] = [];
  let from = offsetOf(start);
  const slop = (to: number): void => {
    if (to > from) parts.push(bare(from, to - from, CensusPart.slop));
  };
  for (const { start: at, found } of changed) {
    slop(offsetOf(at));
    parts.push(bare(offsetOf(at), found.length, CensusPart.changed));
    from = offsetOf(at) + found.length;
  }
  slop(end);
  return parts;
}
