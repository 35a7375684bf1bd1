import { asciiBytes } from '../bytes/integers.ts';
import {
  CaptureCard,
  NetWatch,
  oneOf,
  PathGuard,
  SerialRing,
  StreamTag,
  sentence,
} from '../drivers/index.ts';
import type { ScenarioDamage } from '../machine/scenario-truth.ts';
import { closedRecord, freedAlone, pairOf, reuse } from './freed-records.ts';
import { goOn, officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { damageIn, freedBlockTruth } from './truths.ts';

/** Sizes of blocks that wait in lists of their own before they are free. */
const largeSizes = [0x3c0, 0x4a0, 0x5d0, 0x6f0, 0x7a0];

const writeToReused: Scenario = {
  name: 'use-after-free-reused',
  title: 'A block that has another owner by now',
  difficulty: 'hard',
  story:
    'A driver frees a record, keeps its address, and writes there again. By then another driver lives in the block, and follows a pointer that is none.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { culprit, other } = pairOf(run, ({ hasPointers }) => hasPointers);
    const closed = closedRecord(run, culprit);
    const owner = reuse(run, closed.record, other);
    const data = culprit.contents(run.numbers, closed.record.bytes);
    run.deed(
      culprit.name,
      () => run.traffic.does(closed.record, 'Update', { data }),
      (writes) => {
        const { address, bytes } = closed.record;
        const damage = damageIn(writes, address, address + BigInt(bytes), 'mixed');
        return freedBlockTruth(run, 'use-after-free', closed, damage);
      },
    );
    run.traffic.pin(owner);
    run.traffic.work(run.numbers(40));
    run.traffic.does(owner, 'Follow');
    goOn(run, owner);
  },
};

const writeToParked: Scenario = {
  name: 'use-after-free-parked',
  title: 'A link in a freed block',
  difficulty: 'hard',
  story:
    'A driver writes into a block that it has just freed, and destroys the link to the next spare one. The request after the next gets an address that leads nowhere.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { culprit, other } = pairOf(run, () => true);
    const closed = closedRecord(run, culprit);
    const { address, bytes } = closed.record;
    const data = asciiBytes(sentence(run.numbers).slice(0, 0x10 + run.numbers(8)));
    let damage: ScenarioDamage | undefined;
    run.deed(
      culprit.name,
      () => run.traffic.does(closed.record, 'Update', { data }),
      (writes) => {
        damage = damageIn(writes, address, address + BigInt(bytes), 'mixed');
        return freedBlockTruth(run, 'use-after-free', closed, damage);
      },
    );
    run.traffic.work(run.numbers(3));
    for (let request = 0; request < 8; request++) {
      run.traffic.open(other, bytes);
      run.tell(() => freedBlockTruth(run, 'use-after-free', closed, damage));
    }
  },
};

const writeToFree: Scenario = {
  name: 'use-after-free-listed',
  title: 'A free block that is written to',
  difficulty: 'medium',
  story:
    'A driver goes on filling a buffer that it freed some time ago. The block is in a list of free ones by now, whose links are gone with the first bytes.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const driver = run.driver(oneOf(run.numbers, [SerialRing, NetWatch, CaptureCard]));
    const closed = freedAlone(run, driver, largeSizes);
    const { address } = closed.record;
    const data = driver.contents(run.numbers, 0x60 + run.numbers(0x100));
    run.deed(
      driver.name,
      () => run.traffic.does(closed.record, 'Update', { data }),
      (writes) =>
        freedBlockTruth(
          run,
          'use-after-free',
          closed,
          damageIn(writes, address, address + BigInt(data.length), 'mixed'),
        ),
    );
    goOn(run);
  },
};

const readOfReused: Scenario = {
  name: 'use-after-free-read',
  title: 'A pointer read from memory of others',
  difficulty: 'medium',
  story:
    'A driver looks into a record that it has freed. What it takes for a pointer are letters of the new owner.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const isPaged = run.numbers(2) === 0;
    const culprit = run.driver(isPaged ? StreamTag : NetWatch);
    const closed = closedRecord(run, culprit);
    const owner = reuse(run, closed.record, run.driver(isPaged ? PathGuard : SerialRing));
    run.traffic.pin(owner);
    run.traffic.work(run.numbers(30));
    run.deed(
      culprit.name,
      () => run.traffic.does(closed.record, 'Follow'),
      () => freedBlockTruth(run, 'use-after-free', closed),
    );
  },
};

export const usesAfterFree: readonly Scenario[] = [writeToReused, writeToParked, writeToFree, readOfReused];
