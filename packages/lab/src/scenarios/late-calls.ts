import { FanControl, type Numbers } from '../drivers/index.ts';
import type { Driver } from '../run/index.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';

const withFan = (numbers: Numbers): Driver[] => [...officeDrivers(numbers), new FanControl()];

const culprit = 'fanctl.sys';

/** Stories that end in a deferred procedure call, while the processor has nothing else to do. */
export const lateCalls: readonly Scenario[] = [
  {
    name: 'dpc-null-context',
    title: 'A deferred call without its context',
    difficulty: 'easy',
    story:
      'A driver queues its deferred procedure call before it has made what that works on. The pool is whole.',
    pool: 'any',
    drivers: withFan,
    run(run) {
      run.settle();
      run.tell(() => ({ kind: 'not-pool', culprit, victims: [] }));
      run.machine.deferredCall('fanctl!FanctlSample');
    },
  },
  {
    name: 'power-irp-held',
    title: 'A driver that does not let the machine sleep',
    difficulty: 'medium',
    story:
      'A driver keeps the request to turn its device off and waits for something that does not come. Ten minutes later the kernel stops the machine; the pool is whole.',
    pool: 'any',
    drivers: withFan,
    run(run) {
      run.settle();
      run.tell(() => ({ kind: 'not-pool', culprit, victims: [] }));
      const irp = run.machine.powerRequest('fanctl');
      run.traffic.work(20);
      run.machine.deferredCall('nt!PopIrpWatchdog', irp, 'timer');
    },
  },
];
