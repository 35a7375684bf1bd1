import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import {
  describePool,
  isPlaced,
  type PoolReport,
  poolKind,
  type SpecialBlock,
  tagText,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, specialBlock, victimOf } from './block-facts.ts';
import { type JudgedCase, judged } from './caller-judgement.ts';
import { callerSuspects } from './caller-suspects.ts';
import { badPoolCallerCode, type CallerCase, callerCase, unallocated, wrongTag } from './caller-table.ts';
import { damageOf } from './damage-facts.ts';
import type { Finding, Ground } from './finding.ts';
import { logGrounds, logOfBlock } from './log-of-block.ts';
import { payloadAt } from './payload.ts';
import { isOfSession, provenHeaps } from './proven-heaps.ts';
import { parameterWith, type Scene } from './scene.ts';
import { type SmallPool, smallPoolOf } from './small-pool.ts';
import { withSuspects } from './with-suspects.ts';
import { overwrittenTag } from './wrong-tag-finding.ts';

/** A request to the pool that is wrong in itself, which the allocator or the verifier refused: the caller is on the stack. */
export function callerFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [subcode] = system.target.dump.header.bugCheckParameters;
  const told = callerCase(system.bugCheck.baseCode, subcode);
  if (told === undefined) return undefined;
  const address = parameterWith(scene, 'pool-address') ?? bodyOf(scene);
  const report = address === undefined ? undefined : runToEnd(describePool(system, address));
  const small = smallPoolOf(report);
  if (told === wrongTag && small !== undefined) {
    const overwritten = overwrittenTag(system, small, [named(system, address)]);
    if (overwritten !== undefined) return withSuspects(scene, overwritten);
  }
  if (isByHeaderAlone(system, told) && small === undefined) return strangersFreed(scene, address, report);
  const found = judged(scene, told, address, small);
  const says = found.says.replace('%', address === undefined ? 'an address' : system.shortText(address));
  const isHit = found.kind === 'pool-header-corruption';
  const block = small?.block;
  const isFree = found.kind === 'double-free' || found.kind === 'invalid-free';
  return {
    kind: found.kind,
    summary: sentence(says),
    block: report === undefined || isHit ? null : blockOf(system, report, found, address),
    victims: (found.isReused === true || isHit) && block !== undefined ? [victimOf(system, block)] : [],
    damage: small === undefined ? null : trackedDamage(scene, found, small),
    freedAddress: isFree ? (address ?? null) : null,
    grounds: [
      {
        rule: found.mayBeDamage ? 'bug-check-names' : 'bug-check-proves',
        claim: `The request was refused: ${says}.`,
        command: ['.bugcheck', ...(found.command === undefined ? [] : [found.command])].join('; '),
      },
      ...stateGrounds(system, found, address, small),
      ...(address === undefined ? [] : logGrounds(system, address, logOfBlock(system, address))),
    ],
    suspects: callerSuspects(scene, found, address),
  };
}

const named = (system: CrashedSystem, address: Va | undefined): Ground => ({
  rule: 'bug-check-names',
  claim: `The bug check names ${address === undefined ? 'a block' : system.shortText(address)}.`,
  command: '.bugcheck',
});

/**
 * Without classic pool that a header is not of a block in use tells nothing by itself: frees leave that as it is, and what is
 * no block has any bits there.
 */
const isByHeaderAlone = (system: CrashedSystem, { kind }: CallerCase): boolean =>
  kind === 'double-free' &&
  system.bugCheck.baseCode === badPoolCallerCode &&
  poolKind(system).kind === 'segment-heap';

/** An address that is in no heap, where all of them are known. */
function strangersFreed(
  scene: Scene,
  address: Va | undefined,
  report: PoolReport | undefined,
): Finding | undefined {
  const { system } = scene;
  const isNone = report?.kind === 'segment-heap' && report.page.range === undefined;
  if (address === undefined || !isNone || !knowsHeaps(system) || isOfSession(system, address))
    return undefined;
  const text = system.shortText(address);
  return {
    kind: unallocated.kind,
    summary: `${text} was freed, which no allocation returned`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: address,
    grounds: [
      {
        rule: 'bug-check-proves',
        claim: `The request was refused, and ${text} is in no heap of the pool.`,
        command: `!pool ${text}`,
      },
    ],
    suspects: callerSuspects(scene, unallocated, address),
  };
}

/** Are all heaps there, and can they be read? */
function knowsHeaps(system: CrashedSystem): boolean {
  const heaps = provenHeaps(system);
  if (typeof heaps === 'string' || !(system.memory instanceof PagedMemory)) return false;
  const { keys, state } = heaps;
  return (
    isPlaced(state) &&
    isPlaced(keys.heapKey) &&
    heaps.heaps.length > 0 &&
    heaps.heaps.every(({ signature }) => signature === 'right')
  );
}

/** Addresses stay as they are. */
const sentence = (text: string): string =>
  /^[0-9a-f]{8,} /.test(text) ? text : text.replace(/^./, (first) => first.toUpperCase());

/** Where the bug check names the header only: what the caller had got. */
function bodyOf(scene: Scene): Va | undefined {
  const header = parameterWith(scene, 'pool-header');
  return header === undefined ? undefined : header + BigInt(2 * scene.system.target.pointerSize);
}

function blockOf(
  system: CrashedSystem,
  report: PoolReport,
  { isReused, isInDoubt, formerTag, merged }: JudgedCase,
  freed: Va | undefined,
): Finding['block'] {
  if (report.kind === 'special') return special(system, report.special.block);
  const small = smallPoolOf(report);
  if (small === undefined) return null;
  if (small.big?.found !== undefined) {
    const { address, size, tag } = small.big.found;
    return {
      address: system.hex(address),
      size: Number(size),
      tag,
      pool: null,
      allocator: small.block?.heapPart ?? 'big',
      state: 'allocated',
    };
  }
  if (small.block === undefined) return null;
  const facts = classicBlock(system, small.block, small.region);
  if (merged !== undefined && freed !== undefined) {
    const header = system.hex(freed - BigInt(2 * system.target.pointerSize));
    return { ...facts, address: header, size: merged.size, tag: tagText(merged.tag), state: 'free' };
  }
  if (isInDoubt === true) return { ...facts, tag: null, state: null };
  // What was freed first is gone: its tag with it, unless the call names it.
  return isReused === true ? { ...facts, tag: formerTag ?? null, state: 'free' } : facts;
}

const special = (system: CrashedSystem, block: SpecialBlock | undefined): Finding['block'] =>
  block === undefined ? null : specialBlock(system, block);

const driverVerifier = 0xc4;

/** The verifier knows how many bytes a block had: what is behind them was written. */
function trackedDamage({ system }: Scene, { kind }: JudgedCase, { block }: SmallPool): Finding['damage'] {
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
  { kind, mayBeDamage }: JudgedCase,
  address: Va | undefined,
  small: SmallPool | undefined,
): Ground[] {
  if (address === undefined) return [];
  if (mayBeDamage === true && small?.page.verdict === 'damaged') return [inDoubt(system, small)];
  if (kind !== 'double-free' || mayBeDamage === true) return [];
  const block = small?.block;
  if (block === undefined || block.state === 'allocated') return [];
  const claim = `Its header at ${system.shortText(block.address)} says that the block is free.`;
  return [{ rule: 'header-free', claim, command: `!pool ${system.shortText(address)} 2` }];
}

const inDoubt = ({ shortText: text }: CrashedSystem, { page }: SmallPool): Ground => ({
  rule: 'header-in-doubt',
  claim: `The page at ${text(page.address)} is damaged: what the allocator took for the block's header may not be what it was.`,
  command: `!poolval ${text(page.address)}`,
});
