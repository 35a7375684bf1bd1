import type { Va } from '../../base/index.ts';
import { type PoolPageReport, poolFormat, readPage } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { DamageFacts, VerdictKind, VictimFacts } from '../report.ts';
import { classicBlock, lostBlock, poolOfRegion, victimOf } from './block-facts.ts';
import { findCopies } from './copies.ts';
import type { Finding, Ground } from './finding.ts';
import { type DamageShape, type PageDamage, readDamage } from './page-damage.ts';
import type { Payload } from './payload.ts';
import { pagePicture } from './picture.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';

const kinds: Readonly<Record<DamageShape, VerdictKind>> = {
  overrun: 'pool-overrun',
  underrun: 'pool-underrun',
  bit: 'single-bit-error',
  'freed-block': 'use-after-free',
  stray: 'stray-write',
};

/** What the damaged page of small blocks at a place says happened there; the damage nearest to the place. */
export function damageFinding(
  { system, frames }: Scene,
  report: PoolPageReport,
  place: Place,
): Finding | undefined {
  const format = poolFormat(system);
  const page = readPage(system.memory, report.page.address);
  const all = readDamage(report.page, page, format, (at) => copiedAt(system, frames, page.address, at));
  const damage = all.sort((a, b) => distance(a, place.va) - distance(b, place.va))[0];
  if (damage === undefined) return undefined;
  const isFollowed = place.load !== undefined && isLink(place.load.cell, damage.victim.at, format.unit);
  const victim = victimFacts(system, damage, isFollowed ? 'free' : null);
  return {
    kind: kinds[damage.shape],
    summary: summaryOf(damage),
    block:
      damage.block === undefined
        ? ownBlock(system, damage, report)
        : classicBlock(system, damage.block, report.region),
    victims:
      damage.shape === 'freed-block'
        ? []
        : damage.shape === 'underrun'
          ? before(system, report, damage)
          : [victim],
    damage: damageFacts(system, damage),
    freedAddress: null,
    grounds: [...place.grounds, ...damageGrounds(system, damage, report)],
    suspects: [],
    picture: pagePicture(system, report.page, page, damage),
    ...(damage.text === undefined ? {} : { payload: damage.text }),
  };
}

/** Fewer equal bytes than these are equal by chance. */
const shortestCopy = 16;

/** The bytes around a place of the page as far as they stand elsewhere too. */
function copiedAt(system: CrashedSystem, frames: Scene['frames'], page: Va, at: number): Payload | undefined {
  const [copy] = findCopies(system, page + BigInt(at), frames);
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
  { region }: PoolPageReport,
): Finding['block'] {
  if (shape !== 'underrun') return null;
  if (victim.block !== undefined) return classicBlock(system, victim.block, region);
  return {
    ...lostBlock(system, victim.at, victim.size, 'allocated'),
    pool: poolOfRegion(region),
    allocator: 'classic',
  };
}

const victimFacts = (
  system: CrashedSystem,
  { victim }: PageDamage,
  state: VictimFacts['state'],
): VictimFacts =>
  victim.block === undefined
    ? lostBlock(system, victim.at, victim.size, state)
    : victimOf(system, victim.block);

/** The text is that of the damaged bytes; what stands before them in the block is not damage. */
const damageFacts = (
  { hex }: CrashedSystem,
  { start, length, pattern, text, payloadStart, isWide }: PageDamage,
): DamageFacts => ({
  start: hex(start),
  length,
  pattern,
  text: text?.slice(Number(start - payloadStart) / (isWide ? 2 : 1)) ?? null,
});

const bytesText = (length: number): string => `${length} byte${length === 1 ? '' : 's'}`;

function summaryOf({ shape, block, length, text }: PageDamage): string {
  const tag = block === undefined ? '' : ` tagged ${block.tag.trimEnd()}`;
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
      return `${bytesText(length).replace(/^./, (digit) => digit)} of pool were overwritten from outside the blocks around them${what}`;
  }
}

function damageGrounds(system: CrashedSystem, damage: PageDamage, { page }: PoolPageReport): Ground[] {
  const text = system.shortText;
  const at = text(damage.victim.at);
  const check = `!poolval ${text(page.address)}`;
  const dump = `db ${text(damage.payloadStart)} L${Number(damage.start - damage.payloadStart) + damage.length < 0x10 ? '10' : (Number(damage.start - damage.payloadStart) + damage.length).toString(16)}`;
  const inside = Number(damage.start - damage.payloadStart);
  const claims: Partial<Record<Ground['rule'], Ground>> = {
    'headers-frame-it': {
      rule: 'headers-frame-it',
      claim: `The header at ${at} is not what its neighbours say it was.`,
      command: check,
    },
    'begins-at-end': {
      rule: 'begins-at-end',
      claim: `The damage begins at ${text(damage.start)}, where the block${damage.block === undefined ? '' : ` tagged ${damage.block.tag.trimEnd()}`} ends.`,
      command: `!pool ${text(damage.start)}`,
    },
    'unbroken-from-inside': {
      rule: 'unbroken-from-inside',
      claim: `${capital(patternText(damage))} runs unbroken over its end: ${bytesText(inside)} inside the block and ${bytesText(damage.length)} behind it.`,
      command: dump,
    },
    'from-first-byte': {
      rule: 'from-first-byte',
      claim: `It begins with the block's first byte, ${text(damage.payloadStart)}.`,
      command: dump,
    },
    'ends-at-start': {
      rule: 'ends-at-start',
      claim: `${capital(patternText(damage))} ends where the memory of the block at ${at} begins.`,
      command: dump,
    },
    'one-bit': {
      rule: 'one-bit',
      claim: `With one bit of the header at ${at} changed back the page is whole.`,
      command: check,
    },
    'off-by-one': {
      rule: 'off-by-one',
      claim: `Only the first byte behind the block changed.`,
      command: `db ${text(damage.start)} L10`,
    },
    'header-free': {
      rule: 'header-free',
      claim: `The header at ${at} is whole and says that the block is free; its links are not links.`,
      command: `!pool ${at}`,
    },
  };
  const listed = damage.rules.flatMap((rule) => claims[rule] ?? []);
  return listed.length > 0
    ? listed
    : [{ rule: 'mentioned', claim: `No header makes sense at ${at}.`, command: check }];
}

const patternText = ({ pattern, text }: PageDamage): string =>
  text === undefined
    ? ({ zeros: 'a run of zeros', fill: 'one byte repeated' }[pattern as 'zeros' | 'fill'] ?? 'data')
    : `the text "${short(text)}"`;

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());

/** The end of a long text tells more than its beginning. */
const short = (text: string): string =>
  text.length <= 24 ? text : `${text.slice(0, 8)}...${text.slice(-12)}`;
