import { Driver, type Routine } from '../run/index.ts';

const nonPaged = 0;
const tag = 0x674c_7048;
const logBytes = 0x90;
/** Where its log has the number of devices that have come. */
const arrivals = 0x10;

/** A driver without a device: it counts the devices that come, in a thread of the system that it asks for. */
export class HotPlug extends Driver {
  override readonly name = 'hotplug';
  override readonly isLone = true;
  override readonly globals = { Log: 8 };

  override entry(routine: Routine): void {
    const log = routine.result('nt!ExAllocatePoolWithTag', nonPaged, logBytes, tag);
    routine.fill(log, 0, logBytes);
    routine.store(this.global('Log'), 0, log);
  }

  /** Frees what it has. Whoever still wants to call it is forgotten. */
  override unload(routine: Routine): void {
    const log = routine.load(this.global('Log'));
    routine.call('nt!ExFreePoolWithTag', log, tag);
  }

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      // A work item: another device is there.
      HotplugWorker: (routine) => {
        const log = routine.load(this.global('Log'));
        const count = routine.load(log, arrivals, 4);
        routine.add(count, 1);
        routine.store(log, arrivals, count, 4);
      },
    };
  }
}
