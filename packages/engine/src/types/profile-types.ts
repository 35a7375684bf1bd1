import type { Machine } from '../cpu/index.ts';
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
