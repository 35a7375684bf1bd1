import { myfaultControls, oddBlockSize } from '../drivers/index.ts';
import type { ScenarioDamage } from '../machine/scenario-truth.ts';
import { blockEnd } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { damageTruth, type ScenarioRun } from './scenario-run.ts';
import {
  lastBlock,
  pageEnd,
  tellMisuse,
  tellOfLast,
  trackedMyfault,
  watchedScenario,
} from './special-run.ts';
import { toldBlock } from './truths.ts';

/** Bytes around a block, which are looked at when it is freed. */
function spoilAndFree(
  run: ScenarioRun,
  code: number,
  kind: 'pool-overrun' | 'pool-underrun',
  pattern: ScenarioDamage['pattern'],
): void {
  run.warmUp();
  const writes = run.watch('myfault');
  run.control('myfault', code);
  const block = lastBlock(run);
  const size = BigInt(run.machine.special!.blockAt(block)!.size);
  const range =
    kind === 'pool-overrun'
      ? { start: block + size, end: pageEnd(block) }
      : { start: pageEnd(block) - 0x1000n, end: block };
  const damage = damageTruth(writes, range, pattern);
  tellOfLast(run, kind, { more: () => ({ damage }) });
  run.control('myfault', myfaultControls.freeLast);
}

/** What the verifier finds when it is asked for memory, or gets it back. */
export const checkScenarios: readonly Scenario[] = [
  watchedScenario(
    {
      name: 'special-slop-overrun',
      title: 'Three bytes too many, with special pool',
      difficulty: 'medium',
      story:
        'A driver fills its block and three bytes more, which do not reach the next page. The free of the block finds them.',
    },
    (run) => spoilAndFree(run, myfaultControls.overrunOddBlock, 'pool-overrun', 'fill'),
  ),
  watchedScenario(
    {
      name: 'special-slop-underrun',
      title: 'A header in front of a block, with special pool',
      difficulty: 'medium',
      story:
        'A driver writes a header where its block has none. The free of the block finds the bytes in front of it.',
    },
    (run) => spoilAndFree(run, myfaultControls.writeBefore, 'pool-underrun', 'mixed'),
  ),
  watchedScenario(
    {
      name: 'tracked-overrun',
      title: 'A loop that goes on, with pool tracking',
      difficulty: 'medium',
      story:
        "A driver fills its block and goes on over the verifier's own word behind it. The free of the block finds that.",
    },
    (run) => {
      run.warmUp();
      const writes = run.watch('myfault');
      run.control('myfault', myfaultControls.overrunRest);
      const whole = run.blockAt(lastBlock(run));
      const block = toldBlock(run, whole, 'allocated');
      // What pool tracking added behind the driver's bytes is not the driver's.
      const start = lastBlock(run) + BigInt(oddBlockSize);
      const end = blockEnd(whole);
      const damage = damageTruth(writes, { start, end }, 'fill');
      run.tell(() => ({ kind: 'pool-overrun', culprit: 'myfault.sys', block, victims: [], damage }));
      run.control('myfault', myfaultControls.freeLast);
    },
    trackedMyfault,
  ),
  watchedScenario(
    {
      name: 'verifier-leak',
      title: 'A driver that leaves blocks behind',
      difficulty: 'easy',
      story:
        'A driver is unloaded and has not freed all of its memory. The verifier has a record of each block.',
    },
    (run) => {
      run.warmUp();
      for (let count = 0; count < 3; count++)
        run.control('myfault', myfaultControls.leakNonPaged, new Uint8Array(0x40 + 0x10 * count));
      tellMisuse(run);
      run.machine.unloadDriver('myfault');
    },
  ),
  watchedScenario(
    {
      name: 'verifier-zero-bytes',
      title: 'No bytes, please',
      difficulty: 'easy',
      story: 'A driver asks for a block of no bytes. Only the verifier minds.',
    },
    (run) => {
      run.warmUp();
      tellMisuse(run);
      run.control('myfault', myfaultControls.zeroBytes);
    },
  ),
  watchedScenario(
    {
      name: 'verifier-high-irql',
      title: 'Paged memory at DISPATCH_LEVEL, seen by the verifier',
      difficulty: 'easy',
      story: 'A driver asks for paged memory where it may not wait. The verifier stops it.',
    },
    (run) => {
      run.warmUp();
      tellMisuse(run);
      run.control('myfault', myfaultControls.pagedAtHighIrql);
    },
  ),
];
