import { BlockCache, blockCacheControls, HotPlug, nameBytes } from '../drivers/index.ts';
import { makeRoomInFront, overrunBy } from './overrun.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';

/** Stories of a driver that is not there any more when its mistake is met. */
export const unloadedDrivers: readonly Scenario[] = [
  {
    name: 'unloaded-worker',
    title: 'A driver that went too soon',
    difficulty: 'medium',
    story:
      'A driver is unloaded and does not wait for the work that it has asked a thread of the system to do. When the thread gets to it, there is nothing where the code was. The pool is whole.',
    pool: 'any',
    drivers: (numbers) => [...officeDrivers(numbers), new HotPlug()],
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
  {
    name: 'unloaded-overrun',
    title: 'A driver that is not there any more',
    difficulty: 'hard',
    story:
      'A driver keeps a name that is longer than its block, forgets it, and is unloaded. Another driver stops the machine when it frees the block behind.',
    drivers: () => [new BlockCache(), new HotPlug()],
    run(run) {
      const { machine } = run;
      run.warmUp();
      makeRoomInFront(run, nameBytes);
      overrunBy(run, 'hotplug', {
        pattern: 'text',
        variable: 'LastName',
        act: () => machine.systemThread('hotplug!HotplugRemember'),
      });
      machine.unloadDriver('hotplug');
      run.control('blkcache', blockCacheControls.freeNewest);
    },
  },
];
