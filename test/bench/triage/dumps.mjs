import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios } from '../../../packages/lab/dist/index.js';

const stories = [
  'overrun-text',
  'double-free',
  'use-after-free-reused',
  'overrun-last-byte',
  'healthy-worker',
];

/** Small dumps of the lab, one a story. */
export const smallDumps = () =>
  stories.map((name, seed) => {
    const story = scenarios.find((each) => each.name === name);
    return dumpBytes(playScenario(story, { seed: seed + 1 }), { type: 'triage' });
  });

/**
 * The same dump as another one: its last bytes are not looked at.
 * @param {Uint8Array} dump
 * @param {number} number
 */
export function variant(dump, number) {
  const bytes = dump.slice();
  new DataView(bytes.buffer).setUint32(bytes.length - 4, number, true);
  return bytes;
}

/**
 * Writes so many different dumps.
 * @param {string} folder
 * @param {number} count
 */
export function writeDumps(folder, count) {
  const dumps = smallDumps();
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < count; number++) {
    writeFileSync(join(folder, `${number}.dmp`), variant(dumps[number % dumps.length], number));
  }
}
