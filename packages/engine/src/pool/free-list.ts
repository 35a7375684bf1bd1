import { describeFault, Fault, type Va, wrap64 } from '../base/index.ts';
import { type ListEnd, walkList } from '../types/index.ts';
import type { ObjectKernel, Target } from '../windows/index.ts';
import type { PoolFormat } from './format.ts';
import { decodeHeader, type PoolHeader } from './header.ts';
import { ListBudget } from './list-budget.ts';

/**
 * What is wrong with a list of blocks.
 * - `back-link`: the entry that a link leads to does not lead back
 * - `link`: a link leads to no address where an entry can be
 * - `circle`: the list does not come back to its head
 * - `in-use`: the header of a block on a list of free blocks says that it is not free
 * - `size`: the header of a block gives a size that is not the list's
 */
export type ListRule = 'back-link' | 'link' | 'circle' | 'in-use' | 'size';

/** A rule of a list of free blocks that does not hold. */
export interface ListDamage {
  readonly rule: ListRule;
  /** The link or header that is wrong. */
  readonly at: Va;
  /** What is there, and what should be; sizes in bytes. */
  readonly found?: bigint;
  readonly expected?: bigint;
}

/** A block on a list of the pool. */
export interface ListedBlock {
  /** Of its header. */
  readonly address: Va;
  /** Undefined: not in the dump. */
  readonly header: PoolHeader | undefined;
}

/** Blocks on a list, and what is wrong with it. */
export interface BlockList {
  readonly blocks: readonly ListedBlock[];
  readonly damage: readonly ListDamage[];
  /** Why it was not followed to its end, as half a sentence; undefined when it was. */
  readonly cut: string | undefined;
}

/** One of a descriptor's lists of free blocks. */
export interface FreeList extends BlockList {
  /** In ListHeads. */
  readonly index: number;
  readonly head: Va;
}

const blocksPerSign = 0x400;

/** Follows one list of a descriptor, from its other end too where it is broken. Yields now and then. */
export function* walkFreeList(
  { target }: ObjectKernel,
  format: PoolFormat,
  index: number,
  head: Va,
  budget = new ListBudget(),
): Generator<number, FreeList> {
  const { memory, pointerSize } = target;
  const links: Va[] = [];
  const damage: ListDamage[] = [];
  let wrong = 0;
  const { limit } = budget;
  const walk = walkList(memory, head, { pointerSize, limit });
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    const { link, isLinkedBack } = step.value;
    const before = links.at(-1) ?? head;
    if (!isEntry(target, link)) {
      damage.push({ rule: 'link', at: before, found: link });
      break;
    }
    links.push(link);
    if (isLinkedBack === false) {
      wrong++;
      damage.push(backLink(target, link, before));
    }
    if (links.length % blocksPerSign === 0) yield links.length;
  }
  const end =
    step.done === true ? judgeEnd(target, step.value, { head, last: links.at(-1) ?? head, wrong }) : badLink;
  damage.push(...end.damage);
  if (end.cut !== undefined) yield* walkBack(target, head, limit, links);
  budget.spend(links.length);
  const blocks = links.map((link) => listedBlock(target, format, link));
  for (const block of blocks) damage.push(...checkBlock(format, index, block));
  return { index, head, blocks, damage, cut: end.cut };
}

/** Can an entry be there? */
export const isEntry = ({ pointerSize }: Target, link: Va): boolean =>
  link >> 63n === 1n && link % BigInt(pointerSize) === 0n;

/** The block whose body begins with a link. */
export function listedBlock({ memory }: Target, format: PoolFormat, link: Va): ListedBlock {
  const address = wrap64(link - BigInt(format.unit));
  const bytes = memory.tryRead(address, 8);
  return { address, header: bytes instanceof Fault ? undefined : decodeHeader(bytes, 0, format) };
}

interface End {
  readonly damage: readonly ListDamage[];
  readonly cut: string | undefined;
}

const badLink: End = { damage: [], cut: 'a link leads to no entry' };

function judgeEnd(
  target: Target,
  { kind, at, fault, wrongBackLinks }: ListEnd,
  { head, last, wrong }: { readonly head: Va; readonly last: Va; readonly wrong: number },
): End {
  switch (kind) {
    case 'complete':
      return { damage: wrongBackLinks > wrong ? [backLink(target, head, last)] : [], cut: undefined };
    case 'cycle':
      return { damage: [{ rule: 'circle', at }], cut: 'it does not come back to its head' };
    case 'null':
      return { damage: [{ rule: 'link', at, found: 0n }], cut: 'a link is null' };
    case 'empty-head':
      return { damage: [], cut: 'its head is null' };
    case 'limit':
      return { damage: [], cut: 'it is longer than is followed' };
    case 'unreadable':
      return {
        damage: [],
        cut: `an entry cannot be read: ${fault === undefined ? '' : describeFault(fault)}`,
      };
  }
}

function backLink(target: Target, link: Va, expected: Va): ListDamage {
  const at = wrap64(link + BigInt(target.pointerSize));
  const found = target.readPointer(at);
  return { rule: 'back-link', at, expected, ...(found === undefined ? {} : { found }) };
}

/** Adds entries that the links backwards lead to, and those forwards did not. */
function* walkBack(target: Target, head: Va, limit: number, links: Va[]): Generator<number, void> {
  const seen = new Set(links);
  const size = BigInt(target.pointerSize);
  let link = target.readPointer(wrap64(head + size));
  while (
    link !== undefined &&
    link !== head &&
    !seen.has(link) &&
    isEntry(target, link) &&
    seen.size < limit
  ) {
    // An entry that cannot be read is on the list all the same: its neighbour names it.
    seen.add(link);
    links.push(link);
    if (links.length % blocksPerSign === 0) yield links.length;
    link = target.readPointer(wrap64(link + size));
  }
}

/**
 * Blocks of n units are on list n - 1: so ReactOS has it, and so the registers of a published crash of Windows 8. As this is
 * not known of every build, list n is let pass.
 */
function checkBlock({ unit }: PoolFormat, index: number, { address, header }: ListedBlock): ListDamage[] {
  if (header === undefined) return [];
  const units = header.size / unit;
  const damage: ListDamage[] = [];
  if (header.type !== 0)
    damage.push({ rule: 'in-use', at: address, found: BigInt(header.type), expected: 0n });
  if (units !== index && units !== index + 1)
    damage.push({ rule: 'size', at: address, found: BigInt(header.size) });
  return damage;
}
