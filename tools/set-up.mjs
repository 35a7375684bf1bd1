import './node-version.mjs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as buildAll } from './build.mjs';
import { withLock } from './lock.mjs';
import { root, run } from './run.mjs';
import { buildKey, installKey, isBuilt, isInstalled, readStamp, writeStamp } from './stamp.mjs';

/**
 * Makes a fresh clone usable: installs dependencies and builds, each only when something it depends on
 * has changed. Quiet when nothing is to do; progress and errors go to stderr.
 */

/**
 * @typedef {object} Step
 * @property {string} stamp file that holds the key of the last success
 * @property {() => string} key what the result depends on
 * @property {() => boolean} exists is the result there?
 * @property {string} progress
 * @property {() => Promise<{ code: number, output: string }>} work
 * @property {string} remedy what to do when it fails
 */

/** @type {Step} */
const install = {
  stamp: join(root, 'node_modules', '.poolscope-stamp'),
  key: () => installKey(root),
  exists: () => isInstalled(root),
  progress: 'installing dependencies (about half a minute) ...',
  work: npmCi,
  remedy: 'npm could not install the dependencies: check the network and run the same command again.',
};

/** @type {Step} */
const build = {
  stamp: join(root, '.stamp', 'build'),
  key: () => buildKey(root),
  exists: () => isBuilt(root),
  progress: 'building ...',
  work: buildAll,
  remedy: 'the build failed: correct the errors above and run the same command again.',
};

/**
 * Sets up; true when everything is in place. What failed has been said on stderr.
 * @param {{ build?: boolean }} [options] `build: false` leaves building to the caller
 */
export async function setUp(options = {}) {
  const steps = options.build === false ? [install] : [install, build];
  if (steps.every(isFresh)) return true;
  return withLock(
    join(root, '.stamp'),
    () => doStale(steps),
    () => say('waiting for another set-up to finish ...'),
  );
}

/** @param {readonly Step[]} steps */
async function doStale(steps) {
  for (const step of steps) {
    if (isFresh(step) || adopt(step)) continue;
    say(step.progress);
    const key = step.key();
    const { code, output } = await step.work();
    if (code !== 0) {
      process.stderr.write(output);
      say(step.remedy);
      return false;
    }
    writeStamp(step.stamp, key);
  }
  return true;
}

/** @param {Step} step */
const isFresh = (step) => step.exists() && readStamp(step.stamp) === step.key();

/**
 * Accepts the dependencies that a plain `npm ci` installed.
 * @param {Step} step
 */
function adopt(step) {
  if (step !== install || readStamp(step.stamp) !== '' || !step.exists()) return false;
  writeStamp(step.stamp, step.key());
  return true;
}

/** npm as the one that runs us, or the one on the path; on Windows that one is a script for the shell. */
function npmCi() {
  const npm = process.env['npm_execpath'] ?? '';
  if (/[/\\]npm-cli\.c?js$/.test(npm)) return run(process.execPath, [npm, 'ci']);
  return run('npm', ['ci'], { shell: process.platform === 'win32' });
}

/** @param {string} line */
const say = (line) => process.stderr.write(`${line}\n`);

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = (await setUp()) ? 0 : 1;
}
