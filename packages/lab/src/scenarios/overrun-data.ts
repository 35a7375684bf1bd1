import { NetWatch, oneOf, PathGuard, parsedOption, SerialRing, VolMirror } from '../drivers/index.ts';
import { type OverrunStory, overrunScenario, roomFrom } from './overrun-story.ts';
import { blockEnd, isFree, ofAnotherDriver } from './phases.ts';
import type { Scenario } from './scenario.ts';

const page = 0x1000n;

const byStructure: OverrunStory = {
  name: 'overrun-structure',
  pool: 'any',
  title: 'A structure of a newer version',
  difficulty: 'medium',
  story:
    'A filter of storage copies its state, full of pointers, into a context that was laid out for an older one. The last pointers lie on the next block.',
  driver: VolMirror,
  pattern: 'pointers',
  operation: 'SaveState',
  behind: ({ owner, record }) => owner !== undefined && owner !== record,
  input: ({ numbers }, found) => ({
    number: roomFrom(found, 0) - 8 * (1 + numbers(VolMirror.stateBytes / 8 - 3)),
  }),
};

const byElement: OverrunStory = {
  name: 'overrun-element',
  pool: 'any',
  title: 'One element too many',
  difficulty: 'medium',
  story:
    'A filter of the network keeps the options of a packet in an array, and compares its count with the wrong sign. One element more than there is room for replaces the next header.',
  driver: NetWatch,
  pattern: 'mixed',
  operation: 'AddOption',
  bytes: [0x70, 0xb0, 0x130, 0x2d0, 0x4f0],
  input: ({ numbers }, { record }) => ({ number: record.bytes, data: parsedOption(numbers) }),
};

const byZeros: OverrunStory = {
  name: 'overrun-zeros',
  pool: 'any',
  title: 'Zeros for the wrong structure',
  difficulty: 'medium',
  story:
    'A filter of storage clears a context with the size of another structure. A header of zeros looks like a free block without a size.',
  driver: VolMirror,
  pattern: 'zeros',
  operation: 'Reset',
  behind: ({ owner, record }) => owner !== undefined && owner !== record,
  input: ({ numbers }, found) => ({ number: roomFrom(found, 0) + 8 * (1 + numbers(8)) }),
};

const byFill: OverrunStory = {
  name: 'overrun-last-byte',
  title: 'Up to and with the last',
  difficulty: 'hard',
  story:
    'A driver of serial ports fills its ring up to and with the number of its bytes. The one byte too many is the first of the next header.',
  driver: SerialRing,
  pattern: 'fill',
  operation: 'Fill',
  input({ numbers }, { record, block }) {
    const bytes = [0x2a, 0xff, 0x20, 0x7e].filter((byte) => byte !== block.size / 0x10);
    return { number: record.bytes, data: Uint8Array.of(oneOf(numbers, bytes), ...new Uint8Array(7)) };
  },
};

const farOut: OverrunStory = {
  name: 'overrun-far',
  pool: 'any',
  title: 'A run without an end',
  difficulty: 'easy',
  story:
    'A scanner of files unpacks a run whose length comes from the file. It goes over several blocks, and any of their owners may be the first to notice.',
  driver: PathGuard,
  pattern: 'fill',
  operation: 'Decode',
  behind: (found) => ofAnotherDriver(found) && page - (blockEnd(found.block) % page) > 0x300n,
  input({ numbers }, found) {
    const rest = Number(page - (blockEnd(found.block) % page));
    const length = found.next.size + 0x20 + numbers(rest - found.next.size - 0x20);
    return {
      number: roomFrom(found, 0) + Math.min(length, rest),
      data: Uint8Array.of(oneOf(numbers, [0x41, 0x90, 0xcc, 0x5a]), ...new Uint8Array(7)),
    };
  },
};

const intoFree: OverrunStory = {
  name: 'overrun-into-free',
  title: 'Into memory that nobody has',
  difficulty: 'medium',
  story:
    'A filter of the network writes options behind its record, where the block is free. Nobody is hurt until memory is taken from the list that the block is in.',
  driver: NetWatch,
  pattern: 'mixed',
  operation: 'Update',
  behind: isFree,
  input({ numbers }, found) {
    const data = new Uint8Array(0x40 + NetWatch.optionBytes * numbers(3));
    for (let at = 0; at < data.length; at += NetWatch.optionBytes) data.set(parsedOption(numbers), at);
    return { number: roomFrom(found, 0) - data.length + 0x20, data };
  },
};

export const overrunData: readonly Scenario[] = [
  byStructure,
  byElement,
  byZeros,
  byFill,
  farOut,
  intoFree,
].map(overrunScenario);
