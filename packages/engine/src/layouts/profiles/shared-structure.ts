import { type SharedStructure, WideStructures } from './driver-interface.ts';
import { sharedX86Structure } from './driver-interface-x86.ts';
import { x64Profiles } from './x64-profiles.ts';

const wide = new WideStructures(x64Profiles);

/**
 * A structure of the driver interface, for builds and processors without a profile of their own; on x86 and x64 also those
 * of the object manager.
 */
export const sharedStructure = (
  machine: 'x64' | 'x86' | 'arm64',
  build: number,
  name: string,
): SharedStructure | undefined =>
  machine === 'x86' ? sharedX86Structure(build, name) : wide.find(machine, build, name);
