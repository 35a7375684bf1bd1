import type { Va } from '@poolscope/engine/base';
import {
  CaptureCard,
  NetWatch,
  type Numbers,
  oneOf,
  PathGuard,
  type RecordDriver,
  SerialRing,
  StreamTag,
  VolMirror,
} from '../drivers/index.ts';
import type { TrueBlock } from '../pool/index.ts';
import type { ScenarioRun } from './scenario-run.ts';
import { stuck } from './story-error.ts';
import type { KeptRecord } from './traffic.ts';

const page = 0x1000n;
/** Attempts to get a block where the story wants one. */
const mostTries = 60;
/** Records that are made before somebody looks where they are. */
const batch = 4;

/** All drivers that keep records, each of some build. */
export const officeDrivers = (numbers: Numbers): RecordDriver[] =>
  [NetWatch, VolMirror, SerialRing, StreamTag, PathGuard, CaptureCard].map((kind) => new kind(numbers(4)));

/** A record, its block, and the block behind it in the same page. */
export interface Neighbours {
  readonly record: KeptRecord;
  readonly block: TrueBlock;
  readonly next: TrueBlock;
  /** Of the block behind; undefined: nobody's, or the system's. */
  readonly owner: KeptRecord | undefined;
}

export type WantedNeighbours = (found: Neighbours) => boolean;

/** The block behind belongs to another driver, which will free it some day. */
export const ofAnotherDriver: WantedNeighbours = ({ record, owner }) =>
  owner !== undefined && owner.driver !== record.driver;

export const isFree: WantedNeighbours = ({ next }) => next.state === 'free' && next.size > 0x20;

/** Where what the allocator keeps in front of a block begins: a chunk of a segment heap has a header of its own. */
export function blockFront({ header, allocator, state }: TrueBlock): Va {
  if (allocator !== 'vs' || state === 'free') return header;
  // The header of a chunk whose block begins a page is in the page before, with room behind it.
  return header - (header % page === 0n ? 0x20n : 0x10n);
}

export const blockEnd = ({ header, size }: TrueBlock): Va => header + BigInt(size);

/** A record of the driver with such a block behind it: records come and go until there is one. */
export function recordBefore(
  run: ScenarioRun,
  driver: RecordDriver,
  wants: WantedNeighbours,
  bytes?: readonly number[],
): Neighbours {
  const { traffic, numbers } = run;
  for (let tries = 0; tries < mostTries; tries++) {
    const made = Array.from({ length: batch }, () => {
      traffic.work(2);
      return traffic.create(driver, { bytes: oneOf(numbers, bytes ?? driver.sizes) });
    });
    const blocks = run.machine.pool.blocks();
    const kept = made.filter((record) => traffic.records.includes(record));
    const all = kept.map((record) => neighboursOf(run, blocks, record));
    // Where a driver's blocks have pages of their own, others lack its company.
    const suits = (each: Neighbours): boolean =>
      isWatched(run, each.record) || wants(each) || (tries > mostTries / 2 && each.owner !== undefined);
    const found = all.find((each) => each !== undefined && suits(each));
    if (found !== undefined) {
      traffic.pin(found.record, ...(found.owner === undefined ? [] : [found.owner]));
      return found;
    }
    for (const record of kept) if (numbers(2) === 0) traffic.release(record);
  }
  return stuck(`no record of ${driver.name} has such a neighbour`);
}

function neighboursOf(
  run: ScenarioRun,
  blocks: readonly TrueBlock[],
  record: KeptRecord,
): Neighbours | undefined {
  const index = blocks.findIndex(({ address }) => address === record.address);
  if (index < 0) return alone(run, record);
  const [block, next] = [blocks[index], blocks[index + 1]];
  if (block === undefined || next === undefined || blockEnd(block) % page === 0n) return undefined;
  if (blockFront(next) !== blockEnd(block)) return undefined;
  return { record, block, next, owner: run.traffic.ownerOf(next.address) };
}

/** Special pool has nothing but a page that nobody can touch behind a block. */
function alone(run: ScenarioRun, record: KeptRecord): Neighbours {
  const block = run.blockAt(record.address);
  const end = blockEnd(block);
  return { record, block, next: { ...block, header: end, address: end, size: 0x1000 }, owner: undefined };
}

/** The record's driver is one whose blocks have pages of their own. */
export const isWatched = ({ machine }: ScenarioRun, { address }: KeptRecord): boolean =>
  (machine.special?.blockAt(address) ?? machine.special?.freedAt(address)) !== undefined;

/** A record of the driver that stands behind a block of another one. */
export function recordBehind(
  run: ScenarioRun,
  driver: RecordDriver,
): Pick<Neighbours, 'record' | 'block' | 'owner'> {
  const record = run.traffic.create(driver);
  run.traffic.pin(record);
  if (isWatched(run, record)) return alone(run, record);
  const found = recordBefore(
    run,
    oneOf(run.numbers, samePool(run, driver)),
    ({ owner }) => owner?.driver === driver,
  );
  return { record: found.owner!, block: found.next, owner: found.record };
}

/** Drivers whose records come from the same pool, without the driver itself. */
export const samePool = (run: ScenarioRun, driver: RecordDriver): RecordDriver[] =>
  run.drivers.filter((each) => each !== driver && each.poolType === driver.poolType);

/** Ordinary work goes on until somebody meets the damage, soon or late. Those concerned are given back in their order. */
export function goOn(run: ScenarioRun, ...concerned: readonly (KeptRecord | undefined)[]): void {
  const { traffic, numbers } = run;
  const records = concerned.filter((each) => each !== undefined);
  traffic.pin(...records);
  if (numbers(3) !== 0) traffic.work(5 + numbers(60));
  for (const record of records) {
    traffic.release(record);
    traffic.work(numbers(4));
  }
  for (let round = 0; round < 4; round++) {
    traffic.releaseAll();
    traffic.work(80);
  }
}
