import { VolMirror } from '../drivers/index.ts';
import { closedRecord, pairOf, reuse, smallSizes } from './freed-records.ts';
import { goOn, officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { freedBlockTruth } from './truths.ts';

const afterReuse: Scenario = {
  name: 'double-free-reused',
  title: 'The second free hits another driver',
  difficulty: 'hard',
  story:
    'A driver frees a record twice, and in between another driver has got the block. The new owner loses its memory, or its tag gives the culprit away.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { culprit, other } = pairOf(run, () => true);
    const closed = closedRecord(run, culprit);
    const owner = reuse(run, closed.record, other);
    run.traffic.pin(owner);
    run.traffic.work(run.numbers(20));
    run.deed(
      culprit.name,
      () => run.traffic.does(closed.record, 'Close'),
      () => freedBlockTruth(run, 'double-free', closed),
    );
    run.traffic.release(owner);
  },
};

const later: Scenario = {
  name: 'double-free-late',
  title: 'Freed by two functions of a driver',
  difficulty: 'easy',
  story:
    'One function of a driver frees a record when its request ends, and another when its file is closed. Nobody has taken the block in between.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { culprit } = pairOf(run, () => true);
    const closed = closedRecord(run, culprit);
    run.deed(
      culprit.name,
      () => run.traffic.does(closed.record, 'Close'),
      () => freedBlockTruth(run, 'double-free', closed),
    );
  },
};

const spareTwice: Scenario = {
  name: 'double-free-lookaside',
  title: 'A spare context that is spare twice',
  difficulty: 'hard',
  story:
    'A filter of storage keeps a list of spare contexts, and puts one into it twice. Two requests share it then, and each frees it.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic } = run;
    const driver = run.driver(VolMirror);
    const record = traffic.create(driver, { bytes: smallSizes[run.numbers(smallSizes.length)]! });
    const block = run.blockAt(record.address);
    traffic.does(record, 'Cache');
    traffic.does(record, 'Cache');
    const twin = { ...record, slot: traffic.freeSlot(driver) };
    traffic.does(record, 'Reuse');
    traffic.does(twin, 'Reuse');
    traffic.pin(record, twin);
    traffic.close(record);
    run.deed(
      driver.name,
      () => traffic.does(twin, 'Release'),
      () => freedBlockTruth(run, 'double-free', { record, block }),
    );
    goOn(run);
  },
};

export const doubleFrees: readonly Scenario[] = [later, afterReuse, spareTwice];
