import type { Machine } from '../cpu/index.ts';
import { sharedStructure } from '../layouts/index.ts';
import type { FoundStructure } from './structure-type.ts';

/**
 * A structure that drivers share with the kernel, where no profile has it: the public headers fix these layouts for
 * every build. For x86 structures of the object manager too, as far as they are the same in all builds at hand.
 */
export function driverInterfaceStructure(
  machine: Machine,
  build: number,
  name: string,
): FoundStructure | undefined {
  const found = sharedStructure(machine, build, name);
  if (found === undefined) return undefined;
  const source = found.isPublic
    ? 'driver interface of Windows, the same in every build'
    : 'layouts of 32-bit Windows, the same from 7 to 10';
  return { ...found.structure, trust: found.isSeen ? 'around' : 'guess', source };
}
