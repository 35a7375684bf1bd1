import type { Va } from '../../base/index.ts';
import type { SuspectReason } from './finding.ts';
import { holdersOf } from './holders.ts';
import { moduleAt } from './images.ts';
import type { Scene } from './scene.ts';
import { smallPoolAt } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';

/** A tag that more drivers use leads to nobody. */
const mostOwners = 2;

/** Drivers whose blocks hold the address where a block of others was written to; `tag`: of the block that was hit. */
export function pointerOwners({ system }: Scene, damage: Va, tag: string): SuspectReason[] {
  const own = driversWithTag(system, tag);
  return holdersOf(system, damage).flatMap((at) => {
    if (moduleAt(system, at) !== undefined) return [];
    const block = smallPoolAt(system, at)?.block;
    if (block === undefined || block.state !== 'allocated') return [];
    const owners = [...driversWithTag(system, block.tag)].filter((image) => !own.has(image));
    if (owners.length === 0 || owners.length > mostOwners) return [];
    const because = `allocates blocks tagged ${block.tag.trimEnd()}, and one holds the address that was written to, at ${system.shortText(at)}`;
    return owners.map((module): SuspectReason => ({ module, rule: 'points-there', because }));
  });
}
