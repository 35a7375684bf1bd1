import { Chance } from './chance.ts';
import { crimesOf, happensOn, hardwareStories, poolOf, unrelatedStories } from './crimes.ts';
import { type InstalledDriver, installedOn, withDriver } from './fleet-machine.ts';
import type { PlannedCrash } from './plan-fleet.ts';
import { products } from './products.ts';

interface Draft {
  readonly scenario: string;
  readonly culprit: string | undefined;
  readonly needs: readonly string[];
  readonly cause: PlannedCrash['cause'];
}

/** Each class of driver is drawn from by turns. */
const drafts = (): Draft[] => [
  ...[...new Set(products.map(({ kind }) => kind))].flatMap((kind) => {
    const sold = products.filter((each) => kind !== undefined && each.kind === kind);
    const [first] = sold;
    if (first === undefined) return [];
    return crimesOf(first).map((scenario, index) => {
      const { name } = sold[index % sold.length]!;
      return { scenario, culprit: name, needs: [name], cause: 'driver' as const };
    });
  }),
  ...hardwareStories.map((scenario) => ({
    scenario,
    culprit: undefined,
    needs: [],
    cause: 'hardware' as const,
  })),
  ...unrelatedStories.map(({ name, needs, beside }) => ({
    scenario: name,
    culprit: undefined,
    needs: [needs, products.find(({ kind }) => beside !== undefined && kind === beside)?.name].filter(
      (each) => each !== undefined,
    ),
    cause: 'unrelated' as const,
  })),
];

/** Every story that happens in fleets, so many times on kernels of each allocator, each on a machine of its own. */
export function* fleetStories(
  seed: number,
  each: number,
  builds: readonly number[],
): Generator<PlannedCrash> {
  const chance = new Chance(seed);
  let number = 0;
  for (const { scenario, culprit, needs, cause } of drafts())
    for (const pool of ['classic', 'heap'] as const) {
      const possible = builds.filter((build) => poolOf(build) === pool && happensOn(scenario, build));
      if (possible.length === 0) continue;
      for (let count = 0; count < each; count++) {
        const installed: readonly InstalledDriver[] = installedOn(chance);
        const machine = {
          name: `PC-${number}`,
          build: chance.oneOf(possible),
          drivers: needs.reduce((all, name) => withDriver(chance, all, name), installed),
          dump: 'triage' as const,
          hasBadMemory: false,
          proneness: 1,
        };
        const crashSeed = 1 + chance.numbers(0x7fff_fff0);
        yield { number: number++, machine, cause, scenario, culprit, seed: crashSeed, time: 0n };
      }
    }
}
