import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpBytes, playScenario, scenarios } from '@poolscope/lab';
import { openDatabase } from '@poolscope/triage';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPoolscope } from '../cli/run-poolscope.ts';
import { mutate } from '../fuzz/mutate.mjs';
import { Random } from '../fuzz/random.mjs';
import { contentOf, temporaryFolder } from './stores.ts';

/** `node test/bench/triage/main.mjs hostile` does the same with 10,000. */
const count = 80;

const folder = temporaryFolder();
const [dumps, db] = [join(folder.path, 'dumps'), join(folder.path, 'x.sqlite')];
const hashes = new Set<string>();
afterAll(() => folder.remove());

beforeAll(() => {
  const story = scenarios.find(({ name }) => name === 'double-free')!;
  const dump = dumpBytes(playScenario(story, { seed: 1 }), { type: 'triage' });
  const random = new Random(7);
  const material = { random, corpus: [dump], dictionary: [], maxLength: 1 << 20 };
  mkdirSync(dumps);
  for (let number = 0; number < count; number++) {
    let bytes: Uint8Array = dump;
    for (let times = number % 12; times > 0; times--) bytes = mutate(bytes, material);
    if (number % 9 === 8) bytes = bytes.slice(0, random.below(bytes.length));
    hashes.add(createHash('sha256').update(bytes).digest('hex'));
    writeFileSync(join(dumps, `${number}.dmp`), bytes);
  }
}, 60_000);

it('gives every one of many damaged files one result', async () => {
  const { code, stderr } = runPoolscope([
    'triage',
    dumps,
    '--db',
    db,
    '--workers',
    '2',
    '--time-limit',
    '60',
  ]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${count} files`)]);
  const store = await openDatabase(db);
  const content = (await contentOf(store)) as Record<string, { sha256: string; state: string }[]>;
  await store.close();
  expect(content['sources']).toHaveLength(count);
  expect(content['results']!.map(({ sha256 }) => sha256).sort()).toEqual([...hashes].sort());
  expect(content['tallies']).toEqual(content['counted']);
  const states = new Set(content['results']!.map(({ state }) => state));
  expect([...states].sort()).toEqual(['analyzed', 'refused']);
}, 60_000);
