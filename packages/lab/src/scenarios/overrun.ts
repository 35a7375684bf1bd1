import type { Va } from '@poolscope/engine/base';
import { BlockCache, Myfault, myfaultControls } from '../drivers/index.ts';
import type { ScenarioDamage, ToldTruth } from '../machine/scenario-truth.ts';
import type { Scenario } from './scenario.ts';
import { blockTruth, damageTruth, type ScenarioRun, victimTruth } from './scenario-run.ts';
import { specialTruth } from './special-run.ts';

const page = 0x1000n;
const blockBytes = 0x800;
/** What a page has left behind a block of 0x810 bytes. */
const restBytes = 0x7e0;
const mapBytes = 0x200;

/** The pool has no room left for a block of half a page: the next one takes a page of its own, and its rest is free. */
function fillHalfPages(run: ScenarioRun): void {
  run.warmUp();
  if (isApart(run)) return;
  run.cacheUntilFreshPage(blockBytes);
  run.cacheUntilFreshPage(restBytes);
  run.cache(blockBytes);
}

/** Room is taken from the end of a page: the newest block is there, and the next one of that size comes in front of it. */
export function makeRoomInFront(run: ScenarioRun, bytes: number): void {
  if (isApart(run)) return;
  run.cacheUntilFreshPage(bytes);
  run.cache(bytes);
}

/** Blocks of the block cache have pages of their own: where it is watched, there is no room to fill. */
function isApart(run: ScenarioRun): boolean {
  const { special } = run.machine;
  return special !== undefined && special.blockAt(run.cache(blockBytes)) !== undefined;
}

/** The driver writes past the end of its newest block. */
export function overrun(run: ScenarioRun, code: number, pattern: ScenarioDamage['pattern']): void {
  overrunBy(run, 'myfault', { pattern, variable: 'LastBlock', act: () => run.control('myfault', code) });
}

interface OverrunDeed {
  readonly pattern: ScenarioDamage['pattern'];
  /** Of the driver: where it keeps the address of the block. */
  readonly variable: string;
  readonly act: () => void;
}

/** A driver writes past the end of its newest block; in special pool it does not get far. */
export function overrunBy(run: ScenarioRun, driver: string, { pattern, variable, act }: OverrunDeed): void {
  const before = run.machine.special?.newest;
  run.deed(driver, act, (writes) => {
    const told: Pick<ToldTruth, 'kind' | 'culprit'> = { kind: 'pool-overrun', culprit: `${driver}.sys` };
    const newest = run.machine.special?.newest;
    if (newest !== undefined && newest.address !== before?.address)
      return { ...told, block: specialTruth(newest, 'allocated'), victims: [] };
    const block = run.blockAt(run.machine.readPointer(`${driver}!${variable}`));
    const end: Va = block.header + BigInt(block.size);
    const victim = run.blockAt(end);
    const damage = damageTruth(writes, { start: end, end: (end / page + 1n) * page }, pattern);
    return { ...told, block: blockTruth(block), victims: [victimTruth(victim)], damage };
  });
}

const drivers = (): (BlockCache | Myfault)[] => [new BlockCache(), new Myfault()];

export const overrunByText: Scenario = {
  name: 'overrun-text',
  title: 'A text longer than its block',
  difficulty: 'easy',
  story:
    'A driver copies a text into a block without looking at its length. Another driver asks for memory and stops the machine.',
  drivers,
  run(run) {
    fillHalfPages(run);
    overrun(run, myfaultControls.overrunText, 'text');
    run.cache(restBytes);
  },
};

export const overrunFoundByWorker: Scenario = {
  name: 'overrun-text-worker',
  title: 'A text longer than its block, found by a thread of the system',
  difficulty: 'medium',
  story:
    'A driver copies a text into a block without looking at its length. A worker thread of another driver pays for it.',
  drivers,
  run(run) {
    fillHalfPages(run);
    overrun(run, myfaultControls.overrunText, 'text');
    run.machine.systemThread('blkcache!BlkcacheWorker', BigInt(restBytes));
  },
};

export const overrunByByte: Scenario = {
  name: 'overrun-byte',
  title: 'A loop that goes once too often',
  difficulty: 'medium',
  story: 'A driver fills its block and one byte more. Nothing happens until it gives the block back.',
  drivers,
  run(run) {
    fillHalfPages(run);
    overrun(run, myfaultControls.overrunByte, 'fill');
    run.control('myfault', myfaultControls.freeLast);
  },
};

export const overrunOfBitMap: Scenario = {
  name: 'bitmap-writer',
  title: 'A bit beyond a bit map',
  difficulty: 'hard',
  story:
    'A driver sets a bit that its bit map has no room for. One bit of the next header is wrong, and looks like a fault of the memory.',
  drivers,
  run(run) {
    run.warmUp();
    makeRoomInFront(run, mapBytes);
    overrun(run, myfaultControls.bitMap, 'bit');
    run.control('myfault', myfaultControls.freeLast);
  },
};
