import type { Va } from '../../base/index.ts';
import { runToEnd } from '../../memory/index.ts';
import { describePool, findTagUsers } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';
import { findCopies } from './copies.ts';
import type { SuspectReason } from './finding.ts';
import type { Scene } from './scene.ts';

const [mostCopies, mostOwners] = [4, 3];

/** Modules that hold the same bytes elsewhere: in their image, or in a block of pool whose tag their code names. */
export function suspectsByCopy({ system, frames }: Scene, damage: Va): SuspectReason[] {
  const copies = findCopies(system, damage, frames).slice(0, mostCopies);
  return copies.flatMap(({ at }) => inImage(system, at) ?? inPool(system, at));
}

function inImage(system: CrashedSystem, at: Va): SuspectReason[] | undefined {
  const place = system.symbols.locate(at)?.module;
  if (place === undefined) return undefined;
  const image = system.modules.find(({ base }) => base === place.base)?.image;
  if (image === undefined || isReporter(place.name)) return [];
  const where = system.symbols.nameOf(at) ?? system.shortText(at);
  return [{ module: image, rule: 'holds-copy', because: `holds the same bytes at ${where}` }];
}

function inPool(system: CrashedSystem, at: Va): SuspectReason[] {
  const report = runToEnd(describePool(system, at));
  const tag = report.kind === 'classic' ? (report.big?.found?.tag ?? report.block?.tag) : undefined;
  if (tag === undefined) return [];
  const users = runToEnd(findTagUsers(system, tag)).map(({ module }) => module);
  const owners = [...new Set(users)].filter((name) => !isReporter(name));
  if (owners.length > mostOwners) return [];
  return owners.map((name) => ({
    module: system.modules.find((each) => each.name === name)?.image ?? name,
    rule: 'owns-copy',
    because: `allocates blocks tagged ${tag.trimEnd()}, and one at ${system.shortText(at)} holds the same bytes`,
  }));
}
