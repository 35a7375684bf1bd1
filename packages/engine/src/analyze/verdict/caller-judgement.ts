import { pageSize, type Va } from '../../base/index.ts';
import {
  decodeHeader,
  decodeType,
  isPrintableTag,
  type PoolBlock,
  type PoolHeader,
  poolFormat,
  poolKind,
  tagText,
} from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { badHeader, type CallerCase, wrongTag } from './caller-table.ts';
import { callerOf } from './log-of-block.ts';
import { type Scene, stackOf } from './scene.ts';
import type { SmallPool } from './small-pool.ts';
import { mergedBlock } from './stale-header.ts';
import { type Stranger, strangerHolding } from './stranger.ts';
import { driversWithTag } from './tag-users.ts';

/** What a request to the pool was, by the bug check and by the memory concerned. */
export interface JudgedCase extends CallerCase {
  /** The block is, or was, in use by another driver since it was freed first. */
  readonly isReused?: true;
  /** Whether the block is still the one that the caller means is not known: of its tag and state nothing is. */
  readonly isInDoubt?: true;
  /** The tag that it was allocated with before. */
  readonly formerTag?: string;
  /** The block as it was before its first free, which merged it with free memory around it. */
  readonly merged?: PoolHeader;
  /** Who freed it first and again, by the address that it keeps; whoever is on the stack only gave its own block back. */
  readonly formerOwner?: Stranger;
}

/**
 * What the memory makes of it. The allocator takes what is in front of an address for a header: inside of a block that may
 * look like a free one, and so may a header that was overwritten.
 */
export function judged(
  scene: Scene,
  told: CallerCase,
  address: Va | undefined,
  report: SmallPool | undefined,
): JudgedCase {
  // Whether the header is damaged alone the blocks around it tell.
  const isHeap = poolKind(scene.system).kind === 'segment-heap';
  if (isHeap && told.kind === 'pool-header-corruption')
    return isInside(address, report) ? inside : doubtful(told);
  if (address === undefined || report === undefined)
    return told === wrongTag || isNoHeader(scene, told, address) ? doubtful(told) : told;
  const { block, big, page } = report;
  const isFree = told.kind === 'double-free' || told.kind === 'invalid-free';
  if (isFree && big?.found !== undefined && big.found.address !== address) return inside;
  if (told === wrongTag) return wrongTagCase(scene, report);
  const unit = BigInt(2 * scene.system.target.pointerSize);
  const isStart = block !== undefined && address === block.address + unit;
  if (told === badHeader && page.verdict === 'whole' && block?.state === 'allocated' && !isStart)
    return inside;
  if (told.kind !== 'double-free') return told;
  if (page.verdict === 'damaged') return doubtful(told);
  if (block === undefined) return isNoHeader(scene, told, address) ? doubtful(told) : told;
  if (isStart) return freedByStranger(scene.system, told, address, block);
  const merged = block.state === 'allocated' ? undefined : mergedBlock(scene.system, address);
  return merged === undefined ? inside : { ...told, merged };
}

/** What looks like a header in front of it is none: it is in the memory of a block in use, on a page without damage. */
function isInside(address: Va | undefined, report: SmallPool | undefined): boolean {
  const { block, page } = report ?? {};
  if (address === undefined || block?.state !== 'allocated' || page?.verdict !== 'whole') return false;
  // The memory of some blocks begins on a cache line, behind a second header.
  const canBegin = address === block.address + heapUnit || (address & 0x3fn) === 0n;
  return !canBegin && address > block.address;
}

/** Of headers on the segment heap. */
const heapUnit = 0x10n;

/** Is what the allocator took for the header of a free block none, as far as it is there? */
function isNoHeader({ system }: Scene, { kind }: CallerCase, address: Va | undefined): boolean {
  if (kind !== 'double-free' || address === undefined || poolKind(system).kind === 'segment-heap')
    return false;
  const format = poolFormat(system);
  const bytes = system.target.readBytes(address - BigInt(format.unit), format.unit);
  if (bytes === undefined) return false;
  const { size, previousSize, type, tag } = decodeHeader(bytes, 0, format);
  const at = Number((address - BigInt(format.unit)) & 0xfffn);
  const fits = size > 0 && at + size <= pageSize && previousSize <= at && (previousSize > 0 || at === 0);
  return !fits || !decodeType(type, format.encoding).isValid || !isPrintableTag(tag & 0x7fff_ffff);
}

const doubtful = (told: CallerCase): JudgedCase => ({ ...told, mayBeDamage: true });

export const inside: CallerCase = {
  kind: 'invalid-free',
  says: '% was freed, which is inside of a block and not its start',
};

/**
 * A driver has tags of its own for each kind of its blocks, and may mix them up. A block with the tag of another driver is in
 * use by that one: who frees it has done so before. Where nobody is known to use the tag, it may be either.
 */
function wrongTagCase({ system, frames }: Scene, { block, page }: SmallPool): JudgedCase {
  const freer = callerOf(system, stackOf(frames).ips);
  if (page.verdict === 'damaged' || block?.state !== 'allocated') return doubtful(wrongTag);
  if (freer === undefined) return { ...doubtful(wrongTag), isInDoubt: true };
  const owners = driversWithTag(system, block.tag);
  if (owners.size === 0) return { ...doubtful(wrongTag), isInDoubt: true };
  if (owners.has(freer.image)) return wrongTag;
  const says = `% was freed by ${freer.image}, but it belongs to ${[...owners][0]} by now`;
  const tag = passedTag(system);
  const formerTag = tag === undefined ? {} : { formerTag: tagText(tag) };
  return {
    kind: 'double-free',
    says,
    isReused: true,
    command: `k; !tagusers ${block.tag.trimEnd()}`,
    ...formerTag,
  };
}

/** The tag that a free which was refused for it was called with: parameter 4 of 0xC2 with 0xA. */
export function passedTag({ target }: CrashedSystem): number | undefined {
  const tag = Number((target.dump.header.bugCheckParameters[3] ?? 0n) & 0x7fff_ffffn);
  return isPrintableTag(tag) ? tag : undefined;
}

/** The owner gives back a block that is free already: a driver that had it before, and keeps its address, may have freed it. */
export function freedByStranger(
  system: CrashedSystem,
  told: CallerCase,
  address: Va,
  { state, tag }: Pick<PoolBlock, 'state' | 'tag'>,
): JudgedCase {
  const formerOwner = state === 'allocated' ? undefined : strangerHolding(system, address, tag);
  if (formerOwner === undefined) return told;
  const says = `the block at % was freed while it was free: ${formerOwner.image}, which had it before, keeps its address`;
  const command = `dq ${system.shortText(formerOwner.at)} L1; lm a ${system.shortText(formerOwner.at)}`;
  return { ...told, says, command, isReused: true, formerOwner };
}
