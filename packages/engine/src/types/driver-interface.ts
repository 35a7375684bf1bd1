import type { Machine } from '../cpu/index.ts';
import {
  driverInterface,
  privateMembers,
  type ProfileStructure,
  profiles,
  Series,
  x86Objects,
} from '../layouts/index.ts';
import type { FoundStructure } from './structure-type.ts';

const x86 = new Series(x86Objects);

/**
 * A structure that drivers share with the kernel, where no profile has it: the public headers fix these layouts for
 * every build. For x86 structures of the object manager too, as far as they are the same in all builds at hand.
 */
export function driverInterfaceStructure(
  machine: Machine,
  build: number,
  name: string,
): FoundStructure | undefined {
  const found = machine === 'x86' ? x86.structure(name, build) : wideStructure(build, name);
  if (found === undefined) return undefined;
  const isPublic = driverInterface.includes(name);
  const source = isPublic
    ? 'driver interface of Windows, the same in every build'
    : 'layouts of 32-bit Windows, the same from 7 to 10';
  return { ...found, trust: isPublic || build <= newestX86 ? 'around' : 'guess', source };
}

const newestX86 = Number(x86Objects.builds.at(-1));

/** The headers give x64 and arm64 the same layouts; only what they show is taken. */
function wideStructure(build: number, name: string): ProfileStructure | undefined {
  if (!driverInterface.includes(name)) return undefined;
  const known = profiles.filter((profile) => profile.machine === 'x64' && profile.isComplete);
  const profile = known.findLast((each) => each.build <= build) ?? known[0];
  const structure = profile?.structure(name);
  const hidden = privateMembers[name];
  if (structure === undefined || hidden === undefined) return structure;
  return { ...structure, members: structure.members.filter(({ path }) => !hidden.includes(path)) };
}
