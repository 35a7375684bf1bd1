import { heapScenarios, type Scenario, scenarios, suitsBuild } from '@poolscope/lab';

/** Those of all kernels, then those that need a segment heap. */
export const allScenarios: readonly Scenario[] = [...scenarios, ...heapScenarios];

/** The scenarios that can be played on a build; without one, each on its own. */
export const scenariosFor = (windows: number | undefined): readonly Scenario[] =>
  windows === undefined ? allScenarios : allScenarios.filter((each) => suitsBuild(each, windows));
