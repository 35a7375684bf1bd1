// A buggy driver of one's own in the lab, and the dump of the crash that it causes:
//
//   node examples/my-driver.mjs greeter.dmp
//   npx poolscope analyze greeter.dmp

import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { Driver, dumpBytes, RunningMachine, SystemStopped } from '@poolscope/lab';

const nonPagedPool = 0;
/** The tag Gree, as drivers write it: the first letter in the lowest byte. */
export const tag = 0x6565_7247;
/** Bytes of a block: the length of the name, and room for a name. */
export const blockBytes = 0x60;
const nameAt = 8;
const setName = 0x22_2004;

/** Keeps a name for its caller, and believes what the caller says about its length. */
export class Greeter extends Driver {
  name = 'greeter';
  globals = { LastName: 8 };

  controls() {
    return [
      {
        code: setName,
        /** What is written here becomes code of the machine, which is executed instruction by instruction. */
        body: (routine, { buffer, length }) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', nonPagedPool, blockBytes, tag);
          routine.store(block, 0, length, 4);
          routine.store(block, 4, 0, 4);
          routine.store(this.global('LastName'), 0, block);
          // The bug: `length` was never compared with the room that there is.
          routine.add(block, nameAt);
          routine.copy(block, buffer, length);
        },
      },
    ];
  }
}

/** Boots a machine with the driver, sends it names, and gives the bytes of the dump. */
export function crash(build = 9200) {
  const machine = new RunningMachine({ build, drivers: [new Greeter()] });
  machine.populate(1);
  const name = (/** @type {number} */ length, text = 'Ada Lovelace ') =>
    new TextEncoder().encode(text.repeat(40).slice(0, length));
  try {
    for (let index = 0; index < 20; index++)
      machine.deviceControl({ driver: 'greeter', code: setName, input: name(20 + index) });
    // One name that is too long; then more work, until the kernel comes upon the damage.
    machine.deviceControl({
      driver: 'greeter',
      code: setName,
      input: name(blockBytes + 40, 'Wolfeschlegelstein'),
    });
    for (let index = 0; index < 5000; index++)
      machine.deviceControl({ driver: 'greeter', code: setName, input: name(30) });
  } catch (error) {
    if (!(error instanceof SystemStopped)) throw error;
  }
  return dumpBytes(machine.finish(), { type: 'bitmap-kernel' });
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const path = argv[2] ?? 'greeter.dmp';
  const bytes = crash();
  writeFileSync(path, bytes);
  process.stdout.write(`${path}: ${bytes.length} bytes\n`);
}
