import { Myfault, myfaultControls } from '../drivers/index.ts';
import type { Scenario } from './scenario.ts';

/** A crash of the driver's own making that has nothing to do with pool: all of that is whole. */
const healthy = (
  facts: Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story'>,
  code: number,
): Scenario => ({
  ...facts,
  pool: 'any',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.tell(() => ({ kind: 'not-pool', culprit: 'myfault.sys', victims: [] }));
    run.control('myfault', code);
  },
});

export const plainFaults: readonly Scenario[] = [
  healthy(
    {
      name: 'null-pointer',
      title: 'A pointer that was never set',
      difficulty: 'easy',
      story: 'A driver reads through a null pointer. The pool is whole.',
    },
    myfaultControls.nullRead,
  ),
  healthy(
    {
      name: 'high-irql',
      title: 'Memory that may not be touched now',
      difficulty: 'easy',
      story: 'A driver at DISPATCH_LEVEL reads memory that is not there. The pool is whole.',
    },
    myfaultControls.highIrql,
  ),
  healthy(
    {
      name: 'wild-pointer',
      title: 'A write to nowhere',
      difficulty: 'easy',
      story: 'A driver writes through a pointer to memory that nobody has mapped. The pool is whole.',
    },
    myfaultControls.wildWrite,
  ),
  healthy(
    {
      name: 'code-overwrite',
      title: 'A write to code',
      difficulty: 'easy',
      story: 'A driver writes over its own code, which the machine protects. The pool is whole.',
    },
    myfaultControls.codeOverwrite,
  ),
  healthy(
    {
      name: 'breakpoint',
      title: 'A breakpoint without a debugger',
      difficulty: 'easy',
      story: 'A driver was shipped with a breakpoint in it. The pool is whole.',
    },
    myfaultControls.breakpoint,
  ),
];
