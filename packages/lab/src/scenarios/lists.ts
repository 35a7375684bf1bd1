import { NetWatch, SerialRing } from '../drivers/index.ts';
import { crowd, reuse, smallSizes } from './freed-records.ts';
import { goOn, officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { damageIn, freedBlockTruth, imageOf } from './truths.ts';

const unlinkedTwice: Scenario = {
  name: 'list-unlinked-twice',
  title: 'An entry is taken out of its list twice',
  difficulty: 'medium',
  story:
    'A filter of the network takes a flow out of its list when its time is over, and once more when its connection ends. The check of the second time stops the machine; the pool is whole.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const record = run.traffic.create(run.driver(NetWatch));
    run.traffic.does(record, 'Expire');
    run.traffic.pin(record);
    run.traffic.work(run.numbers(20));
    run.deed(
      record.driver.name,
      () => run.traffic.does(record, 'Expire'),
      () => ({ kind: 'not-pool', culprit: imageOf(record), victims: [] }),
    );
  },
};

const freedInList: Scenario = {
  name: 'list-freed-entry',
  title: 'A list that leads through freed memory',
  difficulty: 'hard',
  story:
    'A filter of the network frees a flow and leaves it in its list. The next flow is linked to it, inside the block of a new owner, and a neighbour in the list finds letters instead of links.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic, numbers } = run;
    const driver = run.driver(NetWatch);
    const before = traffic.create(driver);
    const bytes = smallSizes[numbers(smallSizes.length)]!;
    if (run.hasHeaps) crowd(run, driver, bytes);
    const record = traffic.create(driver, { bytes });
    const block = run.blockAt(record.address);
    traffic.drop(record);
    reuse(run, record, run.driver(SerialRing));
    run.deed(
      driver.name,
      () => traffic.create(driver),
      (writes) => {
        const { address } = record;
        const damage = damageIn(writes, address, address + BigInt(bytes), 'pointers');
        return freedBlockTruth(run, 'use-after-free', { record, block }, damage);
      },
    );
    goOn(run, before);
  },
};

export const brokenLists: readonly Scenario[] = [unlinkedTwice, freedInList];
