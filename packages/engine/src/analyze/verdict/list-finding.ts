import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isInAllocator } from './allocator-fault.ts';
import { victimOf } from './block-facts.ts';
import { examinePlace } from './examine-place.ts';
import type { Finding, Ground } from './finding.ts';
import { flippedBit } from './flipped-bit.ts';
import { freedUnderOwner } from './freed-under-owner.ts';
import { driverAt } from './images.ts';
import { isListCheck, type RefusedEntry, refusedEntry } from './list-check.ts';
import { throughFreed } from './list-through-freed.ts';
import { callerOf } from './log-of-block.ts';
import { doer } from './other-fault-finding.ts';
import { type Scene, sureStack } from './scene.ts';
import { type SmallPool, smallPoolAt } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';
import { withSuspects } from './with-suspects.ts';

/** A link of an entry, and what should lead back from where it leads. */
interface BrokenSide {
  /** The link in the entry, and what it says. */
  readonly cell: Va;
  readonly neighbour: Va;
  /** The neighbour's own link. */
  readonly back: Va;
}

/**
 * A check of a linked list stopped the machine. The entry may be in memory that was freed, or was taken out twice; or its
 * neighbour is in memory that belongs to somebody else by now, or that somebody else wrote into.
 */
export function listFinding(scene: Scene): Finding | undefined {
  if (!isListCheck(scene)) return undefined;
  const refused = refusedEntry(scene);
  if (refused === undefined) return undefined;
  const reader = callerOf(scene.system, [scene.fault?.ip ?? 0n, ...sureStack(scene.frames)]);
  const isDrivers = scene.fault !== undefined && driverAt(scene.system, scene.fault.ip) !== undefined;
  const own = isDrivers ? poolAt(scene.system, refused.entry) : undefined;
  const grounds = [refusal(scene, refused)];
  if (own?.block !== undefined && own.block.state !== 'allocated')
    return freedUnderOwner(scene, own, refused.entry, { grounds, reader });
  // The lists of the allocator are its own: what is wrong with them somebody else did.
  if (refused.wasUnlinked) return isInAllocator(scene) ? undefined : takenOutTwice(scene, refused, grounds);
  const sides = sidesOf(scene.system, refused);
  for (const side of sides) {
    const found = oneBitOff(scene, side, refused, grounds) ?? neighbourFinding(scene, side, grounds, reader);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Reader = ReturnType<typeof callerOf>;

function refusal({ system }: Scene, { entry, next, nextLeadsBack, previous }: RefusedEntry): Ground {
  const text = system.shortText;
  const other = nextLeadsBack ? previous : next;
  return {
    rule: 'list-refused',
    claim: `A check of a list refused the entry at ${text(entry)}: its neighbour at ${text(other)} does not lead back to it.`,
    command: `dq ${text(entry)} L2; dq ${text(other)} L2`,
  };
}

function sidesOf({ target }: CrashedSystem, refused: RefusedEntry): BrokenSide[] {
  const size = BigInt(target.pointerSize);
  const { entry, next, previous, nextLeadsBack, previousLeadsBack } = refused;
  return [
    ...(nextLeadsBack ? [] : [{ cell: entry, neighbour: next, back: next + size }]),
    ...(previousLeadsBack ? [] : [{ cell: entry + size, neighbour: previous, back: previous }]),
  ];
}

/** The page of small blocks around an address. */
function poolAt(system: CrashedSystem, va: Va): SmallPool | undefined {
  if (system.symbols.locate(va) !== undefined) return undefined;
  const report = smallPoolAt(system, va);
  return report?.big?.found === undefined ? report : undefined;
}

/** Nothing is wrong with the memory: the entry still has the neighbours that it had when it was taken out. */
function takenOutTwice(
  scene: Scene,
  { entry, next, previous }: RefusedEntry,
  grounds: readonly Ground[],
): Finding {
  const text = scene.system.shortText;
  return {
    kind: 'not-pool',
    summary: `The entry at ${text(entry)} was taken out of its list twice`,
    block: null,
    victims: [],
    damage: null,
    freedAddress: null,
    grounds: [
      ...grounds,
      {
        rule: 'unlinked-before',
        claim: `Its neighbours were at ${text(next)} and ${text(previous)}, and what is left of them is in a list without it: it had been taken out before.`,
        command: `dq ${text(next)} L2; dq ${text(previous)} L2`,
      },
    ],
    suspects: doer(scene),
  };
}

/** One bit of the link, or of the link back, is not what it was. */
function oneBitOff(
  { system }: Scene,
  { cell, neighbour, back }: BrokenSide,
  { entry }: RefusedEntry,
  grounds: readonly Ground[],
): Finding | undefined {
  const difference = (system.target.readPointer(back) ?? 0n) ^ entry;
  const inBack = bitOf(difference);
  const bit = inBack ?? flippedBit(system, cell, neighbour);
  if (bit === undefined) return undefined;
  const at = inBack === undefined ? cell : back;
  const hit = poolAt(system, at)?.block;
  if (hit === undefined) return undefined;
  const claim = `With bit ${bit} of the link at ${system.shortText(at)} turned back the two lead to each other.`;
  return {
    kind: 'single-bit-error',
    summary: `One bit of a link in a block tagged ${hit.tag.trimEnd()} is not what it was`,
    block: null,
    victims: [victimOf(system, hit)],
    damage: { start: system.hex(at + BigInt(bit >> 3)), length: 1, pattern: 'bit', text: null },
    freedAddress: null,
    grounds: [...grounds, { rule: 'one-bit', claim, command: `dq ${system.shortText(at)} L1` }],
    suspects: [],
  };
}

/** The number of the only bit that is set. */
function bitOf(value: bigint): number | undefined {
  const digits = value.toString(2);
  return /^10*$/.test(digits) ? digits.length - 1 : undefined;
}

/** What the block is that the neighbour lies in. */
function neighbourFinding(
  scene: Scene,
  side: BrokenSide,
  grounds: readonly Ground[],
  reader: Reader,
): Finding | undefined {
  const { system, fault } = scene;
  const report = poolAt(system, side.back);
  const { block, page } = report ?? {};
  if (report === undefined || block === undefined || fault?.instruction === undefined) return undefined;
  const owners = driversWithTag(system, block.tag);
  const isOfAnother = reader !== undefined && owners.size > 0 && !owners.has(reader.image);
  const isDrivers = driverAt(system, fault.ip) !== undefined;
  const isGone = isDrivers && page?.verdict === 'whole' && (block.state !== 'allocated' || isOfAnother);
  if (isGone)
    return throughFreed(scene, report, side.neighbour, {
      grounds,
      reader,
      owner: isOfAnother ? [...owners][0] : undefined,
    });
  const value = system.target.readPointer(side.back)!;
  const { instruction } = fault;
  const load = { register: '', value, cell: side.back, size: 8, instruction, frame: 0, holds: true };
  const found = examinePlace(scene, { va: side.back, grounds, load }, side.back);
  return found === undefined ? undefined : withSuspects(scene, found);
}
