import { asciiBytes } from '../bytes/integers.ts';
import {
  KeyboardPort,
  keyboardControls,
  type Numbers,
  PathGuard,
  randomBytes,
  SerialRing,
  VolMirror,
} from '../drivers/index.ts';
import type { Driver } from '../run/index.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** Nothing is mapped there. */
const unmapped = ({ numbers }: ScenarioRun): bigint =>
  0xffff_f880_7f00_0000n + BigInt(0x1000 * numbers(0x1000));

const withKeyboard = (numbers: Numbers): Driver[] => [...officeDrivers(numbers), new KeyboardPort()];

/** A crash that has nothing to do with pool, on a machine whose pool is full of odd things. */
const healthy = (
  facts: Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story'>,
  culprit: string | undefined,
  crash: (run: ScenarioRun) => void,
): Scenario => ({
  ...facts,
  pool: 'any',
  drivers: withKeyboard,
  run(run) {
    run.settle();
    run.tell(() => ({ kind: 'not-pool', culprit, victims: [] }));
    crash(run);
  },
});

export const healthyMachines: readonly Scenario[] = [
  healthy(
    {
      name: 'healthy-crash-keys',
      title: 'Somebody stops the machine',
      difficulty: 'easy',
      story: 'Somebody presses the keys that stop a machine to get a dump of it. Nothing is wrong.',
    },
    undefined,
    (run) => run.control('i8042prt', keyboardControls.crashKeys),
  ),
  healthy(
    {
      name: 'healthy-worker',
      title: 'A worker without a context',
      difficulty: 'easy',
      story: 'A thread of a filter of storage is started with no context. The pool is whole.',
    },
    'volmirr.sys',
    ({ machine }) => machine.systemThread('volmirr!VolmirrWorker'),
  ),
  healthy(
    {
      name: 'healthy-removed-card',
      title: 'The card is not there any more',
      difficulty: 'easy',
      story:
        'A driver reads a register of its card at DISPATCH_LEVEL when the card is gone. The pool is whole.',
    },
    'capcard.sys',
    (run) => run.machine.systemThread('capcard!CapcardPoll', unmapped(run)),
  ),
  healthy(
    {
      name: 'healthy-kernel-copy',
      title: 'The kernel copies for a driver',
      difficulty: 'medium',
      story:
        'A driver lets the kernel copy from memory that is not there, at DISPATCH_LEVEL. The fault is in the kernel, the pool is whole.',
    },
    'capcard.sys',
    (run) => run.machine.systemThread('capcard!CapcardDrain', unmapped(run)),
  ),
  healthy(
    {
      name: 'healthy-interrupt',
      title: 'A text is no context',
      difficulty: 'medium',
      story:
        'The interrupt routine of a driver gets the wrong pointer and finds letters where a pointer should be. The pool is whole.',
    },
    'capcard.sys',
    (run) => {
      const { address } = run.traffic.create(run.driver(SerialRing));
      run.machine.systemThread('capcard!CapcardInterrupt', address);
    },
  ),
  healthy(
    {
      name: 'stack-cookie',
      title: 'A buffer of the stack is too short',
      difficulty: 'medium',
      story:
        'A scanner of files copies a name into a buffer of its stack, over what the compiler put behind it. The pool is whole.',
    },
    'pathgrd.sys',
    (run) => {
      const data = asciiBytes('x'.repeat(PathGuard.formatBytes));
      data.set(randomBytes(run.numbers, 0x20), 0x10);
      const more = asciiBytes('.docx'.slice(0, 1 + run.numbers(5)));
      run.traffic.send(run.driver(PathGuard), 'Format', 0, { data: Uint8Array.of(...data, ...more) });
    },
  ),
  healthy(
    {
      name: 'stack-overflow',
      title: 'A function that calls itself for ever',
      difficulty: 'easy',
      story:
        'A filter of storage goes down a chain of mirrors that has become a ring. The stack ends before the ring does; the pool is whole.',
    },
    'volmirr.sys',
    (run) => {
      const { address } = run.traffic.create(run.driver(VolMirror));
      run.machine.systemThread('volmirr!VolmirrDescend', address);
    },
  ),
];
