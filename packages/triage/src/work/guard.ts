import { Worker } from 'node:worker_threads';

/**
 * Watches this process from a thread of its own, since a dump may hold up the main one: ends it when the parent is gone and
 * when it takes more memory than `limit` bytes. The limits of V8 do not count the memory of buffers.
 */
export function startGuard(limit: number): void {
  const worker = new Worker(guardText, { eval: true, workerData: { limit, parent: process.ppid } });
  worker.unref();
}

/** What the parent finds at the end of stderr. */
export const memoryMark = 'poolscope-guard: memory';

/** Text, so that bundles need no file for it. */
const guardText = `
const { workerData: { limit, parent } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  const used = process.memoryUsage.rss();
  if (used <= limit) return;
  try { writeSync(2, '${memoryMark} ' + used + '\\n'); } catch {}
  process.kill(process.pid, 'SIGKILL');
}, 200);
`;
