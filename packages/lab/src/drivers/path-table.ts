import { type Control, Driver } from '../run/driver.ts';
import { controlCode } from './control-code.ts';

/** Codes of the device controls of PathTable. */
export const pathTableControls = {
  /** Takes a block for one more path. */
  addPath: controlCode(0x11),
} as const;

const nonPaged = 0;
/** `MPtc` */
const pathTableTag = 0x6374_504d;
const pathBytes = 0x110;

/** A driver that does nothing wrong: it keeps what it knows of each path to a device in a block of nonpaged pool. */
export class PathTable extends Driver {
  override readonly name = 'pathtbl';
  override readonly globals = { NewestPath: 8 };

  override controls(): readonly Control[] {
    return [
      {
        code: pathTableControls.addPath,
        body: (routine) => {
          const path = routine.result('nt!ExAllocatePoolWithTag', nonPaged, pathBytes, pathTableTag);
          const older = routine.load(this.global('NewestPath'));
          routine.store(path, 0, older);
          routine.store(this.global('NewestPath'), 0, path);
        },
      },
    ];
  }
}
