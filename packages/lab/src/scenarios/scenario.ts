import type { Driver } from '../run/index.ts';
import type { ScenarioRun } from './scenario-run.ts';

export type Difficulty = 'easy' | 'medium' | 'hard';

/** A story that ends in a bug check, with its ground truth. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly difficulty: Difficulty;
  /** Two sentences. */
  readonly story: string;
  drivers(): readonly Driver[];
  /** Plays until the machine stops. The truth is told before that, because nothing here runs afterwards. */
  run(run: ScenarioRun): void;
}
