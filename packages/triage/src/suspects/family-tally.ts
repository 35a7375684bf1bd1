import type { Case } from './case.ts';
import { isOneOf, versionKey } from './fleet-table.ts';
import type { Seen } from './hypothesis.ts';

/** Evidence is told apart in steps of this; it is a logarithm. */
const step = 0.05;

interface Bin {
  /** Machines. */
  count: number;
  /** Their weight by their evidence, in steps. */
  readonly weights: Map<number, number>;
}

/** What is left of a sum after all of it was taken off. */
const nothing = 1e-9;

/** Machines that are set up alike are counted together: a fleet has far fewer sets of drivers than machines. */
function groupsOf(cases: readonly Case[]): Map<Case['machine']['drivers'], Bin> {
  const groups = new Map<Case['machine']['drivers'], Bin>();
  for (const { machine, unnamed, open } of cases) {
    let group = groups.get(machine.drivers);
    if (group === undefined) groups.set(machine.drivers, (group = { count: 0, weights: new Map() }));
    const at = Math.round(unnamed / step);
    group.count++;
    group.weights.set(at, (group.weights.get(at) ?? 0) + open);
  }
  return groups;
}

/**
 * The cases of a family counted by driver and version, so that every hypothesis about them is judged without going through the
 * cases again.
 */
export class FamilyTally {
  readonly cases: number;
  readonly #weight: number;
  /** By module, then by the versions that a machine has of it: one as a rule. */
  readonly #bins = new Map<string, Map<string, Bin>>();

  constructor(cases: readonly Case[]) {
    this.cases = cases.length;
    this.#weight = cases.reduce((sum, { open }) => sum + open, 0);
    for (const [drivers, alike] of groupsOf(cases))
      for (const [module, versions] of drivers) this.#add(module, versions, alike);
    for (const { machine, unnamed, named, open } of cases) {
      const usual = Math.round(unnamed / step);
      for (const [module, more] of named) {
        const versions = machine.drivers.get(module);
        if (versions !== undefined)
          this.#move(module, versions, [usual, Math.round((unnamed + more) / step)], open);
      }
    }
  }

  /** As if the dumps of none of these machines named the driver. */
  #add(module: string, versions: ReadonlySet<string>, { count, weights }: Bin): void {
    let bins = this.#bins.get(module);
    if (bins === undefined) this.#bins.set(module, (bins = new Map()));
    const key = versionKey(versions);
    let bin = bins.get(key);
    if (bin === undefined) bins.set(key, (bin = { count: 0, weights: new Map() }));
    bin.count += count;
    for (const [at, weight] of weights) bin.weights.set(at, (bin.weights.get(at) ?? 0) + weight);
  }

  /** The dumps of a machine name the driver after all. */
  #move(
    module: string,
    versions: ReadonlySet<string>,
    [from, to]: readonly [number, number],
    weight: number,
  ): void {
    const { weights } = this.#bins.get(module)!.get(versionKey(versions))!;
    const left = (weights.get(from) ?? 0) - weight;
    if (left > nothing) weights.set(from, left);
    else weights.delete(from);
    weights.set(to, (weights.get(to) ?? 0) + weight);
  }

  /** The cases as seen by the hypothesis that a driver is guilty, in these versions or, without any, in all. */
  seenBy(module: string, versions: readonly string[]): Seen & { readonly casesWith: number } {
    const weights = new Map<number, number>();
    let casesWith = 0;
    for (const [key, bin] of this.#bins.get(module) ?? []) {
      if (versions.length > 0 && !isOneOf(key, versions)) continue;
      casesWith += bin.count;
      for (const [at, weight] of bin.weights) weights.set(at, (weights.get(at) ?? 0) + weight);
    }
    const having = [...weights].map(([at, weight]) => ({ odds: Math.exp(at * step), weight }));
    const withIt = having.reduce((sum, { weight }) => sum + weight, 0);
    return { having, lacking: Math.max(0, this.#weight - withIt), casesWith };
  }
}
