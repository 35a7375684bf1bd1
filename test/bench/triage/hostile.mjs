import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../../packages/triage/dist/index.js';
import { countAnew } from '../../../packages/triage/dist/store/tallies.js';
import { mutate } from '../../fuzz/mutate.mjs';
import { Random } from '../../fuzz/random.mjs';
import { median } from '../measure.mjs';
import { smallDumps, variant } from './dumps.mjs';
import { isLinux, watchTriage } from './run.mjs';

/** Dumps that were changed at random, one of ten left whole. Returns the hashes of all. */
function writeHostile(folder, count) {
  const corpus = smallDumps();
  const random = new Random(1);
  const material = { random, corpus, dictionary: [], maxLength: 1 << 20 };
  const hashes = new Set();
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < count; number++) {
    const whole = variant(corpus[number % corpus.length], number);
    const bytes = number % 10 === 0 ? whole : mutate(mutate(whole, material), material);
    hashes.add(createHash('sha256').update(bytes).digest('hex'));
    writeFileSync(join(folder, `${number}.dmp`), bytes);
  }
  return hashes;
}

export async function hostile({ folder, record, files }) {
  const dumps = join(folder, 'hostile');
  const place = `${dumps}.sqlite`;
  const hashes = writeHostile(dumps, files);
  const start = performance.now();
  const { status, stderr, samples } = await watchTriage(
    [dumps, '--db', place, '--workers', '2', '--time-limit', '30'],
    (text) => process.stdout.write(text),
  );
  const seconds = (performance.now() - start) / 1000;
  if (status !== 1 && status !== 0) throw new Error(`triage ended with ${status}: ${stderr.slice(-2000)}`);
  const store = await openDatabase(place);
  const rows = await store.db.selectFrom('results').select(['sha256', 'state', 'reason_code']).execute();
  const sources = await store.db.selectFrom('sources').select('sha256').execute();
  const tallies = await store.db.selectFrom('tallies').selectAll().execute();
  const counted = await countAnew(store.db);
  await store.close();
  const found = new Set(rows.map(({ sha256 }) => sha256));
  const missing = [...hashes].filter((sha256) => !found.has(sha256)).length;
  record(`${files} hostile files: files noted`, sources.length, '', `= ${files}`, sources.length === files);
  record('different dumps without a result', missing, '', '= 0', missing === 0);
  record('results too many', rows.length - hashes.size, '', '= 0', rows.length === hashes.size);
  const isRight = JSON.stringify(sorted(tallies)) === JSON.stringify(sorted(counted));
  record('counts of buckets that differ from those counted anew', isRight ? 0 : 1, '', '= 0', isRight);
  const lost = rows.filter(({ state }) => state === 'failed');
  record('dumps that ended, hung or overfilled their process', lost.length, '', '');
  for (const { sha256, reason_code: code } of lost.slice(0, 5)) console.log(`    ${code} ${sha256}`);
  record('files a second, wall clock', files / seconds, '1/s', '');
  if (isLinux) memoryGrowth(samples, record);
}

const sorted = (rows) => rows.map(({ bucket, facet, value, n }) => `${bucket} ${facet} ${value} ${n}`).sort();

/** The last tenth of the run against its second tenth, when all is loaded. */
function memoryGrowth(samples, record) {
  const tenth = Math.floor(samples.length / 10);
  if (tenth < 3) return;
  for (const [who, name] of [
    ['parent', 'the parent'],
    ['worker', 'the larger worker'],
  ]) {
    const of = (from) => median(samples.slice(from, from + tenth).map((each) => each[who]));
    const [early, late] = [of(tenth), of(samples.length - tenth)];
    record(`memory of ${name}, second tenth of the run`, early, 'MB', '');
    record(`memory of ${name}, last tenth`, late, 'MB', '<= 1.25 x', late <= 1.25 * early + 16);
  }
}
