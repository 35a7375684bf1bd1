import { readU64, type Va } from '@poolscope/engine/base';
import { u64Bytes } from '../bytes/integers.ts';
import { CaptureCard, PathGuard, StreamTag } from '../drivers/index.ts';
import type { ScenarioBlock } from '../machine/scenario-truth.ts';
import { officeDrivers } from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { goesOn } from './story-error.ts';
import { bigBlockTruth, imageOf, toldBlock } from './truths.ts';

type Facts = Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story'>;

/** A field of a context is given back instead of the context. */
const ofField = (facts: Facts, offsetOf: (run: ScenarioRun, bytes: number) => number): Scenario => ({
  ...facts,
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const record = run.traffic.create(run.driver(StreamTag));
    const block = run.blockAt(record.address);
    const number = offsetOf(run, record.bytes);
    const truth = {
      kind: 'invalid-free',
      culprit: imageOf(record),
      block: toldBlock(run, block, 'allocated'),
      victims: [],
      freedAddress: record.address + BigInt(number),
    } as const;
    run.deed(
      record.driver.name,
      () => run.traffic.does(record, 'ReleaseField', { number }),
      () => truth,
    );
  },
});

/** The caller names what is given back. */
const ofPointer = (
  facts: Facts,
  target: (run: ScenarioRun) => { readonly address: Va; readonly block?: ScenarioBlock },
): Scenario => ({
  ...facts,
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const card = run.driver(CaptureCard);
    const { address, block } = target(run);
    run.deed(
      card.name,
      () => run.traffic.send(card, 'ReleasePointer', 0, { data: u64Bytes(address) }),
      () => ({
        kind: 'invalid-free',
        culprit: `${card.name}.sys`,
        ...(block === undefined ? {} : { block }),
        victims: [],
        freedAddress: address,
      }),
    );
  },
});

/** Of KeBugCheckEx at its first instruction: behind the return address and the room for the others. */
const lastParameter = 0x28n;

const stackWord = ({ machine }: ScenarioRun, at: bigint): bigint => readU64(machine.space.read(at, 8), 0);

const ofStack: Scenario = {
  name: 'free-stack',
  title: 'A buffer of the stack is freed',
  difficulty: 'easy',
  story:
    'A scanner of files brings a path into a buffer of its stack when the path is short. It frees what it used, wherever that was.',
  pool: 'any',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { machine, traffic } = run;
    const record = traffic.create(run.driver(PathGuard));
    run.deed(
      record.driver.name,
      () => traffic.does(record, 'Normalize'),
      () => {
        const { r8, rsp } = machine.cpu.registers;
        return {
          kind: 'invalid-free',
          culprit: imageOf(record),
          victims: [],
          // The second parameter of the bug check, whatever the kernel calls it; where there are heaps, the last one.
          freedAddress: machine.pool.rebalance === undefined ? r8 : stackWord(run, rsp + lastParameter),
        };
      },
    );
  },
};

export const wrongFrees: readonly Scenario[] = [
  ofField(
    {
      name: 'free-field',
      title: 'A field is freed as if it were a block',
      difficulty: 'medium',
      story:
        'A filter of the file system frees a name that was allocated by itself once, and lies in its context now. The letters in front of it are no header.',
    },
    (run, bytes) => 0x10 * (2 + run.numbers(Math.floor(bytes / 0x10) - 3)),
  ),
  ofField(
    {
      name: 'free-unaligned',
      title: 'A block does not begin there',
      difficulty: 'easy',
      story:
        'A filter of the file system moves its pointer over the characters of a name, and frees what the pointer says. No block begins at such an address.',
    },
    (run, bytes) => 2 + 4 * run.numbers(bytes / 4 - 1),
  ),
  ofStack,
  ofPointer(
    {
      name: 'free-user-address',
      title: 'An address of the caller is freed',
      difficulty: 'easy',
      story:
        'A driver gives back a buffer that its caller names, and the caller names one of its own. The kernel has no pool there.',
    },
    ({ numbers }) => ({ address: 0x7ff6_0000_0000n + BigInt(0x10 * numbers(0x100_0000)) }),
  ),
  ofPointer(
    {
      name: 'free-large-inside',
      title: 'A page in the middle of a large block',
      difficulty: 'medium',
      story:
        'A driver frees the second half of a large buffer by itself. Nothing was ever allocated at that page.',
    },
    (run) => {
      const large = run.machine.pool.truth().bigAllocations.filter(({ bytes }) => bytes > 0x1000);
      const found = large[run.numbers(large.length)];
      goesOn(found !== undefined, 'the pool has no large block');
      return { address: found.address + 0x1000n, block: bigBlockTruth(found) };
    },
  ),
];
