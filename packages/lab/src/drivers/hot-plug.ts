import { Driver, type Routine } from '../run/index.ts';

const nonPaged = 0;
const tag = 0x674c_7048;
const logBytes = 0x90;
const nameTag = 0x6d4e_7048;
/** Bytes of the block that a device's name is kept in. */
export const nameBytes = 0x50;
/** Where its log has the number of devices that have come. */
const arrivals = 0x10;

/** A driver without a device: it counts the devices that come, in a thread of the system that it asks for. */
export class HotPlug extends Driver {
  override readonly name = 'hotplug';
  override readonly isLone = true;
  override readonly globals = { Log: 8, LastName: 8 };
  // Longer than its block: the header behind and the first bytes of the next block are written too.
  override readonly texts = { DeviceName: '\\\\?\\USB#VID_0B4D&PID_110A#'.padEnd(nameBytes + 0x12, '0') };

  override entry(routine: Routine): void {
    const log = routine.result('nt!ExAllocatePoolWithTag', nonPaged, logBytes, tag);
    routine.fill(log, 0, logBytes);
    routine.store(this.global('Log'), 0, log);
  }

  /** Frees its log. The names, and whoever still wants to call it, are forgotten. */
  override unload(routine: Routine): void {
    const log = routine.load(this.global('Log'));
    routine.call('nt!ExFreePoolWithTag', log, tag);
  }

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      // A work item: keeps the name of the newest device.
      HotplugRemember: (routine) => {
        const name = routine.result('nt!ExAllocatePoolWithTag', nonPaged, nameBytes, nameTag);
        routine.store(this.global('LastName'), 0, name);
        routine.copyText(name, this.text('DeviceName'));
      },
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
