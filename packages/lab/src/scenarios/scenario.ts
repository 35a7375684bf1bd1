import type { Numbers, RecordDriver } from '../drivers/index.ts';
import type { Driver, MachinePlaces, WatchOptions } from '../run/index.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** How hard it is to find out what happened. */
export type Difficulty = 'easy' | 'medium' | 'hard';

/** A story that ends in a bug check, with its ground truth. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly difficulty: Difficulty;
  /** Two sentences. */
  readonly story: string;
  /** Driver Verifier and special pool as they were set before the machine was started. */
  readonly watch?: WatchOptions;
  /** Kernels that the story can happen on, by what their pool is; those with classic pool when absent. */
  readonly pool?: 'classic' | 'heap' | 'any';
  /** Where things are, when the story needs them at certain addresses. */
  readonly places?: MachinePlaces;
  /** Who does it, where several of the drivers could. */
  readonly culprit?: RecordDriver;
  /** The seed's numbers choose among builds of a driver. */
  drivers(numbers: Numbers): readonly Driver[];
  /** Plays until the machine stops. The truth is told before that, because nothing here runs afterwards. */
  run(run: ScenarioRun): void;
}
