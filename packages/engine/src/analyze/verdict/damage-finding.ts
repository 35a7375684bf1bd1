import { pageSize, type Va } from '../../base/index.ts';
import {
  decodeType,
  fieldOf,
  type PageBytes,
  type PoolBlock,
  type PoolPageReport,
  poolFormat,
  readPage,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { DamageFacts, VerdictKind, VictimFacts } from '../report.ts';
import { classicBlock, largeBlock, lostBlock, poolOfRegion, victimOf } from './block-facts.ts';
import { clearedInUse, doubtOfFree } from './cleared-in-use.ts';
import { copiedLength } from './copied-length.ts';
import { findCopies } from './copies.ts';
import { bytesText, damageGrounds } from './damage-grounds.ts';
import type { DamageShape, PageDamage } from './damage-span.ts';
import type { Finding } from './finding.ts';
import { isListedFree } from './free-victim.ts';
import { writtenInFreed } from './freed-extent.ts';
import { joinPages, whereDamageBegan } from './joined-pages.ts';
import { machineTags } from './machine-tags.ts';
import { readDamage } from './page-damage.ts';
import type { Payload } from './payload.ts';
import { pagePicture } from './picture.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';

export const kinds: Readonly<Record<DamageShape, VerdictKind>> = {
  overrun: 'pool-overrun',
  underrun: 'pool-underrun',
  bit: 'single-bit-error',
  'freed-block': 'use-after-free',
  stray: 'stray-write',
};

/** Places of a page of which the lists are asked. */
const mostExtents = 2;

const headersLost = ({ page }: PoolPageReport): Va[] =>
  page.unexplained.slice(0, mostExtents).map(({ start }) => start);

/** Of free blocks with a link that is none. */
const headersOfLinks = ({ page: { blocks, problems } }: PoolPageReport): Va[] =>
  blocks
    .filter(({ address, size }) =>
      problems.some(({ rule, at }) => rule === 'free-link' && at >= address && at < address + BigInt(size)),
    )
    .slice(0, mostExtents)
    .map(({ address }) => address);

/** What the damaged page of small blocks at a place says happened there; the damage nearest to the place. */
export function damageFinding(scene: Scene, at: PoolPageReport, place: Place): Finding | undefined {
  const { system } = scene;
  const format = poolFormat(system);
  const report = whereDamageBegan(system, at);
  const { page: joined, read: page, large } = joinPages(system, report);
  const all = readDamage(joined, page, format, {
    tags: machineTags(system),
    copied: (offset) => copiedAt(scene, page.address, offset),
    listed: [...headersLost(report), ...headersOfLinks(report)].filter((header) =>
      isListedFree(system, header),
    ),
  });
  const [nearest] = all.sort((a, b) => distance(a, place.va) - distance(b, place.va));
  if (nearest === undefined) return undefined;
  const cleared = nearest.shape === 'freed-block' ? clearedInUse(scene, report, nearest) : undefined;
  if (cleared !== undefined) return { ...cleared, grounds: [...place.grounds, ...cleared.grounds] };
  const doubt = nearest.shape === 'freed-block' ? doubtOfFree(scene, report, nearest) : [];
  const damage = withoutOthers(scene, nearest);
  const isFollowed = place.load !== undefined && isLink(place.load.cell, damage.victim.at, format.unit);
  const victim = victimFacts(system, damage, report, isFollowed || damage.isListed ? 'free' : null);
  const finding: Finding = {
    kind: kinds[damage.shape],
    summary: summaryOf(damage),
    block:
      damage.block === undefined
        ? ownBlock(system, damage, report)
        : damage.block === large?.block
          ? largeBlock(system, large, report.region)
          : classicBlock(system, damage.block, report.region),
    victims:
      damage.shape === 'freed-block'
        ? []
        : damage.shape === 'underrun'
          ? before(system, report, damage)
          : [victim],
    damage: factsOf(scene, page, damage),
    freedAddress: null,
    grounds: [...place.grounds, ...damageGrounds(system, damage, report), ...doubt],
    suspects: [],
    picture: pagePicture(system, report.page, readPage(system.memory, report.page.address), damage),
    ...(damage.text === undefined ? {} : { payload: damage.text }),
  };
  return fromEitherSide(finding, damage);
}

/** A header that was destroyed, where nothing tells from which side: the block in front of it is not accused. */
function fromEitherSide(finding: Finding, { shape, rules }: PageDamage): Finding {
  if (shape !== 'overrun' || !rules.includes('looks-alike')) return finding;
  return {
    ...finding,
    kind: 'pool-header-corruption',
    summary: 'The header of a pool block was destroyed, and nothing around it tells from which side',
    block: null,
    damage: null,
  };
}

/** Fewer equal bytes than these are equal by chance. */
const shortestCopy = 16;

/** The bytes around a place of the page as far as they stand elsewhere too. */
export function copiedAt(scene: Scene, page: Va, at: number): Payload | undefined {
  const [copy] = findCopies(scene, page + BigInt(at));
  if (copy === undefined || copy.forward < shortestCopy) return undefined;
  return { start: at - copy.backward, end: at + copy.forward, pattern: 'mixed', text: undefined };
}

const distance = ({ start, length }: PageDamage, va: Va): number =>
  va < start ? Number(start - va) : va >= start + BigInt(length) ? Number(va - start) - length : 0;

/** Is a cell one of the links of a free block with a header there? */
const isLink = (cell: Va, header: Va, unit: number): boolean =>
  cell >= header + BigInt(unit) && cell < header + BigInt(2 * unit);

/** The block that an underrun ran into. */
function before(
  system: CrashedSystem,
  { page }: PoolPageReport,
  { start, victim }: PageDamage,
): VictimFacts[] {
  const hit = page.blocks.find(
    ({ address, size }) => address + BigInt(size) === victim.at && address < start,
  );
  return hit === undefined ? [] : [victimOf(system, hit)];
}

/** An underrun is out of the block whose header it destroyed. */
function ownBlock(
  system: CrashedSystem,
  { shape, victim }: PageDamage,
  { page, region }: PoolPageReport,
): Finding['block'] {
  if (shape !== 'underrun') return null;
  if (victim.block !== undefined) return classicBlock(system, victim.block, region);
  return {
    ...lostBlock(system, victim.at, victim.size ?? restOfPage(page, victim.at), 'allocated'),
    pool: poolOfRegion(region),
    allocator: 'classic',
  };
}

/** A write in front of a block destroys its header alone: where no header follows, the block reaches to the end of its page. */
const restOfPage = ({ blocks }: PoolPageReport['page'], at: Va): number | undefined =>
  blocks.some(({ address }) => address > at) ? undefined : pageSize - Number(at & 0xfffn);

function victimFacts(
  system: CrashedSystem,
  damage: PageDamage,
  report: PoolPageReport,
  state: VictimFacts['state'],
): VictimFacts {
  const { victim, shape } = damage;
  if (victim.block === undefined) return lostBlock(system, victim.at, victim.size, state);
  if (shape === 'bit') return victimOf(system, withBitBack(system, damage, victim.block, report));
  const facts = victimOf(system, victim.block);
  const isHit = (first: number, end: number): boolean =>
    damage.start < victim.at + BigInt(end) &&
    damage.start + BigInt(damage.length) > victim.at + BigInt(first);
  // What stands in the bytes that were written over is nothing of the block's.
  if (!isHit(0, tagEnd)) return facts;
  return {
    ...facts,
    size: victim.size ?? (isHit(0, sizesEnd) ? null : facts.size),
    tag: isHit(sizesEnd, tagEnd) ? null : facts.tag,
    state: state ?? (isHit(2, sizesEnd) ? null : facts.state),
  };
}

/** A header begins with sizes and type; its tag follows. */
const [sizesEnd, tagEnd] = [4, 8];

/** A block as its header was before one bit of it changed. */
function withBitBack(
  system: CrashedSystem,
  { victim }: PageDamage,
  block: PoolBlock,
  { page }: PoolPageReport,
): PoolBlock {
  const word = page.bitErrors.find(({ at }) => at === victim.at)?.expected;
  if (word === undefined) return block;
  const format = poolFormat(system);
  const { state } = decodeType(fieldOf(word, format, 'type'), format.encoding);
  return { ...block, size: fieldOf(word, format, 'size') * format.unit, state };
}

/** The text is that of the damaged bytes; what stands before them in the block is not damage, nor is what is as it was. */
export function damageFacts(
  { hex }: CrashedSystem,
  { start, length, pattern, text, payloadStart, isWide }: PageDamage,
): DamageFacts {
  const unit = isWide ? 2 : 1;
  const from = Number(start - payloadStart) / unit;
  return { start: hex(start), length, pattern, text: text?.slice(from, from + length / unit) ?? null };
}

function factsOf(scene: Scene, page: PageBytes, damage: PageDamage): DamageFacts {
  const { shape, block } = damage;
  if (shape === 'freed-block' && block !== undefined) return freedDamage(scene, page, { ...damage, block });
  return damageFacts(scene.system, damage);
}

/**
 * Letters behind a text that ran over the end of its block may have been there before: the buffer that it came from tells. A text
 * with its NUL has an end of its own.
 */
function withoutOthers(scene: Scene, damage: PageDamage): PageDamage {
  const { shape, pattern, start, length, payloadStart, text, isWide } = damage;
  const letters = (text?.length ?? 0) * (isWide ? 2 : 1);
  const isOpen = pattern === 'text' && Number(start - payloadStart) + length <= letters;
  const copied = shape === 'overrun' && isOpen ? copiedLength(scene, start) : undefined;
  return { ...damage, length: Math.min(length, copied ?? length) };
}

/** Of a block that is free, and was written into since. */
function freedDamage(
  scene: Scene,
  { address, bytes }: PageBytes,
  { block, start }: PageDamage & { readonly block: PoolBlock },
): DamageFacts {
  const head = Number(block.address - address);
  const body = head + poolFormat(scene.system).unit;
  return writtenInFreed(
    scene,
    { page: address, bytes, body, end: head + block.size },
    Number(start - address),
  );
}

export function summaryOf({ shape, block, length, text }: PageDamage): string {
  const tag = block === undefined || block.tag === '' ? '' : ` tagged ${block.tag.trimEnd()}`;
  const pool = block?.paged === true ? 'paged' : 'nonpaged';
  const what = text === undefined ? '' : ' with text';
  switch (shape) {
    case 'overrun':
      return `A ${pool} block${tag} was written ${bytesText(length)} past its end${what}`;
    case 'underrun':
      return `A block was written ${bytesText(length)} before its start${what}`;
    case 'bit':
      return 'One bit of a pool block header is not what it was';
    case 'freed-block':
      return `A block${tag} was written into${what} after it was freed`;
    case 'stray':
      return `${bytesText(length)} of pool ${length === 1 ? 'was' : 'were'} overwritten${what} from outside the blocks around ${length === 1 ? 'it' : 'them'}`;
  }
}
