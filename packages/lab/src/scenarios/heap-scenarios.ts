import { heapFaults } from './heap-frees.ts';
import { heapOverruns } from './heap-overruns.ts';
import type { Scenario } from './scenario.ts';

/** Stories of machines whose pool is a segment heap. */
export const heapScenarios: readonly Scenario[] = [...heapOverruns, ...heapFaults];
