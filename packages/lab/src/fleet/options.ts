import { checkOption } from '../check-option.ts';

/** What fleet is to be made. Shares are from 0 to 1; what is left out is as `lab fleet` says. */
export interface FleetOptions {
  /** Machines in the fleet, also those that never crash; 200 when absent. */
  readonly machines?: number;
  /** 40 when absent. */
  readonly crashes?: number;
  /** The same seed, the same fleet; 1 when absent. */
  readonly seed?: number;
  /** How many drivers corrupt memory; 1 when absent. */
  readonly guilty?: 0 | 1 | 2;
  /** They are these, by name without `.sys`; chosen by the seed when absent. */
  readonly culprits?: readonly string[];
  /** Share of the crashes that bad memory modules of few machines cause; 0.1 when absent. */
  readonly hardwareNoise?: number;
  /** Share of the crashes that leave the pool whole; 0.2 when absent. */
  readonly unrelated?: number;
  /** Share of the crashes for which some driver is to blame that hardly ever fails; 0.05 when absent. */
  readonly sporadic?: number;
  /** Share of the machines that write kernel dumps; the others write small ones. 0.4 when absent. */
  readonly kernelDumps?: number;
  /** Only these builds of Windows. */
  readonly builds?: readonly number[];
}

export type Settled = Required<Omit<FleetOptions, 'culprits' | 'builds'>> &
  Pick<FleetOptions, 'culprits' | 'builds'>;

const most = { machines: 100_000, crashes: 1_000_000 } as const;

/** With what is taken when nothing is said. */
export function settled(options: FleetOptions): Settled {
  const all: Settled = {
    machines: 200,
    crashes: 40,
    seed: 1,
    hardwareNoise: 0.1,
    unrelated: 0.2,
    sporadic: 0.05,
    kernelDumps: 0.4,
    ...options,
    guilty: options.guilty ?? asCount(options.culprits?.length),
  };
  const { machines, crashes, hardwareNoise, unrelated, sporadic, kernelDumps } = all;
  checkOption(isCount(machines, most.machines), `a fleet has 1 to ${most.machines} machines`);
  checkOption(isCount(crashes, most.crashes), `a fleet has 1 to ${most.crashes} crashes`);
  for (const share of [hardwareNoise, unrelated, sporadic, kernelDumps])
    checkOption(share >= 0 && share <= 1, 'a share is a number from 0 to 1');
  checkOption(hardwareNoise + unrelated + sporadic <= 1, 'the shares of noise are more than all crashes');
  return all;
}

const isCount = (value: number, limit: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= limit;

const asCount = (count: number | undefined): 0 | 1 | 2 => (count === 0 ? 0 : count === 2 ? 2 : 1);
