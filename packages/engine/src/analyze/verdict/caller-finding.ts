import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { describePool, type PoolReport, type SpecialBlock } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, specialBlock } from './block-facts.ts';
import { type CallerCase, callerCase } from './caller-table.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { callerOf, logGrounds, logOfBlock } from './log-of-block.ts';
import { parameterWith, type Scene } from './scene.ts';

/** A request to the pool that is wrong in itself, which the allocator or the verifier refused: the caller is on the stack. */
export function callerFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [subcode] = system.target.dump.header.bugCheckParameters;
  const told = callerCase(system.bugCheck.baseCode, subcode);
  if (told === undefined) return undefined;
  const address = parameterWith(scene, 'pool-address') ?? bodyOf(scene);
  const report = address === undefined ? undefined : runToEnd(describePool(system, address));
  const kind = isInside(system, told, address, report) ? 'invalid-free' : told.kind;
  const found =
    kind === told.kind
      ? told
      : { ...told, kind, says: '% was freed, which is inside of a block and not its start' };
  const says = found.says.replace('%', address === undefined ? 'an address' : system.shortText(address));
  const isFree = found.kind === 'double-free' || found.kind === 'invalid-free';
  return {
    kind: found.kind,
    summary: sentence(says),
    block: report === undefined ? null : blockOf(system, report),
    victims: [],
    damage: null,
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

/** The allocator takes what is in front of an address for a header: inside of a block that looks like a free one. */
function isInside(
  { target }: CrashedSystem,
  { kind }: CallerCase,
  address: Va | undefined,
  report: PoolReport | undefined,
): boolean {
  if (kind !== 'double-free' || address === undefined || report?.kind !== 'classic') return false;
  const start =
    report.block === undefined ? undefined : report.block.address + BigInt(2 * target.pointerSize);
  return start !== undefined && address !== start && report.page.verdict !== 'damaged';
}

/** Addresses stay as they are. */
const sentence = (text: string): string =>
  /^[0-9a-f]{8,} /.test(text) ? text : text.replace(/^./, (first) => first.toUpperCase());

/** Where the bug check names the header only: what the caller had got. */
function bodyOf(scene: Scene): Va | undefined {
  const header = parameterWith(scene, 'pool-header');
  return header === undefined ? undefined : header + BigInt(2 * scene.system.target.pointerSize);
}

function blockOf(system: CrashedSystem, report: PoolReport): Finding['block'] {
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
  return report.block === undefined ? null : classicBlock(system, report.block, report.region);
}

const special = (system: CrashedSystem, block: SpecialBlock | undefined): Finding['block'] =>
  block === undefined ? null : specialBlock(system, block);

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

const didWhat: Partial<Record<CallerCase['kind'], string>> = {
  'double-free': 'freed it the second time',
  'invalid-free': 'freed it',
  'pool-overrun': 'freed it',
};

function suspects({ system, frames }: Scene, { kind }: CallerCase, address: Va | undefined): SuspectReason[] {
  const stack = frames.filter(({ trust }) => trust !== 'scan').map(({ ip }) => ip);
  const now = callerOf(system, stack);
  const reasons: SuspectReason[] = [];
  if (now !== undefined)
    reasons.push({
      module: now.image,
      rule: 'freed-it',
      because: `${didWhat[kind] ?? 'made the request'}, at ${now.name}`,
    });
  const [newest] = address === undefined ? [] : logOfBlock(system, address);
  const before = newest === undefined ? undefined : callerOf(system, newest.stack);
  if (before !== undefined)
    reasons.push({
      module: before.image,
      rule: 'freed-first',
      because: `is in the verifier's log with this block, at ${before.name}`,
    });
  return reasons;
}
