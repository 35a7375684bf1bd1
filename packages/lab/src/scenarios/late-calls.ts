import { FanControl, HotPlug, type Numbers } from '../drivers/index.ts';
import type { Driver } from '../run/index.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';

const withFan = (numbers: Numbers): Driver[] => [...officeDrivers(numbers), new FanControl()];

const culprit = 'fanctl.sys';

const withHotPlug = (numbers: Numbers): Driver[] => [...officeDrivers(numbers), new HotPlug()];

/** Stories of calls that come late: in a deferred procedure call, while the processor has nothing else to do, or in a thread. */
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
  {
    name: 'unloaded-worker',
    title: 'A driver that went too soon',
    difficulty: 'medium',
    story:
      'A driver is unloaded and does not wait for the work that it has asked a thread of the system to do. When the thread gets to it, there is nothing where the code was. The pool is whole.',
    pool: 'any',
    drivers: withHotPlug,
    run(run) {
      run.settle();
      const { machine, traffic, numbers } = run;
      const worker = machine.address('hotplug!HotplugWorker');
      for (let count = numbers(4); count >= 0; count--) machine.systemThread(worker);
      machine.unloadDriver('hotplug');
      traffic.work(10 + numbers(20));
      run.tell(() => ({ kind: 'not-pool', culprit: 'hotplug.sys', victims: [] }));
      machine.systemThread(worker);
    },
  },
];
