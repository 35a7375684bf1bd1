import type { Machine } from '../cpu/index.ts';
import { sharedStructure } from '../layouts/index.ts';
import type { FoundStructure } from './structure-type.ts';

/**
 * A structure that drivers share with the kernel, where no profile has it: the public headers fix these layouts for
 * every build. For x86 and x64 structures of the object manager too, as far as the builds around agree.
 */
export function driverInterfaceStructure(
  machine: Machine,
  build: number,
  name: string,
): FoundStructure | undefined {
  const found = sharedStructure(machine, build, name);
  return found && { ...found.structure, trust: found.isSeen ? 'around' : 'guess', source: found.source };
}
