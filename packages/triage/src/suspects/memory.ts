import type { FleetTable, SeenMachine } from './fleet-table.ts';
import type { CrashRow } from './rows.ts';

/** Machines whose memory may be bad, and what of each row that explains. */
export interface MemorySuspicion {
  readonly machines: readonly {
    readonly machine: SeenMachine;
    readonly crashes: number;
    readonly chance: number;
  }[];
  /** Chance that bad memory is behind a crash. */
  chanceOf(row: CrashRow): number;
}

/** Odds that a single changed bit is the memory's fault, by the kind alone: drivers set bits in freed blocks too. */
const oddsOfBit = 3;
/** Bad modules are few: single bits come from about so many machines. */
const badMachines = 1;
/** How far other damage on a machine with bad memory is explained by that. */
const otherDamage = 0.8;

export const isSingleBit = ({ kind }: CrashRow): boolean => kind === 'single-bit-error';

/**
 * Crashes by single bits gather on few machines when memory is bad, and are spread over many when a driver does it. Given the other
 * ones, the next is on a machine that has had c - 1 of the n - 1 before with the chance (c - 1 + θ/M) / (n - 1 + θ) if they gather
 * (Pólya's urn, as in a Dirichlet-multinomial distribution), and 1/M if they do not. Their ratio moves the odds.
 */
export function suspectMemory(table: FleetTable): MemorySuspicion {
  const bits = table.rows.filter(isSingleBit);
  const counts = new Map<SeenMachine, number>();
  for (const row of bits) {
    const machine = table.machineOf(row);
    counts.set(machine, (counts.get(machine) ?? 0) + 1);
  }
  const total = table.machines.length;
  const chances = new Map<SeenMachine, number>();
  for (const [machine, count] of counts) {
    const gathered = (count - 1 + badMachines / total) / (bits.length - 1 + badMachines);
    const odds = oddsOfBit * gathered * total;
    chances.set(machine, odds / (1 + odds));
  }
  return {
    machines: [...counts]
      .map(([machine, crashes]) => ({ machine, crashes, chance: chances.get(machine)! }))
      .sort((one, other) => other.chance - one.chance || other.crashes - one.crashes),
    chanceOf(row) {
      const chance = chances.get(table.machineOf(row)) ?? 0;
      return isSingleBit(row) ? chance : chance * otherDamage;
    },
  };
}
