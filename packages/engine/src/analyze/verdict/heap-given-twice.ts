import type { Va } from '../../base/index.ts';
import type { HeapReport } from '../../pool/index.ts';
import { classicBlock } from './block-facts.ts';
import type { Finding, SuspectReason } from './finding.ts';
import { linkAt } from './heap-links.ts';
import { holdersOf } from './holders.ts';
import { driverAt } from './images.ts';
import { callerOf } from './log-of-block.ts';
import type { Place } from './places.ts';
import type { Scene } from './scene.ts';
import { showModule } from './show.ts';
import { smallPoolOf } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';

/**
 * A block that a list keeps for the next request, while two drivers have it: one allocates blocks with its tag, the other used
 * it just now, both keep its address, and what stands in it is no link. It was on the list twice, and given to both.
 */
export function givenTwiceFinding(
  scene: Scene,
  report: HeapReport,
  place: Place,
  cell: Va,
): Finding | undefined {
  const { system } = scene;
  const { block } = report;
  const seen = smallPoolOf(report)?.block;
  if (block?.state !== 'cached' || block.data === undefined || seen === undefined) return undefined;
  if (linkAt(block, cell) === undefined || place.load === undefined) return undefined;
  const user = callerOf(system, [place.load.instruction.address])?.image;
  const owners = driversWithTag(system, seen.tag);
  const keepers = new Map(keepersOf(scene, block.data));
  const owner = [...owners].find((image) => keepers.has(image));
  if (user === undefined || owners.has(user) || owner === undefined || !keepers.has(user)) return undefined;
  const text = system.shortText;
  const tag = seen.tag.trimEnd();
  return {
    kind: 'double-free',
    summary: `A block tagged ${tag} was freed twice, and given to ${owner} and ${user}`,
    block: { ...classicBlock(system, seen, report.region), state: 'free' },
    victims: [],
    damage: null,
    freedAddress: block.data,
    grounds: [
      ...place.grounds,
      {
        rule: 'of-another',
        claim: `The block there, tagged ${tag}, is kept for the next request (${block.cachedIn ?? 'on a list'}), while ${owner} and ${user} both keep its address, at ${text(keepers.get(owner)!)} and ${text(keepers.get(user)!)}.`,
        command: [
          `!pool ${text(cell)} 2`,
          ...[owner, user].map(
            (image) => `dq ${text(keepers.get(image)!)} L1; ${showModule(scene, keepers.get(image)!)}`,
          ),
        ].join('; '),
      },
    ],
    suspects: [],
  };
}

/** Drivers that keep an address in their images, each with where. */
function keepersOf({ system }: Scene, address: Va): [image: string, at: Va][] {
  return holdersOf(system, address).flatMap((at): [string, Va][] => {
    const image = driverAt(system, at);
    return image === undefined ? [] : [[image, at]];
  });
}

/** Of a freed block whose tag is gone: the one driver that keeps its address. */
export function addressKeepers(scene: Scene, address: Va): SuspectReason[] {
  const keepers = new Map(keepersOf(scene, address));
  const [first] = keepers;
  if (first === undefined || keepers.size > 1) return [];
  const [module, at] = first;
  const because = `keeps the address of the block, which is free, at ${scene.system.shortText(at)}`;
  return [{ module, rule: 'keeps-address', because }];
}
