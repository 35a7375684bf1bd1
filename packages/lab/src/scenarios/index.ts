import { article1 } from './article-1.ts';
import { article2, article3, article3Plain } from './article-later.ts';
import {
  doubleFreeAtOnce,
  freeOfInterior,
  freeWithWrongTag,
  pagedAtHighIrql,
  writeAfterFree,
} from './frees.ts';
import { lateCalls } from './late-calls.ts';
import { officeScenarios } from './office-scenarios.ts';
import { overrunByByte, overrunByText, overrunFoundByWorker, overrunOfBitMap } from './overrun.ts';
import { plainFaults } from './plain-faults.ts';
import type { Scenario } from './scenario.ts';
import { specialScenarios } from './special.ts';
import { unloadedDrivers } from './unloaded.ts';

export { heapScenarios } from './heap-scenarios.ts';
export { type Knowable, knowableFrom } from './knowable.ts';
export {
  type PlayOptions,
  playableBuilds,
  playScenario,
  suitsBuild,
  usualBuild,
} from './play-scenario.ts';
export type { Difficulty, Scenario } from './scenario.ts';

/** All scenarios, the first to learn from in front. */
export const scenarios: readonly Scenario[] = [
  article1,
  article2,
  article3,
  article3Plain,
  overrunByText,
  overrunFoundByWorker,
  overrunByByte,
  overrunOfBitMap,
  doubleFreeAtOnce,
  writeAfterFree,
  freeOfInterior,
  freeWithWrongTag,
  pagedAtHighIrql,
  ...officeScenarios,
  ...specialScenarios,
  ...plainFaults,
  ...lateCalls,
  ...unloadedDrivers,
];
