import {
  doubleFreeAtOnce,
  freeOfInterior,
  freeWithWrongTag,
  pagedAtHighIrql,
  writeAfterFree,
} from './frees.ts';
import { overrunByByte, overrunByText, overrunFoundByWorker, overrunOfBitMap } from './overrun.ts';
import { plainFaults } from './plain-faults.ts';
import type { Scenario } from './scenario.ts';

export { type Knowable, knowableFrom } from './knowable.ts';
export { type PlayOptions, playScenario } from './play-scenario.ts';
export type { Difficulty, Scenario } from './scenario.ts';

/** All scenarios, the first to learn from in front. */
export const scenarios: readonly Scenario[] = [
  overrunByText,
  overrunFoundByWorker,
  overrunByByte,
  overrunOfBitMap,
  doubleFreeAtOnce,
  writeAfterFree,
  freeOfInterior,
  freeWithWrongTag,
  pagedAtHighIrql,
  ...plainFaults,
];
