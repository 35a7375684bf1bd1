import { Myfault, myfaultControls } from '../drivers/index.ts';
import type { ToldTruth } from '../machine/scenario-truth.ts';
import type { Scenario } from './scenario.ts';
import { damageTruth, type ScenarioRun } from './scenario-run.ts';
import { toldBlock } from './truths.ts';

const lastBlock = (run: ScenarioRun) => run.blockAt(run.machine.readPointer('myfault!LastBlock'));

export const doubleFreeAtOnce: Scenario = {
  name: 'double-free',
  title: 'The same block freed twice',
  difficulty: 'easy',
  story: 'A driver frees a block and, on the way out, frees it again. The pool notices at once.',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.tell(() => {
      const block = lastBlock(run);
      return {
        kind: 'double-free',
        culprit: 'myfault.sys',
        block: toldBlock(run, block, 'free'),
        victims: [],
        freedAddress: block.address,
      };
    });
    run.control('myfault', myfaultControls.doubleFree);
  },
};

export const writeAfterFree: Scenario = {
  name: 'write-after-free',
  title: 'A block that is used after its end',
  difficulty: 'medium',
  story:
    'A driver frees a block and then writes into it. The link that the pool keeps there is gone, and a later free follows it.',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.deed(
      'myfault',
      () => run.control('myfault', myfaultControls.writeAfterFree),
      (writes) => {
        const block = lastBlock(run);
        const told: ToldTruth = {
          kind: 'use-after-free',
          culprit: 'myfault.sys',
          block: toldBlock(run, block, 'free'),
          victims: [],
        };
        if (told.block?.allocator === 'special') return told;
        const range = { start: block.address, end: block.header + BigInt(block.size) };
        return { ...told, damage: damageTruth(writes, range, 'fill') };
      },
    );
    // Blocks that wait for their free are freed together.
    for (let round = 0; round < 64; round++) run.control('myfault', myfaultControls.keepBlock);
  },
};

export const freeOfInterior: Scenario = {
  name: 'free-interior',
  title: 'An address in the middle of a block is freed',
  difficulty: 'easy',
  story: 'A driver moves its pointer on while it fills its block. Then it frees what the pointer says.',
  pool: 'any',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.tell(() => {
      const block = lastBlock(run);
      return {
        kind: 'invalid-free',
        culprit: 'myfault.sys',
        block: toldBlock(run, block, 'allocated'),
        victims: [],
        freedAddress: block.address + 0x40n,
      };
    });
    run.control('myfault', myfaultControls.freeInside);
  },
};

export const freeWithWrongTag: Scenario = {
  name: 'free-wrong-tag',
  title: 'A block freed with another tag',
  difficulty: 'easy',
  story: 'A driver frees a block with the tag of another kind of block. The pool compares the two.',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.tell(() => {
      const block = toldBlock(run, lastBlock(run), 'allocated');
      return { kind: 'pool-misuse', culprit: 'myfault.sys', block, victims: [] };
    });
    run.control('myfault', myfaultControls.freeWrongTag);
  },
};

export const pagedAtHighIrql: Scenario = {
  name: 'paged-high-irql',
  title: 'Paged pool at DISPATCH_LEVEL',
  difficulty: 'easy',
  story:
    'A driver asks for paged pool while it may not wait. The pool stops the machine before it touches anything.',
  pool: 'any',
  drivers: () => [new Myfault()],
  run(run) {
    run.warmUp();
    run.tell(() => ({ kind: 'pool-misuse', culprit: 'myfault.sys', victims: [] }));
    run.control('myfault', myfaultControls.pagedAtHighIrql);
  },
};
