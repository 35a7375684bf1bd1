import { asciiBytes, utf16Bytes } from '../bytes/integers.ts';
import { devicePath, hostName, NetWatch, PathGuard, SerialRing } from '../drivers/index.ts';
import { type OverrunStory, overrunScenario, roomFrom } from './overrun-story.ts';
import type { Scenario } from './scenario.ts';

const byHostName: OverrunStory = {
  name: 'overrun-hostname',
  pool: 'any',
  title: 'A name of a host without an end',
  difficulty: 'easy',
  story:
    'A filter of the network copies the name of a host out of a packet, up to its NUL. Whoever owns the memory behind it stumbles over the rest.',
  driver: NetWatch,
  pattern: 'text',
  operation: 'ParseHost',
  input({ numbers }, found) {
    const number = 0x10 + 8 * numbers(4);
    const length = roomFrom(found, number) + 2 + numbers(0x2e);
    return { number, data: asciiBytes(hostName(numbers, length).slice(0, length), true) };
  },
};

const byPath: OverrunStory = {
  name: 'overrun-utf16',
  pool: 'any',
  title: 'Characters taken for bytes',
  difficulty: 'medium',
  story:
    'A scanner of files makes room for as many bytes as a path has characters. The second half of the path lies in blocks of others.',
  driver: PathGuard,
  pattern: 'utf-16',
  operation: 'SetPath',
  input({ numbers }, found) {
    const length = roomFrom(found, 0) / 2 + 1 + numbers(0x18);
    const path = devicePath(numbers, 2 * length).slice(0, length);
    return { number: 0, data: utf16Bytes(path, true) };
  },
};

const byNul: OverrunStory = {
  name: 'overrun-nul',
  title: 'No room for the NUL',
  difficulty: 'hard',
  story:
    'A driver of serial ports closes a line with a NUL, one byte behind its buffer when the line fills it. One byte of the next header is zero.',
  driver: SerialRing,
  pattern: 'zeros',
  operation: 'Terminate',
  input: (_run, { record }) => ({ number: record.bytes }),
};

export const overrunTexts: readonly Scenario[] = [byHostName, byPath, byNul].map(overrunScenario);
