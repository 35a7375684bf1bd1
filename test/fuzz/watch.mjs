import { Worker } from 'node:worker_threads';

/** @typedef {import('./runner.mjs').Find} Find */

/**
 * @typedef {object} Job
 * @property {string} file URL of the target
 * @property {number} seed
 * @property {number} [iterations]
 * @property {number} [seconds]
 * @property {readonly Uint8Array[]} replay inputs to run before anything else
 * @property {SharedArrayBuffer} shared number of the run (i32), length of its input (i32), its bytes
 */

/**
 * @typedef {object} Outcome
 * @property {Find[]} finds
 * @property {{ runs: number, points: number, kept: number } | undefined} result undefined when the loop was cut short
 */

/** Inputs longer than this are cut in the report of a hang. */
const longestInput = 16 << 20;
const lookMs = 250;

/**
 * Runs the loop of one target in a worker and ends it when a run does not, or when the heap is full.
 * @param {Omit<Job, 'shared'>} job
 * @param {{ hangSeconds?: number, heapMegabytes?: number }} [limits] of a single run, and of all
 * @returns {Promise<Outcome>}
 */
export function watch(job, { hangSeconds = 20, heapMegabytes = 512 } = {}) {
  const shared = new SharedArrayBuffer(8 + longestInput);
  /** @type {Map<string, Find>} */
  const finds = new Map();
  /** @type {Outcome['result']} */
  let result;
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: { ...job, shared },
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  const alarm = watchProgress(shared, hangSeconds, (find) => {
    finds.set(find.key, find);
    void worker.terminate();
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (message) => {
      if (message.find !== undefined) finds.set(message.find.key, message.find);
      if (message.result !== undefined) result = message.result;
    });
    worker.on('error', (error) => {
      if (!('code' in error) || error.code !== 'ERR_WORKER_OUT_OF_MEMORY') reject(error);
      else
        finds.set('memory', {
          kind: 'memory',
          key: 'memory',
          message: 'out of memory',
          bytes: inputOf(shared),
        });
    });
    worker.on('exit', () => {
      clearInterval(alarm);
      resolve({ finds: [...finds.values()], result });
    });
  });
}

/**
 * Looks whether the number of the run still changes.
 * @param {SharedArrayBuffer} shared
 * @param {number} hangSeconds
 * @param {(find: Find) => void} onHang
 */
function watchProgress(shared, hangSeconds, onHang) {
  const progress = new Int32Array(shared, 0, 2);
  let run = 0;
  let looks = 0;
  return setInterval(() => {
    const now = Atomics.load(progress, 0);
    looks = now === run ? looks + 1 : 0;
    run = now;
    if (run === 0 || looks * lookMs < hangSeconds * 1000) return;
    const message = `no end after ${hangSeconds} seconds`;
    onHang({ kind: 'hang', key: 'hang', message, bytes: inputOf(shared) });
  }, lookMs);
}

/** @param {SharedArrayBuffer} shared */
const inputOf = (shared) => new Uint8Array(shared, 8, new Int32Array(shared)[1] ?? 0).slice();
