import {
  heapScenarios,
  playableBuilds,
  type Scenario,
  scenarios,
  suitsBuild,
  usualBuild,
} from '@poolscope/lab/page';
import type { ScenarioFact } from '../protocol/lab.ts';

/** Those of all kernels, then those that need a segment heap. */
export const allScenarios: readonly Scenario[] = [...scenarios, ...heapScenarios];

/** The stories without their solutions. */
export const scenarioFacts = (): ScenarioFact[] =>
  allScenarios.map((scenario) => ({
    name: scenario.name,
    title: scenario.title,
    difficulty: scenario.difficulty,
    story: scenario.story,
    builds: playableBuilds.filter((build) => suitsBuild(scenario, build)),
    usualBuild: usualBuild(scenario),
    isWatched: scenario.watch !== undefined,
  }));
