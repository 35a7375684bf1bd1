import type { RecordDriver } from '../drivers/index.ts';
import {
  blockEnd,
  goOn,
  type Neighbours,
  ofAnotherDriver,
  officeDrivers,
  recordBefore,
  type WantedNeighbours,
} from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';
import type { OperationInput } from './traffic.ts';
import type { DamageShape } from './truths.ts';
import { overrunTruth } from './truths.ts';

/** An operation of a driver that writes past the end of a record. */
export interface OverrunStory extends Pick<Scenario, 'name' | 'title' | 'difficulty' | 'story' | 'pool'> {
  readonly driver: new (variant?: number) => RecordDriver;
  readonly pattern: DamageShape;
  /** What has to be behind the record; a block of another driver when absent. */
  readonly behind?: WantedNeighbours;
  /** Bytes of the record; those that the driver usually has when absent. */
  readonly bytes?: readonly number[];
  /** What the drivers do before one of them makes the record. */
  before?(run: ScenarioRun): void;
  readonly operation: string;
  input(run: ScenarioRun, found: Neighbours): OperationInput;
  /** What happens next, so that somebody is sure to meet the damage. */
  after?(run: ScenarioRun, found: Neighbours): void;
}

/** Bytes from an offset in the record to the end of its block. */
export const roomFrom = ({ record, block }: Neighbours, offset: number): number =>
  Number(blockEnd(block) - record.address) - offset;

/** Who owns the block behind pays for it, or the driver itself when it frees its own. */
export const overrunScenario = (story: OverrunStory): Scenario => ({
  name: story.name,
  title: story.title,
  difficulty: story.difficulty,
  story: story.story,
  ...(story.pool === undefined ? {} : { pool: story.pool }),
  drivers: officeDrivers,
  run(run) {
    run.settle();
    story.before?.(run);
    const driver = run.driver(story.driver);
    const found = recordBefore(run, driver, story.behind ?? ofAnotherDriver, story.bytes);
    const input = story.input(run, found);
    run.deed(
      driver.name,
      () => run.traffic.does(found.record, story.operation, input),
      (writes) => overrunTruth(run, writes, found, story.pattern),
    );
    story.after?.(run, found);
    const isOwnFault = run.numbers(4) === 0;
    goOn(run, ...(isOwnFault ? [found.record, found.owner] : [found.owner, found.record]));
  },
});
