import { myfaultControls } from '../drivers/index.ts';
import { poolTagValue } from '../special-pool/index.ts';
import type { Scenario } from './scenario.ts';
import { tellOfLast, tellOfNewest, watchedMyfault, watchedScenario } from './special-run.ts';

/** Faults that the pages of special pool meet while they happen. */
export const pageScenarios: readonly Scenario[] = [
  watchedScenario(
    {
      name: 'special-overrun',
      title: 'A text longer than its block, with special pool',
      difficulty: 'easy',
      story:
        'Driver Verifier puts the blocks of a driver into special pool. The driver copies a text that is too long, and is stopped at the first byte outside.',
    },
    (run) => {
      run.warmUp();
      tellOfNewest(run, 'pool-overrun');
      run.control('myfault', myfaultControls.overrunText);
    },
  ),
  watchedScenario(
    {
      name: 'special-overrun-read',
      title: 'A look behind a block, with special pool',
      difficulty: 'easy',
      story: 'A driver reads what is behind its block. Nothing is damaged, and only special pool notices.',
    },
    (run) => {
      run.warmUp();
      tellOfNewest(run, 'pool-overrun');
      run.control('myfault', myfaultControls.readBehind);
    },
  ),
  watchedScenario(
    {
      name: 'special-by-tag',
      title: 'Special pool for one tag',
      difficulty: 'easy',
      story:
        'Nobody knows whose blocks are overrun, so special pool is asked for by their tag. The write past the end stops the machine where it happens.',
    },
    (run) => {
      run.warmUp();
      tellOfNewest(run, 'pool-overrun');
      run.control('myfault', myfaultControls.overrunByte);
    },
    { specialPool: { poolTag: poolTagValue('Ff?t') } },
  ),
  watchedScenario(
    {
      name: 'special-underrun',
      title: 'A header in front of a block, with the start watched',
      difficulty: 'medium',
      story:
        'A driver writes a header where its block has none. Special pool is told to watch the start of blocks, and the page in front is missing.',
    },
    (run) => {
      run.warmUp();
      tellOfNewest(run, 'pool-underrun');
      run.control('myfault', myfaultControls.writeBefore);
    },
    { ...watchedMyfault, specialPool: { poolTagOverruns: false } },
  ),
  watchedScenario(
    {
      name: 'special-write-after-free',
      title: 'A block that is used after its end, with special pool',
      difficulty: 'easy',
      story: 'A driver frees a block and then writes into it. The page of the block is gone.',
    },
    (run) => {
      run.warmUp();
      // Another block of the driver keeps the page table.
      run.control('myfault', myfaultControls.leakNonPaged, new Uint8Array(0x40));
      tellOfLast(run, 'use-after-free', { state: 'free' });
      run.control('myfault', myfaultControls.writeAfterFree);
    },
  ),
  watchedScenario(
    {
      name: 'special-read-after-free',
      title: 'A freed block handed to the kernel',
      difficulty: 'medium',
      story:
        'A driver copies out of a block that it has freed. The code that touches the page is that of the kernel.',
    },
    (run) => {
      run.warmUp();
      run.control('myfault', myfaultControls.leakNonPaged, new Uint8Array(0x40));
      tellOfLast(run, 'use-after-free', { state: 'free' });
      run.control('myfault', myfaultControls.copyFreed);
    },
  ),
  watchedScenario(
    {
      name: 'special-double-free',
      title: 'The same block freed twice, with special pool',
      difficulty: 'medium',
      story:
        'A driver frees a block and, on the way out, frees it again. The verifier looks at a header that is gone, and its log tells who freed it first.',
    },
    (run) => {
      run.warmUp();
      tellOfLast(run, 'double-free', { state: 'free', more: (freedAddress) => ({ freedAddress }) });
      run.control('myfault', myfaultControls.doubleFree);
    },
  ),
];
