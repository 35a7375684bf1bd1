import { BufferSource, openSession } from '@poolscope/engine';
import { Driver, dumpBytes, type Routine, RunningMachine, SystemStopped } from '@poolscope/lab';
import { expect, it } from 'vitest';

/** The pieces of docs/guide/lab-drivers.md, put together. */
class Greeter extends Driver {
  override readonly name = 'greeter';
  override readonly globals = { LastName: 8 };
  override readonly texts = { Hello: 'Guten Tag, liebe Welt' };

  override entry(routine: Routine): void {
    routine.store(this.global('LastName'), 0, 0);
  }

  override controls() {
    return [
      {
        code: 0x22_2004,
        body: (routine: Routine) => {
          const block = routine.result('nt!ExAllocatePoolWithTag', 0, 16, 0x6565_7247);
          routine.copyText(block, this.text('Hello'));
        },
      },
    ];
  }
}

it('a driver of the guide is caught by Driver Verifier, as the guide says', async () => {
  const verifier = { flags: 9, drivers: ['greeter.sys'] };
  const machine = new RunningMachine({ build: 9200, drivers: [new Greeter()], verifier });
  machine.populate(1);
  expect(() => {
    for (let times = 0; times < 3; times++) machine.deviceControl({ driver: 'greeter', code: 0x22_2004 });
  }).toThrow(SystemStopped);
  const dump = dumpBytes(machine.finish(), { type: 'triage' });
  const { report } = (await openSession(new BufferSource(dump))).analyze();
  expect(report.bugcheck.code).toBe('0xd6');
  expect(report.verdict.suspects[0]?.module).toBe('greeter.sys');
});
