import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { findCopies } from './copies.ts';
import type { SuspectReason } from './finding.ts';
import { moduleAt } from './images.ts';
import type { Scene } from './scene.ts';
import { smallPoolAt } from './small-pool.ts';
import { driversWithTag } from './tag-users.ts';

const [mostCopies, mostOwners] = [4, 3];

/** Modules that hold the same bytes elsewhere: in their image, or in a block of pool whose tag their code names. */
export function suspectsByCopy(scene: Scene, damage: Va): SuspectReason[] {
  const { system } = scene;
  const copies = findCopies(scene, damage).slice(0, mostCopies);
  return copies.flatMap(({ at }) => inImage(system, at) ?? inPool(system, at));
}

function inImage(system: CrashedSystem, at: Va): SuspectReason[] | undefined {
  const place = moduleAt(system, at);
  if (place === undefined) return undefined;
  if (place.image === undefined || place.reports) return [];
  const where = system.symbols.nameOf(at) ?? system.shortText(at);
  return [{ module: place.image, rule: 'holds-copy', because: `holds the same bytes at ${where}` }];
}

function inPool(system: CrashedSystem, at: Va): SuspectReason[] {
  const found = smallPoolAt(system, at);
  const tag = found?.big?.found?.tag ?? found?.block?.tag;
  const owners = tag === undefined || tag === '' ? [] : [...driversWithTag(system, tag)];
  if (tag === undefined || owners.length > mostOwners) return [];
  const because = `allocates blocks tagged ${tag.trimEnd()}, and one at ${system.shortText(at)} holds the same bytes`;
  return owners.map((module) => ({ module, rule: 'owns-copy', because }));
}
