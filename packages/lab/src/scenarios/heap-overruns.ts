import { asciiBytes } from '../bytes/integers.ts';
import {
  hostName,
  NetWatch,
  parsedOption,
  type RecordDriver,
  SerialRing,
  sentence,
} from '../drivers/index.ts';
import { crowd } from './freed-records.ts';
import { type OverrunStory, overrunScenario, roomFrom } from './overrun-story.ts';
import type { Neighbours, WantedNeighbours } from './phases.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** Bytes of a chunk's header. */
const chunkHeader = 0x10;
/** Requests that a segment heap serves from chunks of any size. */
const chunkSizes = [0x228, 0x2a8, 0x368, 0x4e8] as const;
const slotSizes = [0x68, 0xa8, 0x128] as const;

const betweenChunks: WantedNeighbours = ({ block, next, owner }) =>
  owner !== undefined && block.allocator === 'vs' && next.allocator === 'vs';

const beforeFreeChunk: WantedNeighbours = ({ block, next }) =>
  block.allocator === 'vs' && next.state === 'free' && next.size > 0x40;

/** The neighbour in the same pages is a record of another driver, which begins with a pointer. */
const besidePointer: WantedNeighbours = ({ record, block, owner }) =>
  block.allocator === 'lfh' &&
  owner !== undefined &&
  owner.driver !== record.driver &&
  owner.driver.hasPointers;

const intoChunkHeader: OverrunStory = {
  name: 'chunk-overrun',
  title: 'A name that ends in the header of a chunk',
  difficulty: 'medium',
  pool: 'heap',
  story:
    'A filter of the network copies the name of a host out of a packet, up to its NUL, and a few letters too many. They hide the header that the heap keeps in front of the next block, whose own header is whole.',
  driver: NetWatch,
  pattern: 'text',
  behind: betweenChunks,
  bytes: chunkSizes,
  operation: 'ParseHost',
  input({ numbers }, found) {
    const number = 0x10 + 8 * numbers(4);
    // With its NUL the text ends where the header does at the latest.
    const length = roomFrom(found, number) + 9 + numbers(chunkHeader - 9);
    return { number, data: asciiBytes(hostName(numbers, length).slice(0, length), true) };
  },
};

const intoFreeChunk: OverrunStory = {
  name: 'chunk-overrun-free',
  title: 'Options in the tree of free chunks',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A filter of the network writes options behind its record, where the chunk is free. The heap keeps a node of its tree there, and stops when somebody takes memory or gives it back.',
  driver: NetWatch,
  pattern: 'mixed',
  behind: beforeFreeChunk,
  bytes: chunkSizes,
  operation: 'Update',
  input({ numbers }, found) {
    const data = new Uint8Array(0x40 + NetWatch.optionBytes * numbers(3));
    for (let at = 0; at < data.length; at += NetWatch.optionBytes) data.set(parsedOption(numbers), at);
    return { number: roomFrom(found, 0) - data.length + 0x20, data };
  },
  after: takeAllSizes,
};

/** A request of each size in turn: one after the other comes by each free chunk. */
function takeAllSizes({ traffic }: ScenarioRun, { record }: Neighbours): void {
  const slot = traffic.freeSlot(record.driver);
  for (let number = 0xfc0; number >= 0x20; number -= 0x10)
    traffic.send(record.driver, 'Open', slot, { number });
}

const intoSlot: OverrunStory = {
  name: 'slot-overrun',
  title: 'A line in the record of another driver',
  difficulty: 'hard',
  pool: 'heap',
  story:
    'A driver of serial ports appends a line to a ring that is full. Blocks of one size lie side by side, with nothing of the heap between them: the letters are in the record of another driver, which follows its first pointer.',
  driver: SerialRing,
  pattern: 'text',
  behind: besidePointer,
  bytes: slotSizes,
  // Records of both drivers share the pages of their size.
  before: (run) => {
    for (const bytes of slotSizes)
      for (const kind of [SerialRing, NetWatch] satisfies (new () => RecordDriver)[])
        crowd(run, run.driver(kind), bytes);
  },
  operation: 'Append',
  input({ numbers }, found) {
    const line = asciiBytes((sentence(numbers) + sentence(numbers)).slice(0, 0x30 + numbers(0x10)), true);
    return { number: roomFrom(found, 0) - 0x10, data: line };
  },
  after: ({ traffic }, { owner }) => {
    if (owner !== undefined && traffic.records.includes(owner)) traffic.does(owner, 'Follow');
  },
};

/** Writes past the end of a block on machines whose pool is a segment heap. */
export const heapOverruns: readonly Scenario[] = [intoChunkHeader, intoFreeChunk, intoSlot].map(
  overrunScenario,
);
