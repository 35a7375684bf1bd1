import type { Scenario } from './scenario.ts';
import { pageScenarios } from './special-pages.ts';
import { checkScenarios } from './special-slop.ts';

/** Stories on machines whose pool was watched from the start. */
export const specialScenarios: readonly Scenario[] = [...pageScenarios, ...checkScenarios];
