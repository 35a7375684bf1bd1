import { asciiBytes } from '../bytes/integers.ts';
import {
  CaptureCard,
  oneOf,
  PathGuard,
  type RecordDriver,
  randomBytes,
  SerialRing,
  StreamTag,
  sentence,
} from '../drivers/index.ts';
import type { TrueBlock } from '../pool/index.ts';
import { blockEnd, blockFront, goOn, isWatched, officeDrivers, recordBefore } from './phases.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioRun, victimTruth } from './scenario-run.ts';
import { goesOn, stuck } from './story-error.ts';
import { pointerTo } from './stray-writes.ts';
import type { KeptRecord } from './traffic.ts';
import { damageIn, freedBlockTruth, writtenFromOutside } from './truths.ts';

const mostTries = 60;
/** Chunks that are freed at once: larger ones than those that wait. */
const largeSizes = [0x448, 0x4a8, 0x548, 0x5d8, 0x668, 0x708] as const;
/** Chunks that wait for their free with others. */
const waitingSizes = [0x218, 0x258, 0x2b8, 0x318] as const;

const blockOf = (run: ScenarioRun, { address }: KeptRecord): TrueBlock => run.blockAt(address);

/** Of some sizes one whose blocks go back to the heap when they are freed: there is no list that keeps them. */
function unkeptSize(run: ScenarioRun, driver: RecordDriver, sizes: readonly number[]): number {
  const isKept = (bytes: number): boolean => {
    const record = run.traffic.create(driver, { bytes });
    const { header } = blockOf(run, record);
    run.traffic.release(record);
    const now = run.machine.pool.blocks().find((each) => each.header === header);
    return now?.state === 'lookaside';
  };
  const first = run.numbers(sizes.length);
  const found = [...sizes.slice(first), ...sizes.slice(0, first)].find((bytes) => !isKept(bytes));
  return found ?? stuck(`all sizes of ${driver.name} have lists`);
}

/** Two records of a driver whose chunks lie side by side. */
function sideBySide(run: ScenarioRun, driver: RecordDriver, bytes: number): [KeptRecord, KeptRecord] {
  const made: KeptRecord[] = [];
  for (let tries = 0; tries < mostTries; tries++) {
    const record = run.traffic.create(driver, { bytes });
    goesOn(!isWatched(run, record), 'a block of special pool is no chunk');
    const block = blockOf(run, record);
    for (const other of made) {
      const known = blockOf(run, other);
      if (blockEnd(known) === blockFront(block)) return [other, record];
      if (blockEnd(block) === blockFront(known)) return [record, other];
    }
    made.push(record);
  }
  return stuck(`${driver.name} gets no chunks side by side`);
}

const joined: Scenario = {
  name: 'chunk-double-free',
  title: 'A chunk that was joined with another',
  difficulty: 'medium',
  pool: 'heap',
  story:
    'Two functions of a driver free the same buffer. The first time its chunk is joined with the free one in front of it, the second time the heap finds that it is not in use.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic, numbers } = run;
    const driver = run.driver(oneOf(numbers, [SerialRing, CaptureCard, PathGuard]));
    const [front, record] = sideBySide(run, driver, unkeptSize(run, driver, largeSizes));
    const block = blockOf(run, record);
    traffic.release(front);
    traffic.close(record);
    run.deed(
      driver.name,
      () => traffic.does(record, 'Close'),
      () => freedBlockTruth(run, 'double-free', { record, block }),
    );
    goOn(run);
  },
};

/** Requests of a size so often that the pool keeps blocks of it for the next ones. */
const busy = 40;

const keptTwice: Scenario = {
  name: 'double-free-kept',
  title: 'A block that is kept twice',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A scanner of files frees a path twice. Blocks of its size are kept for the next request, and nobody looks whether one is there already: two drivers get the same block.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic, numbers, machine } = run;
    const [culprit, other] = [run.driver(PathGuard), run.driver(StreamTag)];
    const bytes = oneOf(numbers, waitingSizes);
    for (let count = 0; count < busy; count++) traffic.send(culprit, 'Flush', 0, { number: bytes });
    machine.pool.rebalance?.();
    const record = traffic.create(culprit, { bytes });
    const block = blockOf(run, record);
    traffic.close(record);
    run.deed(
      culprit.name,
      () => traffic.does(record, 'Close'),
      () => freedBlockTruth(run, 'double-free', { record, block }),
    );
    const [first, second] = [other, culprit].map((driver) => traffic.create(driver, { bytes }));
    goesOn(first?.address === second?.address, 'two drivers get one block');
    traffic.pin(first!, second!);
    traffic.work(numbers(10));
    traffic.does(first!, 'Follow');
    goOn(run, first, second);
  },
};

const whileWaiting: Scenario = {
  name: 'use-after-free-waiting',
  title: 'A link among the frees that wait',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A driver goes on filling a buffer that it has just freed. The heap frees small chunks together, in a list through the chunks themselves, and follows what stands there by then.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const { traffic, numbers } = run;
    // Nonpaged pool is busy enough for the heap to take what waits.
    const driver = run.driver(oneOf(numbers, [SerialRing, CaptureCard]));
    const { record, block } = waitingRecord(run, driver);
    const { address } = record;
    const data = asciiBytes(sentence(numbers).slice(0, 0x10 + numbers(0x10)));
    run.deed(
      driver.name,
      () => traffic.does(record, 'Update', { data }),
      (writes) => {
        const damage = damageIn(writes, address, address + BigInt(data.length), 'mixed');
        return freedBlockTruth(run, 'use-after-free', { record, block }, damage);
      },
    );
    goOn(run);
  },
};

/** A record whose chunk waits for its free behind another one, so that it holds a link. */
function waitingRecord(run: ScenarioRun, driver: RecordDriver): { record: KeptRecord; block: TrueBlock } {
  for (let tries = 0; tries < mostTries; tries++) {
    const record = run.traffic.create(driver, { bytes: oneOf(run.numbers, waitingSizes) });
    goesOn(!isWatched(run, record), 'a block of special pool is no chunk');
    const block = blockOf(run, record);
    run.traffic.close(record);
    const now = run.machine.pool.blocks().find(({ header }) => header === block.header);
    if (now?.state === 'deferred') return { record, block };
  }
  return stuck(`no chunk of ${driver.name} waits`);
}

/** A record in a chunk that the heap looks at when it is freed. */
function inChunk(run: ScenarioRun, driver: RecordDriver): { record: KeptRecord; block: TrueBlock } {
  const bytes = unkeptSize(run, driver, largeSizes);
  const found = recordBefore(run, driver, ({ block }) => block.allocator === 'vs', [bytes]);
  goesOn(!isWatched(run, found.record), 'a block of special pool is no chunk');
  return found;
}

/** Offset of the byte of a chunk's header that leads to its subsegment. */
const pageByte = 8n;

const flippedChunk: Scenario = {
  name: 'bit-flip-chunk',
  title: 'One bit of a chunk’s header',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A memory module loses a bit of the byte that leads from a chunk to the pages it is in. The heap looks at a page that is not its own when the chunk is freed.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const driver = run.driver(oneOf(run.numbers, [SerialRing, CaptureCard, PathGuard]));
    const { record, block } = inChunk(run, driver);
    const at = blockFront(block) + pageByte;
    const old = run.machine.space.read(at, 1)[0]!;
    // One of the low bits: others may lead to the start of other pages of the same kind, which nobody tells apart.
    const damage = writtenFromOutside(run, at, Uint8Array.of(old ^ (1 << run.numbers(4))), 'bit');
    run.tell(() => ({ kind: 'single-bit-error', culprit: undefined, victims: [victimTruth(block)], damage }));
    goOn(run, record);
  },
};

const strayIntoChunk: Scenario = {
  name: 'stray-write-chunk',
  title: 'A write that hides a chunk',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A driver writes through a pointer that was never set, and hits the header of a chunk that is nowhere near its own. The header of the block behind it is whole.',
  drivers: officeDrivers,
  run(run) {
    run.settle();
    const driver = run.driver(oneOf(run.numbers, [SerialRing, PathGuard]));
    const { record, block } = inChunk(run, driver);
    const at = blockFront(block);
    const pointer = pointerTo(run, at);
    run.deed(
      'capcard',
      () => run.traffic.does(pointer, 'Poke', { data: randomBytes(run.numbers, 0x10) }),
      (writes) => {
        const damage = damageIn(writes, at, at + 0x10n, 'mixed');
        const common = {
          kind: 'stray-write',
          culprit: 'capcard.sys',
          victims: [victimTruth(block)],
        } as const;
        return damage === undefined ? common : { ...common, damage };
      },
    );
    goOn(run, record);
  },
};

/** Frees, writes and flipped bits that meet the structures of a segment heap. */
export const heapFaults: readonly Scenario[] = [
  joined,
  keptTwice,
  whileWaiting,
  flippedChunk,
  strayIntoChunk,
];
