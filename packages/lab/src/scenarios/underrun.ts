import { asciiBytes, concatBytes, u32Bytes } from '../bytes/integers.ts';
import { CaptureCard, type RecordDriver, randomBytes, SerialRing } from '../drivers/index.ts';
import { goOn, officeDrivers, recordBehind } from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';
import type { OperationInput } from './traffic.ts';
import { underrunTruth } from './truths.ts';

/** Who owns the block in front frees it some day, and finds a header behind it that is none. */
const underrun = (
  facts: Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story' | 'pool'>,
  driverOf: (run: ScenarioRun) => RecordDriver,
  operation: string,
  input: (run: ScenarioRun) => OperationInput,
): Scenario => ({
  ...facts,
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { record, block, owner } = recordBehind(run, driverOf(run));
    const what = input(run);
    run.deed(
      record.driver.name,
      () => run.traffic.does(record, operation, what),
      (writes) => underrunTruth(run, writes, record, block),
    );
    goOn(run, owner, record);
  },
});

export const underruns: readonly Scenario[] = [
  underrun(
    {
      name: 'underrun-index',
      title: 'The element before the first',
      difficulty: 'hard',
      story:
        'A driver of serial ports takes back what it read last, also when it has read nothing yet. Element -1 is the header of its own block and the end of the one before.',
    },
    (run) => run.driver(SerialRing),
    'PutBack',
    ({ numbers }) => ({ data: randomBytes(numbers, 8).fill(0xd9, 6, 7).fill(0x01, 7) }),
  ),
  underrun(
    {
      name: 'underrun-header',
      pool: 'any',
      title: 'A header in front, and no room for it',
      difficulty: 'medium',
      story:
        'A driver puts a header of its own in front of each buffer. Buffers that come from another of its functions have no room for it.',
    },
    (run) => run.driver(CaptureCard),
    'PutHeader',
    ({ numbers }) => {
      const bytes = 0x18 + 8 * numbers(5);
      const data = concatBytes([
        asciiBytes('VCAP'),
        u32Bytes(bytes),
        u32Bytes(1 + numbers(0x1000)),
        ...Array.from({ length: bytes / 4 - 3 }, () => u32Bytes(1 + numbers(0xffff_fffe))),
      ]);
      return { number: bytes, data };
    },
  ),
];
