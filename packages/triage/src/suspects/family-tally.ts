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
    for (const { machine, unnamed, named, open } of cases) {
      const usual = Math.round(unnamed / step);
      for (const [module, versions] of machine.drivers) {
        const more = named.get(module);
        const at = more === undefined ? usual : Math.round((unnamed + more) / step);
        this.#add(module, versions, at, open);
      }
    }
  }

  #add(module: string, versions: ReadonlySet<string>, at: number, weight: number): void {
    let bins = this.#bins.get(module);
    if (bins === undefined) this.#bins.set(module, (bins = new Map()));
    const key = versionKey(versions);
    let bin = bins.get(key);
    if (bin === undefined) bins.set(key, (bin = { count: 0, weights: new Map() }));
    bin.count++;
    bin.weights.set(at, (bin.weights.get(at) ?? 0) + weight);
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
