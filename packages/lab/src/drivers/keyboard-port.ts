import { type Control, Driver, type Routine } from '../run/index.ts';
import { controlCode } from './control-code.ts';

/** Codes of the device controls of KeyboardPort. */
export const keyboardControls = { crashKeys: controlCode(0x41) } as const;
const manuallyInitiatedCrash = 0xe2;

/** The port of the keyboard: somebody may stop the machine with it. */
export class KeyboardPort extends Driver {
  override readonly name = 'i8042prt';

  override routines(): Readonly<Record<string, (routine: Routine) => void>> {
    return {
      I8xProcessCrashDump: (routine) => {
        routine.call('nt!KeBugCheckEx', manuallyInitiatedCrash, 0, 0, 0, 0);
      },
    };
  }

  override controls(): readonly Control[] {
    return [{ code: keyboardControls.crashKeys, body: (routine) => routine.call('I8xProcessCrashDump') }];
  }
}
