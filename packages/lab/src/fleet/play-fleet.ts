import { assert, DebuggerError } from '@poolscope/engine/base';
import { KeyboardPort, RecordDriver } from '../drivers/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { Driver } from '../run/index.ts';
import { playScenario } from '../scenarios/index.ts';
import { story } from './crimes.ts';
import type { FleetMachine } from './fleet-machine.ts';
import type { FleetOptions } from './options.ts';
import { type FleetPlan, type PlannedCrash, planFleet } from './plan-fleet.ts';
import { driverOf, productNamed, stampOf } from './products.ts';

/** The port of the keyboard is on every machine, as one file. */
class FleetKeyboard extends KeyboardPort {
  override readonly stamp = stampOf('i8042prt', 0);
}

/** All drivers of a machine, as objects of their own. */
function driversOf({ drivers }: FleetMachine): Driver[] {
  const sold = drivers.map(({ name, version }) => {
    const product = productNamed(name);
    assert(product !== undefined, `${name} is sold`);
    return driverOf(product, version);
  });
  return [...sold, new FleetKeyboard()];
}

/** Stories that do not come to their end with one seed do so with another. */
const mostTries = 12;

/** Plays a crash: instruction by instruction, on a machine with these drivers. */
export function playCrash({ machine, scenario, culprit, seed, time }: PlannedCrash): Machine {
  for (let attempt = 0; ; attempt++) {
    const drivers = driversOf(machine);
    const guilty = drivers.find((each) => each.name === culprit);
    const told = {
      ...story(scenario),
      drivers: () => drivers,
      ...(guilty instanceof RecordDriver ? { culprit: guilty } : {}),
    };
    try {
      const played = playScenario(told, { seed: seed + attempt, build: machine.build });
      return { ...played, header: { ...played.header, systemTime: time } };
    } catch (error) {
      if (error instanceof DebuggerError || attempt + 1 >= mostTries) throw error;
    }
  }
}

/** A crash and the machine that it stopped. */
export interface FleetCrash {
  readonly crash: PlannedCrash;
  readonly machine: Machine;
}

/** A fleet whose crashes are played one after the other, when they are asked for: each takes part of a second. */
export interface Fleet extends FleetPlan {
  play(): Generator<FleetCrash>;
}

/** Plans a fleet, and plays its crashes one after the other as they are asked for. */
export function playFleet(options: FleetOptions = {}): Fleet {
  const plan = planFleet(options);
  return {
    ...plan,
    *play() {
      for (const crash of plan.crashes) yield { crash, machine: playCrash(crash) };
    },
  };
}
