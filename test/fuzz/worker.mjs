import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './loop.mjs';
import { runOnce } from './runner.mjs';

/**
 * The loop in a thread of its own, where it can be stopped in the middle of a run. Each input is written to shared
 * memory before its run: after a hang or a lack of memory it is still there.
 */

/** @typedef {import('./watch.mjs').Job} Job */

const { file, seed, iterations, seconds, replay, shared } = /** @type {Job} */ (workerData);
const progress = new Int32Array(shared, 0, 2);
const current = new Uint8Array(shared, 8);
const target = /** @type {import('./runner.mjs').Target} */ (await import(file));

/** @param {Uint8Array} bytes */
function onRun(bytes) {
  current.set(bytes.subarray(0, current.length));
  progress[1] = Math.min(bytes.length, current.length);
  Atomics.add(progress, 0, 1);
}

/** @param {unknown} message */
const post = (message) => parentPort?.postMessage(message);

for (const bytes of replay) {
  onRun(bytes);
  const find = await runOnce(target, bytes.slice());
  if (find !== undefined) post({ find: { ...find, key: `replay ${replay.indexOf(bytes)}` } });
}
const limit = seconds === undefined ? { iterations: iterations ?? target.iterations ?? 20_000 } : { seconds };
const result = await fuzz(target, { seed, ...limit, onRun, onFind: (find) => post({ find }) });
post({ result });
