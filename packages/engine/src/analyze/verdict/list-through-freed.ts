import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { classicBlock, victimOf } from './block-facts.ts';
import type { Finding, Ground, SuspectReason } from './finding.ts';
import type { callerOf } from './log-of-block.ts';
import type { Scene } from './scene.ts';
import type { SmallPool } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';

type Reader = NonNullable<ReturnType<typeof callerOf>>;

interface Circumstances {
  readonly grounds: readonly Ground[];
  /** Whose code the check is in. */
  readonly reader: Reader | undefined;
  /** Who has the block now, if that is somebody else. */
  readonly owner: string | undefined;
}

/** A list leads through a block that its driver has freed; the links that were written there since are damage. */
export function throughFreed(
  { system }: Scene,
  { block, region }: SmallPool,
  neighbour: Va,
  { grounds, reader, owner }: Circumstances,
): Finding {
  const hit = block!;
  const tag = hit.tag.trimEnd();
  const isInUse = hit.state === 'allocated';
  const isReused = isInUse || owner !== undefined;
  // Where no code tells whose the tag is, the block may have had another owner since.
  const isOwn = reader !== undefined && driversWithTag(system, hit.tag).has(reader.image);
  const facts = classicBlock(system, hit, region);
  const state = isInUse
    ? `belongs to ${owner ?? 'another driver'} by now, tagged ${tag}`
    : `is free, tagged ${tag}`;
  const text = system.shortText;
  return {
    kind: 'use-after-free',
    summary: `A list leads through a block that was freed${isInUse ? ` and ${state}` : ''}`,
    block: isReused || !isOwn ? { ...facts, tag: null, state: 'free' } : facts,
    victims: isReused ? [victimOf(system, hit)] : [],
    damage: isReused ? linksAt(system, neighbour) : null,
    freedAddress: null,
    grounds: [
      ...grounds,
      {
        rule: isInUse ? 'of-another' : 'through-free-block',
        claim: `The neighbour is in the block at ${text(hit.address)}, which ${state}.`,
        command: `!pool ${text(neighbour)} 2${isInUse ? `; !tagusers ${tag}` : ''}`,
      },
    ],
    suspects: reader === undefined ? [] : [usedFreed(reader)],
  };
}

const usedFreed = ({ image, name }: Reader): SuspectReason => ({
  module: image,
  rule: 'used-freed',
  because: `has an entry of its list in memory that is not its own, at ${name}`,
});

/** The links of the list that stand in a block of somebody else: those that lead to an entry which leads back. */
function linksAt({ target, hex }: CrashedSystem, entry: Va): Finding['damage'] {
  const size = BigInt(target.pointerSize);
  const [next, previous] = [target.readPointer(entry), target.readPointer(entry + size)];
  const isNext = next !== undefined && target.readPointer(next + size) === entry;
  const isPrevious = previous !== undefined && target.readPointer(previous) === entry;
  if (!isNext && !isPrevious) return null;
  const start = isNext ? entry : entry + size;
  return {
    start: hex(start),
    length: Number(size) * (isNext && isPrevious ? 2 : 1),
    pattern: 'pointers',
    text: null,
  };
}
