import { availableParallelism } from 'node:os';

/**
 * @typedef {object} StepResult
 * @property {number} code 0 when it passed
 * @property {string} output shown when it failed
 * @property {number} [passed] tests, where a step is made of tests
 * @property {number} [failed]
 * @property {number} [skipped]
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} [after] a step that has to end first, well or not
 * @property {() => Promise<StepResult>} work
 */

/**
 * Runs steps, a few at a time, and prints a line for each that ends, the output of those that failed,
 * and a closing line `N passed, N failed` where each step counts as one and a step made of tests as its tests.
 * @param {readonly Step[]} steps
 * @param {(line: string) => void} print
 * @returns {Promise<number>} exit code
 */
export async function runSteps(steps, print) {
  /** @type {Map<string, StepResult>} */
  const results = new Map();
  const names = new Set(steps.map((step) => step.name));
  /** @type {Map<string, Promise<void>>} */
  const ends = new Map();
  const slot = slots(Math.min(4, Math.max(2, availableParallelism())));
  for (const step of steps) {
    const before = step.after !== undefined && names.has(step.after) ? ends.get(step.after) : undefined;
    ends.set(
      step.name,
      (before ?? Promise.resolve()).then(() => slot(() => runStep(step, results, print))),
    );
  }
  await Promise.all(ends.values());
  return summarize(results, print);
}

/**
 * Runs at most `count` jobs at once, the others in the order in which they came.
 * @param {number} count
 * @returns {(job: () => Promise<void>) => Promise<void>}
 */
function slots(count) {
  let free = count;
  /** @type {(() => void)[]} */
  const waiting = [];
  return async (job) => {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(() => resolve(undefined)));
    try {
      await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

/**
 * @param {Step} step
 * @param {Map<string, StepResult>} results
 * @param {(line: string) => void} print
 */
async function runStep(step, results, print) {
  const start = performance.now();
  const result = await step.work().catch((error) => ({ code: 1, output: String(error?.stack ?? error) }));
  results.set(step.name, result);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { passed, failed, skipped } = /** @type {StepResult} */ (result);
  const tests = passed === undefined ? '' : `  ${passed} passed, ${failed} failed, ${skipped} skipped`;
  print(`${result.code === 0 ? 'ok  ' : 'FAIL'}  ${step.name.padEnd(12)} ${seconds.padStart(6)} s${tests}`);
  if (result.code !== 0) print(result.output.trimEnd().replaceAll(/^/gm, '      '));
}

/**
 * @param {Map<string, StepResult>} results
 * @param {(line: string) => void} print
 */
function summarize(results, print) {
  const bad = [...results].filter(([, result]) => result.code !== 0);
  let passed = 0;
  let failed = 0;
  for (const result of results.values()) {
    passed += result.passed ?? (result.code === 0 ? 1 : 0);
    failed += result.code === 0 ? 0 : Math.max(1, result.failed ?? 1);
  }
  print('');
  if (bad.length > 0) print(`failed: ${bad.map(([name]) => name).join(', ')}`);
  print(`${passed} passed, ${failed} failed`);
  return bad.length === 0 ? 0 : 1;
}
