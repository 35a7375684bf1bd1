import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { packReport } from '../../../packages/triage/dist/facts.js';
import {
  listBuckets,
  openDatabase,
  readBucket,
  searchDumps,
  startServer,
} from '../../../packages/triage/dist/index.js';
import { countDays } from '../../../packages/triage/dist/store/buckets.js';
import { recordResults } from '../../../packages/triage/dist/store/record.js';
import { median } from '../measure.mjs';
import { program } from './run.mjs';

const suspectsProcess = { script: program, args: ['suspects-worker'] };
const machines = 20_000;
const kinds = ['pool-overrun', 'use-after-free', 'double-free', 'not-pool', 'unknown'];

/** Buckets are of very different sizes: the n-th has about 1/n of the first. */
const bucketOf = (number) => Math.floor(1900 ** (((number * 7919) % 99_991) / 99_991));

function resultOf(number) {
  const machine = (number * 31) % machines;
  const bucket = bucketOf(number);
  const kind = kinds[bucket % kinds.length];
  const drivers = Array.from({ length: 130 }, (_, each) => ({
    module: `driver${(each * 7 + (machine % 40) * (each % 3)) % 400}.sys`,
    version: `5f00000${machine % 4}-${(0x1000 + each).toString(16)}`,
  }));
  const suspect = `driver${bucket % 400}.sys`;
  const time = new Date(Date.UTC(2026, 0, 1) + number * 86_400).toISOString();
  const facts = {
    ...{ signature: `BAD_POOL_HEADER|${kind}|bucket-${bucket}`, kind, confidence: 0.8 },
    ...{ summary: `${suspect} wrote too much`, bugcheck: '0x19', bugcheckName: 'BAD_POOL_HEADER' },
    ...{
      build: 19_041 + (machine % 5),
      arch: 'x64',
      format: 'triage',
      crashTime: time,
      tag: `T${bucket % 90}`,
    },
    ...{ suspect, drivers, machine: `drivers-${machine}` },
    hints: {
      suspects: number % 3 === 0 ? [{ module: suspect, score: 0.7 }] : [],
      tags: [`T${bucket % 90}`],
      payload: null,
    },
  };
  const sha256 = createHash('sha256').update(`dump ${number}`).digest('hex');
  return {
    dump: { sha256, bytes: 262_144 },
    analyzer: 'bench',
    attempts: 1,
    machine: { name: `pc-${machine}`, by: 'given' },
    outcome: { state: 'analyzed', facts, body, milliseconds: 30 },
  };
}

/** Pages read it one at a time: one for all is as good. */
const body = packReport({
  report: { verdict: {} },
  signatureParts: [],
  signatureInput: { stack: [], verdict: {} },
});

async function fill(db, count) {
  const atOnce = 500;
  for (let at = 0; at < count; at += atOnce) {
    const length = Math.min(atOnce, count - at);
    await recordResults(
      db,
      Array.from({ length }, (_, index) => resultOf(at + index)),
    );
  }
}

async function medianOf(rounds, work) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work(round);
    times.push(performance.now() - start);
  }
  return median(times);
}

export async function pages({ folder, record, results }) {
  const store = await openDatabase(join(folder, 'pages.sqlite'));
  const { db } = store;
  const start = performance.now();
  await fill(db, results);
  const thousands = `${results / 1000},000 results`;
  record(
    `results recorded a second, up to ${thousands}`,
    (1000 * results) / (performance.now() - start),
    '1/s',
    '',
  );
  const { total, buckets } = await listBuckets(db);
  console.log(`  ${total} buckets, the largest of ${buckets[0].count}; ${store.library}`);
  const list = await medianOf(9, () => listBuckets(db));
  record(`queries of the page of buckets, ${thousands}`, list, 'ms', '< 50', list < 50);
  const last = await medianOf(5, () => listBuckets(db, { offset: Math.max(0, total - 100) }));
  record('the same of its last page', last, 'ms', '< 50', last < 50);
  const days = await medianOf(5, () => countDays(db));
  record('crashes by bucket and day', days, 'ms', '');
  const none = { bucket: async () => null };
  const one = await medianOf(5, () => readBucket(db, none, buckets[0].id));
  record('queries of the largest bucket', one, 'ms', '');
  const search = await medianOf(3, () => searchDumps(db, { text: 'driver7 overrun' }));
  record('a search of words over all of them', search, 'ms', '');
  await whileComputing(store, record);
  await store.close();
}

/** What the server answers while suspects are computed beside it. */
async function whileComputing(store, record) {
  const server = await startServer(store.db, { host: '127.0.0.1', port: 0, suspects: suspectsProcess });
  const start = performance.now();
  let isReady = false;
  const compute = async () => {
    await (await fetch(`${server.url}/api/suspects`)).arrayBuffer();
    isReady = true;
  };
  const ready = compute();
  const times = [];
  while (!isReady) {
    const asked = performance.now();
    await (await fetch(`${server.url}/api/buckets?limit=20`)).arrayBuffer();
    times.push(performance.now() - asked);
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  await ready;
  const longest = Math.max(...times);
  record('suspects of all of them, in a process of their own', (performance.now() - start) / 1000, 's', '');
  record('answers of the server meanwhile: median', median(times), 'ms', '');
  record('answers of the server meanwhile: longest', longest, 'ms', '< 1000', longest < 1000);
  await server.close();
}
