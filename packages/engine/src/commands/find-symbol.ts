import type { Va } from '../base/index.ts';
import { type CrashedSystem, knownPlaces } from '../system/index.ts';
import { findInAnyCase } from './find-in-any-case.ts';

/** Addresses that the dump's header and its debugger data block name, by lower-case names of the kernel. */
const placesOf = new WeakMap<CrashedSystem, ReadonlyMap<string, Va>>();

/**
 * Address of `module!name`, of `name` in nt and then in the other modules, or of a module by its name. Variables of the
 * kernel that the dump itself names are found without symbols too.
 */
export const findSymbol = (system: CrashedSystem, name: string, anyCase = false): Va | undefined =>
  (anyCase ? findInAnyCase(system.symbols, name) : system.symbols.findAddress(name)) ??
  (anyCase ? findPlace(system, name.toLowerCase()) : undefined);

function findPlace(system: CrashedSystem, lower: string): Va | undefined {
  const known = placesOf.get(system) ?? readPlaces(system);
  placesOf.set(system, known);
  return known.get(lower.replace(/^nt!/, ''));
}

const readPlaces = ({ target, data }: CrashedSystem): ReadonlyMap<string, Va> =>
  new Map(knownPlaces(target, data?.value).map(({ name, va }) => [name.toLowerCase(), va]));
