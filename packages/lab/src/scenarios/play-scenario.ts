import { assert } from '@poolscope/engine/base';
import type { Machine } from '../machine/machine.ts';
import { RunningMachine, type RunningOptions, SystemStopped } from '../run/index.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioRun } from './scenario-run.ts';

export interface PlayOptions extends Omit<RunningOptions, 'drivers'> {
  /** The same seed, the same bytes; 1 when absent. */
  readonly seed?: number;
}

/** Plays a scenario to its bug check; its truth is in `truth.scenario`. */
export function playScenario(scenario: Scenario, { seed = 1, ...options }: PlayOptions = {}): Machine {
  const machine = new RunningMachine({ ...options, drivers: scenario.drivers() });
  const run = new ScenarioRun(machine, seed);
  try {
    scenario.run(run);
  } catch (error) {
    if (!(error instanceof SystemStopped)) throw error;
  }
  assert(machine.stopped, `the machine goes on after scenario ${scenario.name}`);
  const { truth } = run;
  assert(truth !== undefined, `scenario ${scenario.name} tells no truth`);
  const finished = machine.finish();
  return { ...finished, truth: { ...finished.truth, scenario: { ...truth, scenario: scenario.name } } };
}
