import type { Va } from '@poolscope/engine/base';
import { NetWatch, oneOf, type RecordDriver } from '../drivers/index.ts';
import type { TrueBlock } from '../pool/index.ts';
import { blockEnd, isWatched, samePool } from './phases.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { stuck } from './story-error.ts';
import type { KeptRecord } from './traffic.ts';

const page = 0x1000n;
const mostTries = 60;
/** Free blocks of a size are given out by chance on a segment heap. */
const mostChances = 180;
/** More blocks of a size than a segment heap keeps among others. */
const crowded = 18;
/** Records that are made before somebody looks where they are. */
const batch = 4;

/** Requests that are served from lists of spare blocks, but not those that a device control itself needs. */
export const smallSizes = [0x58, 0x70, 0x98, 0xd0, 0x150, 0x188, 0x1a0, 0x1e0];

/** A driver that keeps the address of what it freed, and one that may get the block. */
export function pairOf(
  run: ScenarioRun,
  wants: (other: RecordDriver) => boolean,
): { readonly culprit: RecordDriver; readonly other: RecordDriver } {
  const pairs = run.drivers.flatMap((culprit) =>
    // A record of this one is taken out of its list first, which stops the machine on its own.
    culprit instanceof NetWatch || (run.culprit !== undefined && run.culprit !== culprit)
      ? []
      : samePool(run, culprit)
          .filter(wants)
          .map((other) => ({ culprit, other })),
  );
  return oneOf(run.numbers, pairs);
}

/** A block and the record that it held, whose driver keeps its address. */
export interface ClosedRecord {
  readonly record: KeptRecord;
  readonly block: TrueBlock;
}

export function closedRecord(
  run: ScenarioRun,
  driver: RecordDriver,
  sizes: readonly number[] = smallSizes,
): ClosedRecord {
  const bytes = oneOf(run.numbers, sizes);
  if (run.hasHeaps) crowd(run, driver, bytes);
  const record = run.traffic.create(driver, { bytes });
  const block = run.blockAt(record.address);
  run.traffic.close(record);
  return { record, block };
}

/** As many records of a size as make a segment heap serve it from pages of its own. */
export function crowd(run: ScenarioRun, driver: RecordDriver, bytes: number): void {
  for (let count = 0; count < crowded; count++) run.traffic.create(driver, { bytes });
}

/** Another driver gets the block that was freed. */
export function reuse(run: ScenarioRun, closed: KeptRecord, driver: RecordDriver): KeptRecord {
  const { address, bytes } = closed;
  for (let tries = 0; tries < (run.hasHeaps ? mostChances : mostTries); tries++) {
    // Its contents come later: the copy of them on their way would take the block.
    const record = run.traffic.create(driver, { bytes, data: new Uint8Array(0) });
    const data = driver.contents(run.numbers, bytes);
    run.traffic.does(record, 'Update', { number: driver.dataOffset, data });
    if (record.address === address || isWatched(run, closed) || isWatched(run, record)) return record;
  }
  return stuck(`${driver.name} does not get the block`);
}

/** So many frees, and those that wait are done. */
const waiting = 34;
/** Each of the paged pools has blocks that wait, and requests go to one after the other. */
const pagedPools = 6;
/** Has a block that waits for its free; smaller ones have lists of spare blocks. */
const waitingBytes = 0x210;

/** A record whose block is in a list of free ones after its driver has closed it, joined with no other. */
export function freedAlone(run: ScenarioRun, driver: RecordDriver, sizes: readonly number[]): ClosedRecord {
  const { traffic } = run;
  const kindred = run.drivers.filter(({ poolType }) => poolType === driver.poolType);
  for (let tries = 0; tries < mostTries; tries++) {
    const made = Array.from({ length: batch }, () =>
      traffic.create(driver, { bytes: oneOf(run.numbers, sizes) }),
    );
    const [any] = made;
    if (any !== undefined && isWatched(run, any)) {
      const block = run.blockAt(any.address);
      traffic.close(any);
      return { record: any, block };
    }
    const blocks = run.machine.pool.blocks();
    // The newest has free memory in front of it as a rule.
    const record = made.find(({ address }) => blockBetween(blocks, address) !== undefined);
    if (record === undefined) continue;
    const block = blockBetween(blocks, record.address)!;
    traffic.close(record);
    for (let round = 0; round < pagedPools; round++) {
      for (let count = 0; count < waiting; count++)
        traffic.send(oneOf(run.numbers, kindred), 'Flush', 0, { number: waitingBytes });
      const now = run.machine.pool.blocks().find(({ header }) => header === block.header);
      if (now?.state === 'free' && now.size === block.size) return { record, block };
      if (now?.state !== 'deferred') break;
    }
  }
  return stuck(`no block of ${driver.name} stays alone`);
}

/** The block of an address, if those in front of it and behind it in the page are in use. */
function blockBetween(blocks: readonly TrueBlock[], va: Va): TrueBlock | undefined {
  const index = blocks.findIndex(({ address }) => address === va);
  const [before, block, after] = [blocks[index - 1], blocks[index], blocks[index + 1]];
  if (block === undefined) return undefined;
  const isApart = (neighbour: TrueBlock | undefined, joint: Va): boolean =>
    joint % page === 0n || neighbour?.state === 'allocated';
  return isApart(before, block.header) && isApart(after, blockEnd(block)) ? block : undefined;
}
