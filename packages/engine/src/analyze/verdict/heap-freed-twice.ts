import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { PagedMemory } from '../../mmu/index.ts';
import {
  blockOffset,
  describePool,
  type HeapBlock,
  type HeapReport,
  heapCorruption,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import { freedByStranger, inside, type JudgedCase } from './caller-judgement.ts';
import { callerSuspects } from './caller-suspects.ts';
import { doubleFree } from './caller-table.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import { type FormerBlock, formerBlock } from './heap-former-block.ts';
import { factsOf } from './heap-freed-finding.ts';
import { addressKeepers } from './heap-given-twice.ts';
import { driverAt } from './images.ts';
import { logGrounds, logOfBlock } from './log-of-block.ts';
import type { Scene } from './scene.ts';
import { seenBlock } from './small-pool.ts';
import { keptGround } from './stranger-reasons.ts';
import { suspectsByTag } from './suspects-by-tag.ts';
import { driversWithTag } from './tag-users.ts';

/** HEAP_FAILURE_TYPE: block_not_busy, lfh_bitmap_mismatch, segment_lfh_double_free. */
const notBusy: ReadonlySet<bigint> = new Set([0x8n, 0xfn, 0x11n]);

const headerBytes = 0x10n;

/** A heap refused a free because the block was not in use: by the chunk or the slot that the bug check names. */
export function heapFreedTwiceFinding(scene: Scene): Finding | undefined {
  const { system } = scene;
  const [code, , at] = system.target.dump.header.bugCheckParameters;
  if (system.bugCheck.baseCode !== heapCorruption || !notBusy.has(code)) return undefined;
  const report = runToEnd(describePool(system, at));
  if (report.kind !== 'segment-heap') return undefined;
  const freed = freedBlock(system, report, at);
  return freed === undefined ? undefined : findingOf(scene, report, freed);
}

/** What a free was called with. */
interface Freed {
  readonly data: Va;
  /** That the heap has there. */
  readonly block: HeapBlock;
  /** As it was while it was in use; undefined: no block began there. */
  readonly former: FormerBlock | undefined;
}

/** Undefined: the heap's own structures say that the block is in use, or are damaged. */
function freedBlock(system: CrashedSystem, { page, block }: HeapReport, at: Va): Freed | undefined {
  if (block === undefined || page.range === undefined) return undefined;
  if (block.allocator === 'lfh') {
    const isFree = block.state === 'free' && page.problems.every(({ rule }) => !rule.startsWith('lfh-'));
    if (!isFree) return undefined;
    const isStart = at === block.address || at === block.address + headerBytes;
    const data = at === block.address ? at + headerBytes : at;
    return { data, block, former: isStart ? block : undefined };
  }
  if (block.allocator !== 'vs') return undefined;
  const isHit = page.unexplained.some(
    ({ start, end, reason }) => reason === 'damaged' && at >= start && at < end,
  );
  if (isHit) return undefined;
  const offset = Number(at & 0xfffn);
  const header = at + BigInt(blockOffset(offset) - offset);
  const data = header + headerBytes;
  if (block.state === 'allocated') return { data, block, former: undefined };
  const former = formerBlock(system, page, block, data);
  const known = former?.address === header ? former : { address: header, size: undefined, tag: undefined };
  return { data, block, former: known };
}

function findingOf(scene: Scene, report: HeapReport, { data, block, former }: Freed): Finding {
  const { system } = scene;
  const seen = seenBlock(block, report.page.range!.heap);
  const judged: JudgedCase =
    former === undefined
      ? inside
      : freedByStranger(system, doubleFree, data, { state: seen.state, tag: former.tag ?? '' });
  const says = judged.says.replace('%', system.shortText(data));
  const facts = classicBlock(system, seen, report.region);
  const isReused = judged.isReused === true;
  const was = former === undefined ? facts : { ...facts, ...factsOf(system, former) };
  return {
    kind: judged.kind,
    summary: says.replace(/^the/, 'The'),
    // Who had it last is not who freed it twice; a small dump does not tell whether that is another one.
    block: isReused || !(system.memory instanceof PagedMemory) ? { ...was, tag: null } : was,
    victims: isReused ? [victimOf(system, seen)] : [],
    damage: null,
    freedAddress: data,
    grounds: [
      {
        rule: 'bug-check-proves',
        claim: `The heap refused the free: ${says}.`,
        command: `.bugcheck; !pool ${system.shortText(data)} 2`,
      },
      ...(former === undefined ? [] : [stateGround(system, block, data)]),
      ...keptGround(scene, judged.formerOwner),
      ...logGrounds(system, data, logOfBlock(system, data)),
    ],
    suspects: suspectsOf(scene, judged, data, former?.tag),
  };
}

/**
 * Small blocks are freed together later: who freed one of them is not on the stack where another driver than the one there
 * allocates blocks with its tag, or where the tag is gone and no frame has its address.
 */
function suspectsOf(scene: Scene, judged: JudgedCase, data: Va, tag: string | undefined): SuspectReason[] {
  const callers = callerSuspects(scene, judged, data);
  if (judged.isReused === true) return callers;
  if (tag === undefined)
    return isHeldByCaller(scene, data) ? callers : [...callers.map(unsure), ...addressKeepers(scene, data)];
  const owners = driversWithTag(scene.system, tag);
  if (owners.size === 0) return callers;
  const known = callers.map((reason) => (owners.has(reason.module) ? reason : unsure(reason)));
  return [...known, ...suspectsByTag(scene, tag)];
}

const unsure = (reason: SuspectReason): SuspectReason =>
  reason.rule === 'freed-it'
    ? {
        ...reason,
        rule: 'on-stack',
        because: reason.because.replace(/^freed it the second time/, 'made the heap free what was waiting'),
      }
    : reason;

/** Is the address that a free was called with on the stack, from the heap's functions to the driver, or in registers there? */
function isHeldByCaller({ system, frames }: Scene, data: Va): boolean {
  const first = frames[0];
  const caller = frames.findIndex(({ ip }) => driverAt(system, ip) !== undefined);
  if (first === undefined || caller < 0) return true;
  const end = frames[caller]!.sp;
  for (let at = first.sp, count = 0; at < end && count < mostWords; at += 8n, count++)
    if (system.target.readPointer(at) === data) return true;
  return [...frames[caller]!.registers.entries()].some(([, value]) => value === data);
}

/** Of a stack between a driver and the bug check. */
const mostWords = 0x400;

function stateGround({ shortText: text }: CrashedSystem, block: HeapBlock, data: Va): Ground {
  const where = text(block.address);
  const claim =
    block.allocator === 'lfh'
      ? `The bitmap of its subsegment has slot ${block.slot} at ${where} as free.`
      : `The memory of ${text(data)} is in the chunk at ${where}, which is ${block.state === 'cached' ? 'kept for the next request' : 'free'}.`;
  return { rule: 'header-free', claim, command: `!pool ${text(data)} 2` };
}
