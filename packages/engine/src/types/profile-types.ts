import type { Machine } from '../cpu/index.ts';
import type { SymbolTable } from '../symbols/index.ts';
import { ImageTypes } from './image-types.ts';
import { KernelTypes } from './kernel-types.ts';
import type { LayoutFact } from './layout-fact.ts';
import { ProfileSource } from './profile-source.ts';
import { selectProfile } from './select-profile.ts';

/** The structures of a kernel by the built-in profiles; undefined for machines without one. */
export function profileTypes(
  machine: Machine,
  build: number,
  facts: readonly LayoutFact[] = [],
): KernelTypes | undefined {
  const choice = selectProfile(machine, build, facts);
  return choice === undefined ? undefined : new KernelTypes(machine, new ProfileSource(choice, facts));
}

/** The structures of a kernel: by the symbols of its image where there are any, else by the built-in profiles. */
export function kernelTypes(
  machine: Machine,
  build: number,
  facts: readonly LayoutFact[],
  table: SymbolTable | undefined,
): KernelTypes | undefined {
  if (table?.types === undefined) return profileTypes(machine, build, facts);
  const choice = selectProfile(machine, build, facts);
  const rest = choice === undefined ? undefined : new ProfileSource(choice, facts);
  return new KernelTypes(machine, new ImageTypes(table.types, describeTypes(table), rest));
}

/** The structures that a module's own symbols describe; undefined when it has no such symbols. */
export function moduleTypes(machine: Machine, table: SymbolTable | undefined): KernelTypes | undefined {
  return table?.types === undefined
    ? undefined
    : new KernelTypes(machine, new ImageTypes(table.types, describeTypes(table)));
}

const kindTexts = { pdb: 'PDB', isf: 'ISF file', profile: 'packed profile' } as const;

const describeTypes = ({ kind, identity }: SymbolTable): string =>
  `types of ${identity.pdb?.name ?? 'the image'} (${kindTexts[kind]})`;
