import type { Va } from '../../base/index.ts';
import { readText, runToEnd } from '../../memory/index.ts';
import {
  describePool,
  isPrintableTag,
  type PoolBlock,
  type PoolPageReport,
  type PoolReport,
  type SpecialBlock,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, specialBlock, victimOf } from './block-facts.ts';
import { badHeader, type CallerCase, callerCase, wrongTag } from './caller-table.ts';
import { damageOf } from './damage-facts.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { callerOf, logGrounds, logOfBlock, namedInLog } from './log-of-block.ts';
import { payloadAt } from './payload.ts';
import { parameterWith, type Scene, stackOf } from './scene.ts';
import { driversWithTag } from './tag-users.ts';

/** A request to the pool that is wrong in itself, which the allocator or the verifier refused: the caller is on the stack. */
export function callerFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [subcode] = system.target.dump.header.bugCheckParameters;
  const told = callerCase(system.bugCheck.baseCode, subcode);
  if (told === undefined) return undefined;
  const address = parameterWith(scene, 'pool-address') ?? bodyOf(scene);
  const report = address === undefined ? undefined : runToEnd(describePool(system, address));
  const found = judged(scene, told, address, report);
  const says = found.says.replace('%', address === undefined ? 'an address' : system.shortText(address));
  const isFree = found.kind === 'double-free' || found.kind === 'invalid-free';
  return {
    kind: found.kind,
    summary: sentence(says),
    block: report === undefined ? null : blockOf(system, report, found),
    victims:
      found.isReused === true && report?.kind === 'classic' && report.block !== undefined
        ? [victimOf(system, report.block)]
        : [],
    damage: report?.kind === 'classic' ? trackedDamage(scene, found, report) : null,
    freedAddress: isFree ? (address ?? null) : null,
    grounds: [
      {
        rule: found.mayBeDamage ? 'bug-check-names' : 'bug-check-proves',
        claim: `The request was refused: ${says}.`,
        command: '.bugcheck',
      },
      ...stateGrounds(system, found, address, report),
      ...(address === undefined ? [] : logGrounds(system, address, logOfBlock(system, address))),
    ],
    suspects: suspects(scene, found, address),
  };
}

/**
 * What the memory makes of it. The allocator takes what is in front of an address for a header: inside of a block that may
 * look like a free one, and so may a header that was overwritten.
 */
function judged(
  scene: Scene,
  told: CallerCase,
  address: Va | undefined,
  report: PoolReport | undefined,
): CallerCase {
  if (address === undefined || report?.kind !== 'classic') return told;
  const { block, big, page } = report;
  const isFree = told.kind === 'double-free' || told.kind === 'invalid-free';
  if (isFree && big?.found !== undefined && big.found.address !== address) return inside;
  if (
    told === wrongTag &&
    (page.verdict === 'damaged' || (block !== undefined && !isPrintableTag(block.tagValue)))
  )
    return { ...told, mayBeDamage: true };
  if (told === wrongTag) return ownerOfAnother(scene, block) ?? told;
  const unit = BigInt(2 * scene.system.target.pointerSize);
  const isStart = block !== undefined && address === block.address + unit;
  if (told === badHeader && page.verdict === 'whole' && block?.state === 'allocated' && !isStart)
    return inside;
  if (told.kind !== 'double-free') return told;
  if (page.verdict === 'damaged') return { ...told, mayBeDamage: true };
  return block !== undefined && !isStart ? inside : told;
}

/** A block with a foreign tag is in use by another driver: the one that frees it has done so before. */
function ownerOfAnother({ system, frames }: Scene, block: PoolBlock | undefined): CallerCase | undefined {
  const freer = callerOf(system, stackOf(frames).ips);
  if (block?.state !== 'allocated' || freer === undefined) return undefined;
  const owners = driversWithTag(system, block.tag);
  if (owners.size === 0 || owners.has(freer.image)) return undefined;
  const says = `% was freed by ${freer.image}, but it belongs to ${[...owners][0]} by now`;
  return { kind: 'double-free', says, isReused: true };
}

const inside: CallerCase = {
  kind: 'invalid-free',
  says: '% was freed, which is inside of a block and not its start',
};

/** Addresses stay as they are. */
const sentence = (text: string): string =>
  /^[0-9a-f]{8,} /.test(text) ? text : text.replace(/^./, (first) => first.toUpperCase());

/** Where the bug check names the header only: what the caller had got. */
function bodyOf(scene: Scene): Va | undefined {
  const header = parameterWith(scene, 'pool-header');
  return header === undefined ? undefined : header + BigInt(2 * scene.system.target.pointerSize);
}

function blockOf(system: CrashedSystem, report: PoolReport, { isReused }: CallerCase): Finding['block'] {
  if (report.kind === 'special') return special(system, report.special.block);
  if (report.kind !== 'classic') return null;
  if (report.big?.found !== undefined) {
    const { address, size, tag } = report.big.found;
    return {
      address: system.hex(address),
      size: Number(size),
      tag,
      pool: null,
      allocator: 'big',
      state: 'allocated',
    };
  }
  if (report.block === undefined) return null;
  const facts = classicBlock(system, report.block, report.region);
  // What was freed first is gone: its tag with it.
  return isReused === true ? { ...facts, tag: null, state: 'free' } : facts;
}

const special = (system: CrashedSystem, block: SpecialBlock | undefined): Finding['block'] =>
  block === undefined ? null : specialBlock(system, block);

const driverVerifier = 0xc4;

/** The verifier knows how many bytes a block had: what is behind them was written. */
function trackedDamage(
  { system }: Scene,
  { kind }: CallerCase,
  { block }: PoolPageReport,
): Finding['damage'] {
  const [, base, , charged] = system.target.dump.header.bugCheckParameters;
  if (kind !== 'pool-overrun' || system.bugCheck.baseCode !== driverVerifier || block === undefined)
    return null;
  const end = block.address + BigInt(block.size);
  const start = base + charged;
  if (start <= block.address || start >= end) return null;
  const bytes = system.target.readBytes(start, Number(end - start));
  const payload = bytes === undefined ? undefined : payloadAt(bytes, 0);
  return damageOf(system, start, payload, { at: 0, length: Number(end - start) });
}

/** The memory itself says the same. */
function stateGrounds(
  system: CrashedSystem,
  { kind }: CallerCase,
  address: Va | undefined,
  report: PoolReport | undefined,
): Ground[] {
  if (kind !== 'double-free' || address === undefined || report?.kind !== 'classic') return [];
  const { block } = report;
  if (block === undefined || block.state === 'allocated') return [];
  const claim = `Its header at ${system.shortText(block.address)} says that the block is free.`;
  return [{ rule: 'header-free', claim, command: `!pool ${system.shortText(address)} 2` }];
}

const longestName = 64;

/** The driver that the bug check itself names. */
function namedDriver(scene: Scene): SuspectReason[] {
  const { system } = scene;
  const at = parameterWith(scene, 'driver-name');
  const name = at === undefined ? '' : readText(system.memory, at, 2, longestName).text.toLowerCase();
  const known = [
    ...system.modules.map(({ image }) => image),
    ...system.unloadedModules.map((each) => each.name),
  ];
  const module = known.find((image) => image.toLowerCase() === name);
  return module === undefined ? [] : [{ module, rule: 'named', because: 'is named by the bug check' }];
}

const didWhat: Partial<Record<CallerCase['kind'], string>> = {
  'double-free': 'freed it the second time',
  'invalid-free': 'freed it',
  'pool-overrun': 'freed it',
};

function suspects(scene: Scene, { kind }: CallerCase, address: Va | undefined): SuspectReason[] {
  const { system, frames } = scene;
  const { ips, isSure } = stackOf(frames);
  const now = callerOf(system, ips);
  const reasons: SuspectReason[] = namedDriver(scene);
  if (now !== undefined)
    reasons.push({
      module: now.image,
      rule: isSure ? 'freed-it' : 'maybe-freed-it',
      because: `${didWhat[kind] ?? 'made the request'}, at ${now.name}`,
    });
  return [...reasons, ...(address === undefined ? [] : namedInLog(system, address))];
}
