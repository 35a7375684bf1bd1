import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/**
 * A lock between processes: a directory named `lock` with a file that says who holds it.
 * It is taken, stolen and given up by renaming whole directories, so that it is never seen half made,
 * and the holder refreshes its time, so that a holder that was killed is noticed.
 */
const heartbeatMs = 2_000;
const staleAfterMs = 30_000;
const litterAfterMs = 600_000;

/**
 * Does `work` while no other process holds the lock of `folder`.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once when somebody else holds it
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, onWait) {
  const release = await acquire(folder, onWait);
  const stopListening = releaseOnSignals(release);
  try {
    return await work();
  } finally {
    stopListening();
    release();
  }
}

/**
 * @param {string} folder
 * @param {(() => void) | undefined} onWait
 */
async function acquire(folder, onWait) {
  const token = randomUUID();
  const claim = join(folder, `claim-${token}`);
  const lock = join(folder, 'lock');
  mkdirSync(claim, { recursive: true });
  writeFileSync(join(claim, 'owner'), JSON.stringify({ token, pid: process.pid, host: hostname() }));
  let told = false;
  while (!rename(claim, lock)) {
    if (!told && onWait !== undefined) onWait();
    told = true;
    if (!steal(folder)) await new Promise((resolve) => setTimeout(resolve, 100));
    touch(claim);
  }
  sweep(folder);
  const heartbeat = setInterval(() => touch(lock), heartbeatMs);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    const done = join(folder, `done-${token}`);
    if (ownerOf(lock)?.token === token && rename(lock, done)) rmSync(done, { recursive: true, force: true });
  };
}

/**
 * Who holds a lock; undefined when it was given up a moment ago.
 * @param {string} lock
 * @returns {{ token: string, pid: number, host: string } | undefined}
 */
function ownerOf(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Moves a lock away whose holder is gone. The new name is the holder's own and stays in place for a while:
 * of two processes that saw the same dead holder only one can succeed, and neither can move a newer lock.
 * @param {string} folder
 */
function steal(folder) {
  const lock = join(folder, 'lock');
  const owner = ownerOf(lock);
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (owner === undefined || stat === undefined) return false;
  const dead = Date.now() - stat.mtimeMs > staleAfterMs || (owner.host === hostname() && !isAlive(owner.pid));
  const grave = join(folder, `stale-${owner.token}`);
  if (!dead || !rename(lock, grave)) return false;
  touch(grave);
  return true;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Renames a directory; false when the target is taken, or the source is gone.
 * @param {string} from
 * @param {string} to
 */
function rename(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES', 'ENOENT'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** @param {string} path */
function touch(path) {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // gone: stolen while this process was stopped for long
  }
}

/**
 * Removes what killed processes left behind.
 * @param {string} folder
 */
function sweep(folder) {
  for (const name of readdirSync(folder)) {
    if (!/^(claim|stale|done)-/.test(name)) continue;
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs > litterAfterMs)
      rmSync(path, { recursive: true, force: true });
  }
}

/** @param {() => void} release */
function releaseOnSignals(release) {
  const signals = /** @type {const} */ ({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 });
  const handlers = Object.entries(signals).map(([signal, number]) => {
    const handler = () => {
      release();
      process.exit(128 + number);
    };
    process.once(signal, handler);
    return () => process.removeListener(signal, handler);
  });
  return () => handlers.forEach((remove) => remove());
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? String(error.code) : '');
