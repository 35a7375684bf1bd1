import { Driver, type Routine } from '../run/index.ts';

const statusPending = 0x103;
/** Members of IRP and IO_STACK_LOCATION of x64. */
const offsets = { location: 0xb8, control: 3 } as const;
/** SL_PENDING_RETURNED */
const pendingReturned = 1;
/** Where its context has the speed that was measured last. */
const speed = 0x18;

/** The driver of a fan, which it has to stop before the machine may sleep. */
export class FanControl extends Driver {
  override readonly name = 'fanctl';
  /** The request that it has not completed yet. */
  override readonly globals = { Pending: 8 };

  /** Waits for the fan to stand still; nobody tells it that it does. */
  override power(routine: Routine): void {
    const irp = routine.argument(2);
    const location = routine.load(irp, offsets.location);
    routine.store(location, offsets.control, pendingReturned, 1);
    routine.store(this.global('Pending'), 0, irp);
    routine.returns(statusPending);
  }

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      // A DPC: looks at the speed once a second.
      FanctlSample: (routine) => {
        const context = routine.argument(2);
        routine.load(context, speed, 4);
      },
    };
  }
}
