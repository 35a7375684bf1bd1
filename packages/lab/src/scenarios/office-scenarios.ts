import { doubleFrees } from './double-free.ts';
import { hardwareFaults } from './hardware.ts';
import { healthyMachines } from './healthy.ts';
import { brokenLists } from './lists.ts';
import { overrunData } from './overrun-data.ts';
import { overrunTexts } from './overrun-texts.ts';
import { poolMisuses } from './pool-misuse.ts';
import type { Scenario } from './scenario.ts';
import { strayWrites } from './stray-writes.ts';
import { underruns } from './underrun.ts';
import { usesAfterFree } from './use-after-free.ts';
import { wrongFrees } from './wrong-frees.ts';

/** Scenarios on a machine with six drivers that have work to do. */
export const officeScenarios: readonly Scenario[] = [
  ...overrunTexts,
  ...overrunData,
  ...underruns,
  ...usesAfterFree,
  ...doubleFrees,
  ...wrongFrees,
  ...hardwareFaults,
  ...strayWrites,
  ...brokenLists,
  ...poolMisuses,
  ...healthyMachines,
];
