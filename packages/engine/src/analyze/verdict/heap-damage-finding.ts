import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import { describePool, type HeapReport, readPage } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import type { VictimFacts } from '../report.ts';
import { classicBlock, lostBlock, poolOfRegion, victimOf } from './block-facts.ts';
import { copiedAt, damageFacts, kinds, summaryOf } from './damage-finding.ts';
import { damageGrounds } from './damage-grounds.ts';
import type { PageDamage } from './damage-span.ts';
import type { Finding } from './finding.ts';
import { type HitBlock, readHeapDamage } from './heap-hit.ts';
import { pagePicture } from './picture.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import { smallPoolOf } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';

/** What the damaged page of a heap at a place says happened there; the damage nearest to the place. */
export function heapDamageFinding(scene: Scene, told: HeapReport, place: Place): Finding | undefined {
  const { system } = scene;
  const report = withChunkHeader(system, told);
  const all = readHeapDamage(system, report, (window) => (at) => copiedAt(scene, window, at));
  const [nearest] = all.sort((a, b) => distance(a.damage, place.va) - distance(b.damage, place.va));
  const small = smallPoolOf(report);
  if (nearest === undefined || small === undefined) return undefined;
  const damage = ofNobody(system, nearest.damage);
  return {
    kind: kinds[damage.shape],
    summary: summaryOf(damage),
    block: blockOf(system, report, damage),
    victims: nearest.victims.map((victim) => victimFacts(system, victim)),
    damage: damageFacts(system, damage),
    freedAddress: null,
    grounds: [...place.grounds, ...damageGrounds(system, damage, small)],
    suspects: [],
    picture: pagePicture(system, small.page, readPage(system.memory, small.page.address), damage),
    ...(damage.text === undefined ? {} : { payload: damage.text }),
  };
}

/**
 * Where nothing but their place says that bytes came out of the block in front, its tag has to be one of a driver's: the kernel's own
 * blocks are seldom written past their end.
 */
function ofNobody(system: CrashedSystem, damage: PageDamage): PageDamage {
  const { shape, block, rules } = damage;
  // The code of drivers, which names tags, is not in a small dump.
  const isBlamed =
    shape === 'overrun' && block !== undefined && block.tag !== '' && system.memory instanceof PagedMemory;
  if (!isBlamed || !rules.includes('looks-alike') || driversWithTag(system, block.tag).size > 0)
    return damage;
  return { ...damage, shape: 'stray', block: undefined };
}

/** From a chunk header to the block that begins the next page. */
const pageStartGap = 0x20n;

/** Damage at the start of a page is in front of a block whose chunk header is on the page before: that page has all of it. */
function withChunkHeader(system: CrashedSystem, report: HeapReport): HeapReport {
  const { page } = report;
  const isAtStart = page.unexplained.some(
    ({ start, reason }) => start === page.address && reason === 'damaged',
  );
  if (!isAtStart || page.range?.kind !== 'vs' || page.address === page.range.start) return report;
  const before = runToEnd(describePool(system, page.address - pageStartGap));
  if (before.kind !== 'segment-heap' || before.page.verdict !== 'damaged') return report;
  const header = before.page.unexplained.find(
    ({ start, end }) => start <= page.address - pageStartGap && end >= page.address,
  );
  return header === undefined ? report : before;
}

const distance = ({ start, length }: PageDamage, va: Va): number =>
  va < start ? Number(start - va) : va >= start + BigInt(length) ? Number(va - start) - length : 0;

const victimFacts = (system: CrashedSystem, { at, size, isFree, block }: HitBlock): VictimFacts =>
  block === undefined
    ? lostBlock(system, at, size, isFree === undefined ? null : isFree ? 'free' : 'allocated')
    : victimOf(system, block);

/** The block that was written out of. */
function blockOf(
  system: CrashedSystem,
  { region, page }: HeapReport,
  { shape, block, victim }: PageDamage,
): Finding['block'] {
  if (block !== undefined) {
    const facts = classicBlock(system, block, region);
    // Whether it was in use when it was written past its end nobody knows.
    return block.state !== 'allocated' ? { ...facts, state: null } : facts;
  }
  if (shape !== 'underrun') return null;
  if (victim.block !== undefined) return classicBlock(system, victim.block, region);
  return {
    ...lostBlock(system, victim.at, victim.size, 'allocated'),
    pool: poolOfRegion(region),
    allocator: page.range?.kind === 'lfh' ? 'lfh' : 'vs',
  };
}
