import {
  BlockCache,
  type Numbers,
  PathGuard,
  type RecordDriver,
  SerialRing,
  StreamTag,
} from '../drivers/index.ts';
import type { Driver } from '../run/index.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { imageOf, toldBlock } from './truths.ts';

/** Blocks of all sizes from many pages on, until none is left. */
const leakedSizes = [0x2_0000, 0x4000, 0x1000, 0x800, 0x400, 0x240];
const most = 4000;

/** Takes block after block into one place, and forgets the one before each time. */
function leak(run: ScenarioRun, driver: RecordDriver): void {
  const slot = run.traffic.freeSlot(driver);
  run.tell(() => ({ kind: 'pool-misuse', culprit: `${driver.name}.sys`, victims: [] }));
  for (const number of leakedSizes)
    for (let count = 0; count < most; count++) {
      run.traffic.send(driver, 'Open', slot, { number });
      if (run.traffic.addressIn(driver, slot) === 0n) break;
    }
}

const withCache = (numbers: Numbers): Driver[] => [...officeDrivers(numbers), new BlockCache()];

const ofNonPaged: Scenario = {
  name: 'leak-nonpaged',
  title: 'Nonpaged pool runs out',
  difficulty: 'medium',
  story:
    'A driver of serial ports makes a new ring for every port that is opened and forgets the old one. When no nonpaged pool is left, a driver that never asked whether it got memory writes to address 0.',
  pool: 'any',
  drivers: withCache,
  run(run) {
    run.settle();
    leak(run, run.driver(SerialRing));
    for (let round = 0; round < 8; round++)
      run.machine.systemThread('blkcache!BlkcacheWorker', BigInt(0x400 + 0x10 * run.numbers(0x40)));
  },
};

const ofPaged: Scenario = {
  name: 'leak-paged',
  title: 'Paged pool runs out',
  difficulty: 'medium',
  story:
    'A scanner of files keeps the path of each file that it has seen, for ever. When no paged pool is left, a filter of the file system writes to address 0.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    leak(run, run.driver(PathGuard));
    const filter = run.driver(StreamTag);
    for (let round = 0; round < 8; round++)
      run.traffic.send(filter, 'Attach', run.traffic.freeSlot(filter), {
        number: 0x400 + 0x10 * run.numbers(0x40),
      });
  },
};

const asName: Scenario = {
  name: 'free-as-name',
  title: 'A context is freed as a name',
  difficulty: 'easy',
  story:
    'A filter of the file system frees a context with the tag of its names. The pool compares the tags and stops the machine; nothing is damaged.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const record = run.traffic.create(run.driver(StreamTag));
    const block = run.blockAt(record.address);
    run.deed(
      record.driver.name,
      () => run.traffic.does(record, 'ReleaseAsName'),
      () => ({
        kind: 'pool-misuse',
        culprit: imageOf(record),
        block: toldBlock(run, block, 'allocated'),
        victims: [],
      }),
    );
  },
};

export const poolMisuses: readonly Scenario[] = [asName, ofNonPaged, ofPaged];
